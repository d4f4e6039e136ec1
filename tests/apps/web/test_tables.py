"""Queries from URLs, and tables as files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from fanzha.apps.web.exports import harmless
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.uploads import clean_name
from fanzha.apps.web.views.tables import link, read_query
from fanzha.kernel.errors import Invalid
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF


@given(
    st.dictionaries(
        st.sampled_from([*"xyz", "sort", "page", "size", "order", *(f.key for f in MOVEMENTS.filters)]),
        st.text(max_size=40),
    )
)
def test_any_url_is_a_query_or_invalid(params: dict[str, str]) -> None:
    try:
        query = read_query(MOVEMENTS, params)
    except Invalid as error:
        assert error.code == "web.bad_filter"
    else:
        assert query.page >= 1 and 1 <= query.size <= 200


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1", 100),
        ("1,750,000.5", 175_000_050),
        ("¥0.05", 5),
        ("12.34", 1_234),
        ("100000000000", 10**13),
        ("3.2万", 3_200_000),
        ("１８０，０００．５", 18_000_050),
        ("1.75亿", 17_500_000_000),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, fen: int) -> None:
    assert read_query(MOVEMENTS, {"at_least": typed}).fen("at_least") == fen


@pytest.mark.parametrize("typed", ["-1", "1.234", "٣", "1e5", "1..2", ".", "9" * 30, "10²", "①", "2万3万"])
def test_other_amounts_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_query(MOVEMENTS, {"at_least": typed})


def test_a_day_is_shanghais_and_until_means_its_end() -> None:
    query = read_query(MOVEMENTS, {"after": "2026-03-05", "until": "2026-03-05"})
    assert query.moment("after") == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert query.moment("until") == datetime(2026, 3, 5, 16, tzinfo=UTC)


def test_a_changed_filter_begins_at_the_first_page() -> None:
    assert link(QueryParams("exit=cash&page=7"), sort="at") == "?exit=cash&sort=at"
    assert link(QueryParams("exit=cash"), exit=None) == "?"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "-1.2.3"])
def test_cells_that_a_spreadsheet_would_run_are_defused(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-2500.00", "12", "¥1", "a=1", ""])
def test_numbers_and_words_stay(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_csv_holds_every_row_and_runs_nothing(inside: Stage) -> None:
    answer = inside.client.get(f"/cases/{REF}/rejected?export=csv")
    assert answer.content.startswith(b"\xef\xbb\xbf") and "rejected.csv" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + 63
    assert rows[1][2] == "'=交易时间"


def test_an_xlsx_holds_text_as_text_and_money_as_numbers(inside: Stage) -> None:
    rejected = load_workbook(io.BytesIO(inside.client.get(f"/cases/{REF}/rejected?export=xlsx").content)).active
    assert rejected is not None and rejected["C2"].data_type == "s" and rejected["C2"].value == "=交易时间"
    movements = load_workbook(io.BytesIO(inside.client.get(f"/cases/{REF}/movements?export=xlsx").content)).active
    assert movements is not None and movements.max_row == 1 + 10_000
    assert movements["D2"].value == 1_750_000


def test_an_export_follows_the_filter_and_refuses_too_much(inside: Stage) -> None:
    inside.data.amount = 3
    assert inside.client.get(f"/cases/{REF}/movements?export=csv").text.count("\n") == 4
    inside.data.amount = 1_000_001
    refused = inside.client.get(f"/cases/{REF}/movements?export=csv")
    assert refused.status_code == 422 and "1000001" in refused.text


@given(st.text(max_size=600))
def test_an_upload_keeps_a_readable_name_and_never_a_way_out(name: str) -> None:
    kept = clean_name(name)
    assert kept and not kept.startswith("/") and "\\" not in kept and "\0" not in kept
    assert not {"..", "."} & set(kept.split("/"))
