"""A sheet that cannot be read is an outcome with its reason, wherever it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cleaning import CleanBatch
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.sheet import RowBatch, Sheet
from fanzha.rulebook import load_formats
from fanzha.workflows.import_statements import clean_sheet
from tests.wiring.statement import HEADER

ROW = "9999990000000000017,测试·甲,2026-03-01 09:12:05,1.00,2.00,进,9999990000000000025,测试·乙,转账,成功"


class Kept:
    """Remembers how many rows came."""

    rows = 0

    def write(self, batch: CleanBatch) -> None:
        """Count them."""
        self.rows += len(batch.raw.row)


def breaking(*batches: RowBatch) -> Iterator[RowBatch]:
    yield from batches
    raise Invalid("files.corrupted", place="a.csv")


def test_a_sheet_that_breaks_at_its_first_row_is_told_with_its_reason() -> None:
    sheet = Sheet(path="a.csv", sha256="0" * 64, encoding="utf-8", batches=breaking())
    book = FormatBook.from_tables(load_formats())
    outcome = clean_sheet(sheet, "1", book=book, sink=Kept(), progress=lambda path, rows: None).outcome
    assert (outcome.fault, outcome.fault_fields, outcome.draft) == ("files.corrupted", {"place": "a.csv"}, "")


def test_what_came_before_a_sheet_broke_off_stands_and_says_so() -> None:
    rows = [HEADER.strip().split(","), ROW.split(",")]
    kept = Kept()
    sheet = Sheet(
        path="a.csv", sha256="0" * 64, encoding="utf-8", batches=breaking(RowBatch(rows=rows, numbers=[1, 2]))
    )
    book = FormatBook.from_tables(load_formats())
    outcome = clean_sheet(sheet, "1", book=book, sink=kept, progress=lambda path, rows: None).outcome
    assert (outcome.fault, outcome.counts.accepted, kept.rows) == ("files.corrupted", 1, 1)


def test_only_the_last_batch_s_last_row_may_be_cut() -> None:
    row = ROW.split(",")
    batches = iter(
        [
            RowBatch(rows=[HEADER.strip().split(","), row, row, row[:2]], numbers=[1, 2, 3, 4]),
            RowBatch(rows=[row, row, row[:2]], numbers=[5, 6, 7]),
        ]
    )
    sheet = Sheet(path="a.csv", sha256="0" * 64, encoding="utf-8", batches=batches)
    book = FormatBook.from_tables(load_formats())
    outcome = clean_sheet(sheet, "1", book=book, sink=Kept(), progress=lambda path, rows: None).outcome
    assert outcome.reasons == {"no_transaction": 1, "truncated": 1}


def test_directions_that_balances_tell_do_not_depend_on_batches() -> None:
    header = ["交易卡号", "交易时间", "交易金额", "余额"]
    fen = [1_000 + 5 * number * (-1) ** number for number in range(30)]
    rows = [
        ["9999990000000000017", f"2026-03-01 09:12:{second:02d}", str(abs(now - before)), str(now)]
        for second, (before, now) in enumerate(pairwise(fen))
    ]
    for turned in (rows, rows[::-1]):
        whole = [header, *turned]
        cut = [RowBatch(rows=whole[at : at + 10], numbers=list(range(at + 1, at + 11))) for at in (0, 10, 20)]
        sheet = Sheet(path="a.csv", sha256="0" * 64, encoding="utf-8", batches=iter(cut))
        book = FormatBook.from_tables(load_formats())
        outcome = clean_sheet(sheet, "1", book=book, sink=Kept(), progress=lambda path, rows: None).outcome
        assert (outcome.counts.accepted, outcome.reasons) == (28, {"no_direction": 1})
