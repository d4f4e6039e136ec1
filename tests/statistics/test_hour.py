"""Figures of the hour: of few records no percentile, each case's money once, exactly the records behind a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fanzha.kernel.ids import CaseId, InstitutionId
from fanzha.kernel.units import UnitPath
from fanzha.statistics.hour import (
    Answered,
    Band,
    IncidentTimes,
    Measure,
    by_bank,
    by_delay,
    by_unit,
    of_band,
    span,
)

AT = datetime(2026, 7, 1, tzinfo=UTC)
BANK = InstitutionId(UUID(int=9))


def incident(number: int, late_s: int = 60, order_s: int | None = 10, case: int | None = None) -> IncidentTimes:
    return IncidentTimes(
        number=f"I{number}",
        unit_path=UnitPath(f"city.county{number % 2}"),
        case_id=CaseId(UUID(int=case or number)),
        reported_at=AT + timedelta(minutes=number),
        paid_at=AT + timedelta(minutes=number) - timedelta(seconds=late_s),
        first_order_at=None if order_s is None else AT + timedelta(minutes=number, seconds=order_s),
        first_hold_at=None,
        last_hold_at=None,
        lost_fen=1_000,
    )


def test_two_records_have_no_percentile_and_nine_no_ninth_decile() -> None:
    assert (span([5, 9]).count, span([5, 9]).median_s, span([5, 9]).p90_s) == (2, None, None)
    assert (span([9, 5, 7]).median_s, span(range(9)).p90_s, span(range(10)).p90_s) == (7, None, 8)


@given(st.lists(st.integers(0, 10**6), min_size=10, max_size=60))
def test_a_percentile_is_a_number_that_a_record_has(seconds: list[int]) -> None:
    told = span(seconds)
    assert told.median_s in seconds and told.p90_s in seconds
    assert sum(each <= (told.p90_s or 0) for each in seconds) >= 0.9 * len(seconds)


def test_units_add_up_to_all_of_them_and_who_has_no_order_is_not_counted_as_fast() -> None:
    told = by_unit([incident(1), incident(2), incident(3, order_s=None)])
    assert [(each.unit_path, each.incidents) for each in told] == [(None, 3), ("city.county0", 1), ("city.county1", 2)]
    assert [each.spans[Measure.ORDER].count for each in told] == [2, 1, 1]


def test_joined_incidents_hold_their_money_once_in_the_band_of_the_first_report() -> None:
    some = [incident(1, late_s=300, case=7), incident(2, late_s=9_000, case=7), incident(3, late_s=301)]
    early, later = by_delay(some, {CaseId(UUID(int=7)): 1_500, CaseId(UUID(int=3)): 250})
    assert (early.band, early.incidents, early.lost_fen, early.held_fen) == (Band.MINUTES_5, 2, 2_000, 1_500)
    assert (later.band, later.incidents, later.share_ppm) == (Band.MINUTES_15, 1, 250_000)
    assert [each.number for each in of_band(some, Band.MINUTES_5)] == ["I1", "I2"]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50_000)), max_size=12))
def test_the_records_of_every_band_are_those_it_counts(told: list[tuple[int, int]]) -> None:
    some = [incident(number, late_s=late, case=case) for number, (case, late) in enumerate(told, 1)]
    counted = {each.band: each.incidents for each in by_delay(some, {})}
    assert counted == {band: len(found) for band in Band if (found := of_band(some, band))}


def test_a_bank_s_refusals_are_counted_by_code_and_what_took_effect_is_none() -> None:
    def answered(code: str, count: int, *seconds: int) -> Answered:
        return Answered(institution_id=BANK, kind="stop", code=code, count=count, seconds=seconds)

    (told,) = by_bank(
        [answered("0000", 2, 40, 50), answered("1200", 1, 60), answered("0301", 3, 5, 6, 7), answered("", 4)]
    )
    assert (told.sent, told.unanswered, dict(told.failures)) == (10, 4, {"0301": 3})
    assert (told.answers.count, told.answers.median_s) == (6, 7)
