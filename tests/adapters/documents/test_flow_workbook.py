"""The flow as a workbook: numbers are numbers, accounts are text, nothing runs, every line names its evidence."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from fanzha.adapters.documents.flow_sheets import SHORT_HASH
from fanzha.adapters.documents.flow_workbook import flow_workbook
from fanzha.adapters.documents.sight import Sight
from fanzha.adapters.documents.workbook import MOST_CHARACTERS, fitting
from fanzha.i18n import LANGUAGES, Language, text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.rows import Precision
from fanzha.tracing.follow.question import Direction, Method
from fanzha.workflows.trace_dossier import Dossier
from tests.adapters.documents.dossiers import HOSTILE, LAST, MULE, SECOND, SMALL, VICTIM, dossier_of, small
from tests.tracing.movements.telling import got, paid

FULL, MASKED = Sight(masked=False), Sight(masked=True)
SECRETS = (VICTIM, MULE, SECOND, LAST, "测试·甲", "HYPERLINK")


def book(dossier: Dossier, sight: Sight = FULL, language: Language = "zh") -> Any:
    """The workbook as a spreadsheet reads it."""
    return openpyxl.load_workbook(io.BytesIO(flow_workbook(dossier, sight, language)))


def column(book: Any, sheet: str, key: str) -> list[Any]:
    """The cells of a column below its heading."""
    table = book[text("zh", f"flow.sheet.{sheet}")]
    place = [cell.value for cell in table[1]].index(text("zh", f"flow.column.{key}"))
    return [row[place] for row in table.iter_rows(min_row=2)]


def values(book: Any, sheet: str, key: str) -> list[Any]:
    return [cell.value for cell in column(book, sheet, key)]


def everything(book: Any) -> list[Any]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_every_line_names_the_rows_that_prove_it() -> None:
    told = book(small())
    hashes = [each[:SHORT_HASH] for each in values(told, "files", "sha256")]
    files = dict(zip(hashes, values(told, "files", "file"), strict=True))
    keys = ("file", "row", "serial", "sha256_short", "more_evidence")
    lines = list(zip(*(values(told, "hops", key) for key in keys), strict=True))
    assert len(lines) == 6
    assert all(files[hashed] == file for file, _, _, hashed, _ in lines)
    more = text("zh", "flow.cited", file="乙行.csv", row=2, serial="B1", sha256=lines[1][3])
    assert lines[0] == ("甲行.csv", 2, "A1", lines[0][3], more)
    marks = values(told, "hops", "marks")
    inferred = [line[2] for line, mark in zip(lines, marks, strict=True) if mark == text("zh", "flow.mark.inferred")]
    assert inferred == ["B5"]


def test_cells_are_what_they_say() -> None:
    told = book(small())
    amount, account = column(told, "hops", "amount_fen")[0], column(told, "hops", "payer")[0]
    assert (amount.value, amount.data_type, amount.number_format) == (50_000, "n", "#,##0.00")
    assert (account.value, account.data_type, account.number_format) == (VICTIM, "s", "@")
    at = column(told, "hops", "payee_at")[0]
    seen = datetime(2025, 7, 1, 10, 0, 10, tzinfo=SHANGHAI).replace(tzinfo=None)
    assert (at.value, at.number_format) == (seen, "yyyy-mm-dd hh:mm:ss")
    name = column(told, "hops", "payee_name")[1]
    assert (name.value, name.data_type) == (HOSTILE.replace("\x07", "_x0007_"), "s")
    assert not [cell for cell in everything(told) if cell.data_type == "f" or cell.hyperlink]


def test_a_time_is_told_as_exactly_as_the_bank_tells_it() -> None:
    rows = [
        paid("甲行", VICTIM, MULE, 500_000, 36_000, precision=Precision.DAY, serial="1"),
        got("乙行", MULE, VICTIM, 500_000, 36_000, precision=Precision.MINUTE, serial="1"),
    ]
    dossier = dossier_of(rows)
    assert dossier is not None
    told = book(dossier)
    formats = [column(told, "hops", key)[0].number_format for key in ("payer_at", "payee_at", "at")]
    assert formats == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm"], "it is followed by the better told time"


def test_a_printed_page_has_its_heading_and_a_screen_its_filter() -> None:
    for sheet in book(small()).worksheets[1:]:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.print_title_rows == "$1:$1" and sheet.freeze_panes and sheet.auto_filter.ref
        assert sheet.oddFooter.left.text.endswith(text("zh", "flow.title", case="TEST-1"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_says_what_was_asked_and_what_the_rule_cannot_say(language: Language) -> None:
    page = book(small(), FULL, language).worksheets[0]
    told = "\n".join(str(cell.value) for row in page.iter_rows() for cell in row)
    for key in ("exercise", "in_full", "method.fifo.means", "method.fifo.limits", "note.recount_forward"):
        assert text(language, f"flow.{key}") in told
    assert VICTIM in told and "50,000.00" in told and "100.00" in told and "2026-11-22 12:00:00" in told


def test_a_masked_workbook_tells_no_number_and_no_name() -> None:
    said = [str(cell.value) for cell in everything(book(small(), MASKED))]
    assert not [each for each in said for secret in SECRETS if secret in each]
    assert text("zh", "flow.masked") in said


def test_the_same_trace_gives_the_same_bytes() -> None:
    assert flow_workbook(small(), FULL, "zh") == flow_workbook(small(), FULL, "zh")


def test_more_lines_than_a_sheet_holds_are_refused() -> None:
    with pytest.raises(Invalid, match="too_many_rows") as refused:
        flow_workbook(small(), FULL, "zh", most_rows=4)
    assert refused.value.fields == {"limit": 3}
    assert flow_workbook(small(), FULL, "zh", most_rows=7)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    assert fitting("字" * MOST_CHARACTERS) == "字" * MOST_CHARACTERS
    assert fitting("字" * 40_000) == "字" * (MOST_CHARACTERS - 1) + "…"


@pytest.mark.parametrize(
    ("method", "direction"), [(Method.POISON, Direction.FORWARD), (Method.FIFO, Direction.BACKWARD)]
)
def test_a_rule_that_does_not_add_up_does_not_promise_it(method: Method, direction: Direction) -> None:
    dossier = dossier_of(SMALL, method, direction)
    assert dossier is not None
    told = [str(cell.value) for row in book(dossier).worksheets[0].iter_rows() for cell in row]
    assert (text("zh", f"flow.note.recount_{direction}") in told) is (method is not Method.POISON)


def test_what_the_rules_disagree_on_has_its_range() -> None:
    rows = [
        got("乙行", MULE, VICTIM, 3_900_000, 36_000, balance=3_900_000, serial="1"),
        got("乙行", MULE, SECOND, 2_100_000, 36_100, balance=6_000_000, serial="2"),
        paid("乙行", MULE, LAST, 4_500_000, 36_200, balance=1_500_000, serial="3"),
    ]
    dossier = dossier_of(rows, Method.CONSERVATIVE, starts=2)
    assert dossier is not None
    told = book(dossier)
    ranges = zip(values(told, "disputes", "low_fen"), values(told, "disputes", "high_fen"), strict=True)
    assert (0, 15_000) in set(ranges)
    assert sum(values(told, "totals", "disputed_fen")) == 60_000
