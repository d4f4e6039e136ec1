"""A desk for statement tests: the rulebook's formats, and sheets made of lines."""

from collections.abc import Sequence

from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.cleaning import CleanBatch
from fanzha.records.statements.formats import Format, FormatBook
from fanzha.records.statements.plan import SheetPlan
from fanzha.records.statements.planning import plan_sheet
from fanzha.records.statements.rows import ABSENT, Coded, Source
from fanzha.records.statements.sheet import RowBatch
from fanzha.rulebook import load_formats

BOOK = FormatBook.from_tables(load_formats())
WORDS = BOOK.words
ME, YOU = "9999990000000000011", "9999990000000000029"


def batch(*lines: Sequence[str], start: int = 1, ends_sheet: bool = True) -> RowBatch:
    """Lines as a reader gives them."""
    numbers = list(range(start, start + len(lines)))
    return RowBatch(rows=[list(line) for line in lines], numbers=numbers, ends_sheet=ends_sheet)


def plan(*lines: Sequence[str], path: str = "a.csv", mapping: Format | None = None) -> SheetPlan:
    """How a sheet of these lines is read."""
    return plan_sheet(batch(*lines), path=path, book=BOOK, mapping=mapping)


def cleaned(*lines: Sequence[str], path: str = "a.csv", mapping: Format | None = None) -> CleanBatch:
    """What a sheet of these lines gives; every row must be accounted for."""
    decided = plan(*lines, path=path, mapping=mapping)
    source = Source(key="key", import_id="import", path=path, format_id=decided.format.id)
    made = clean_batch(decided, batch(*lines), source)
    counts = made.counts
    assert counts.preamble + counts.header + counts.blank + counts.total + counts.data == len(lines)
    assert len(made.raw.row) == counts.data
    assert sum(not reason for reason in made.raw.reason) == counts.accepted
    return made


def column(coded: Coded) -> list[str]:
    """A text column as text."""
    return ["" if code == ABSENT else coded.values[code] for code in coded.codes.tolist()]


def reasons(made: CleanBatch) -> list[tuple[int, str, str]]:
    """Where and why rows were rejected."""
    return [(each.row, each.column, each.reason) for each in made.rejections]


HEADER = (
    "交易卡号",
    "交易时间",
    "交易金额",
    "交易余额",
    "收付标志",
    "交易对手账卡号",
    "对手户名",
    "摘要说明",
    "交易是否成功",
)


def line(**cells: str) -> list[str]:
    """A row under `HEADER`, with everyday cells where none are given."""
    usual = {
        "交易卡号": ME, "交易时间": "2024-03-01 10:00:00", "交易金额": "100.00", "交易余额": "", "收付标志": "出",
        "交易对手账卡号": YOU, "对手户名": "测试乙", "摘要说明": "转账", "交易是否成功": "成功",
    }  # fmt: skip
    return [{**usual, **cells}[name] for name in HEADER]
