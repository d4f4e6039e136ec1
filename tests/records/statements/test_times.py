"""Times to the instant, with how exactly they are told, or the reason why not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.kernel.clock import SHANGHAI, from_micros, micros
from fanzha.records.statements.columns import Column, read_times
from fanzha.records.statements.rows import Precision
from fanzha.records.statements.times import read_time, step_time
from tests.records.statements.desk import WORDS

AT = datetime(2024, 1, 2, 9, 30, 5, tzinfo=SHANGHAI)


def told(text: str, order: str = "mdy", clock_digits: int = 6) -> tuple[datetime, Precision]:
    found = read_time(text, WORDS, order, clock_digits)
    assert isinstance(found, tuple), found
    return from_micros(found[0]), found[1]


@pytest.mark.parametrize(
    "text",
    [
        "20240102093005",
        "2024-01-02 09:30:05",
        "2024-1-2 9:30:05",
        "2024/1/2 9:30:05",
        "2024/01/02  09:30:05",
        "2024.01.02 09:30:05",
        "2024年1月2日 9时30分5秒",
        "2024年01月02日09时30分05秒",
        "2024年1月2日 上午9:30:05",
        "2024-01-02T09:30:05",
        "2024-01-02T01:30:05Z",
        "2024-01-02T09:30:05+08:00",
        "2024-01-02T10:30:05+0900",
        "2024-01-02-09.30.05",
        "2024-01-02-09.30.05.000000",
        "2024-01-02 09:30:05.0",
        "20240102 093005",
        "20240102 93005",
        "20240102 09:30:05",
        "2024/1/2 093005",
        "1/2/2024 9:30:05 AM",
        "2024-01-02 9:30:05 AM",
        "02-JAN-2024 09:30:05",
        "2 Jan 2024 09:30:05",
        "Jan 2, 2024 9:30:05 AM",
        "02-JAN-24 09.30.05",
        "1704159005",
        "1704159005000",
        "1704159005000000",
        "45293.395891203705",
        "2.0240102093005E+13",
        "２０２４－０１－０２　０９：３０：０５",
        "\t2024-01-02 09:30:05",
        "'2024-01-02 09:30:05",
        '="2024-01-02 09:30:05"',
        "2024-01-02 星期二 09:30:05",
        "2024-01-02，09:30:05",
        "24-01-02 09:30:05",
        "20240102093005000",
    ],
)
def test_a_second_however_it_is_written(text: str) -> None:
    assert told(text) == (AT, Precision.SECOND)


@pytest.mark.parametrize(
    "text", ["2024-01-02 09:30", "2024/1/2 9:30", "202401020930", "2024年1月2日9时30分", "2024-01-02 9:30 am"]
)
def test_a_minute(text: str) -> None:
    assert told(text) == (AT.replace(second=0), Precision.MINUTE)


@pytest.mark.parametrize(
    "text",
    ["20240102", "2024-01-02", "2024/1/2", "2024.1.2", "2024年1月2日", "45293", "45293.0", "02-JAN-24", "24-1-2"],
)
def test_a_day_stands_at_its_shanghai_midnight(text: str) -> None:
    assert told(text) == (AT.replace(hour=0, minute=0, second=0), Precision.DAY)


def test_afternoons_and_midnights_of_twelve_hour_clocks() -> None:
    assert told("2024-01-02 下午3:05:06")[0].astimezone(SHANGHAI).hour == 15
    assert told("2024-01-02 3:05:06 PM")[0].astimezone(SHANGHAI).hour == 15
    assert told("2024-01-02 12:05:06 AM")[0].astimezone(SHANGHAI).hour == 0
    assert told("2024-01-02 中午12:05:06")[0].astimezone(SHANGHAI).hour == 12
    assert told("2024-01-02 24:00:00")[0] == datetime(2024, 1, 3, tzinfo=SHANGHAI)


def test_the_order_of_day_and_month_is_the_sheet_s() -> None:
    assert told("3/4/2024", "mdy")[0].astimezone(SHANGHAI).month == 3
    assert told("3/4/2024", "dmy")[0].astimezone(SHANGHAI).month == 4
    assert told("25/4/2024", "mdy")[0].astimezone(SHANGHAI).month == 4


def test_a_clock_of_digits_lost_its_zeros_from_four_or_from_six_places() -> None:
    assert told("20240102 930", clock_digits=4) == (AT.replace(second=0), Precision.MINUTE)
    assert told("20240102 305", clock_digits=6)[0] == AT.replace(hour=0, minute=3)


@pytest.mark.parametrize(
    "text",
    [
        "0000-00-00 00:00:00", "9999-12-31 23:59:59", "99991231235959", "1990-12-31", "2101-01-01", "2024-02-30",
        "2024-13-01", "20241301000000", "2024-01-02 25:00:00", "2024-01-02 09:61:00", "2024-01-02 09:30:61",
        "2.02401E+13",
        "yesterday", "12:30:00", "2024", "123", "0001-01-01", "2024-01-02 09:30:05+99:00", "2024-01-02 ab", "1e400",
        "2024-01-02 13时", "2024-01-02 13点", "2024年1月2日9时", "2024-01-02 13:",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    assert read_time(text, WORDS) == "bad_time"


@pytest.mark.parametrize("text", ["", " ", "-", "无", "NULL", "\t"])
def test_silence_is_not_a_bad_time(text: str) -> None:
    assert read_time(text, WORDS) == "no_time"


@settings(deadline=None)
@given(st.text(max_size=50))
def test_any_text_gives_an_instant_in_range_or_a_reason(text: str) -> None:
    found = read_time(text, WORDS)
    if isinstance(found, tuple):
        assert 1990 <= from_micros(found[0]).year <= 2101
    else:
        assert found in ("no_time", "bad_time")


_INSTANTS = st.datetimes(datetime(1991, 1, 2), datetime(2100, 12, 30)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=SHANGHAI)
)


@settings(deadline=None)
@given(_INSTANTS, st.integers(-12, 14))
def test_the_same_instant_in_every_spelling(at: datetime, offset: int) -> None:
    there = at.astimezone(timezone(timedelta(hours=offset)))
    for text in (
        f"{at:%Y%m%d%H%M%S}", f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y/%m/%d %H:%M:%S}", f"{at:%Y年%m月%d日 %H时%M分%S秒}",
        f"{at:%Y-%m-%d-%H.%M.%S.000000}", there.isoformat(), f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{at:%Y-%m-%d %I:%M:%S %p}", str(micros(at) // 1000) if at.year > 2001 else f"{at:%Y%m%d%H%M%S}",
    ):  # fmt: skip
        assert told(text)[0] == at, text


_ALMOST = st.text("0123456789-/: .T年月日", max_size=20) | _INSTANTS.map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}")


@settings(deadline=None)
@example(
    [
        "2024-01-02 09:30:05.123456",
        "2024-1-2 9:3",
        "2024-01-02T9:30",
        "20240102 930",
        "2024/01-02",
        "2024-02-29",
        "2023-02-29",
    ]
)
@example(
    [
        "20240102093005",
        "202401020930",
        "2024010209300",
        "20240102",
        "2024.1.2 1:02:03",
        "1991-01-01",
        "2100-12-31 23:59:59",
    ]
)
@given(st.lists(_ALMOST, max_size=20))
def test_the_fast_reader_says_what_the_careful_one_says(cells: list[str]) -> None:
    at_us, precision, reasons = read_times(Column.of(cells), lambda text: read_time(text, WORDS))
    for row, cell in enumerate(cells):
        careful = read_time(cell, WORDS)
        assert (reasons[row] if row in reasons else (int(at_us[row]), int(precision[row]))) == careful


def test_the_fast_reader_reads_the_everyday_without_the_careful_one() -> None:
    def refuse(text: str) -> tuple[int, int] | str:
        raise AssertionError(text)

    at_us, precision, _ = read_times(
        Column.of(["20240102093005", "2024-01-02 09:30:05", "2024/1/2 9:30:05", "2024-01-02 09:30", "2024-01-02"]),
        refuse,
    )
    assert {from_micros(at) for at in at_us[:3].tolist()} == {AT}
    assert precision.tolist() == [2, 2, 2, 1, 0]


def test_steps_count_from_their_origin() -> None:
    assert step_time("3", 0, 86_400) == (3 * 86_400_000_000, Precision.DAY)
    assert step_time("x", 0, 86_400) == "bad_time"
    assert step_time("", 0, 86_400) == "no_time"
