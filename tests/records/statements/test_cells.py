"""Rows that travel as columns are cleaned exactly as rows that travel as lists."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.records.statements.cells import Cells, joined
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.rows import Coded, Source
from fanzha.records.statements.sheet import RowBatch
from tests.records.statements.desk import HEADER, ME, batch, column, line, plan

EVERYDAY = [line(交易时间=f"2024-03-01 10:00:{second:02d}") for second in range(40)]
BLANK = [""] * len(HEADER)
TOTAL = ["合计", "2024-03-01", "4000.00", *[""] * (len(HEADER) - 3)]
FOOT = ["打印时间：2024-03-02 10:00", *[""] * (len(HEADER) - 1)]
OWN = ["卡号：9999990000000000102", *[""] * (len(HEADER) - 1)]
WORD = ["测试", *[""] * (len(HEADER) - 1)]
FULL_WIDTH = line(交易时间="２０２４-０３-０１ 10:00:00")
NAMED_FIRST = line(交易卡号="测试·甲")
ODD = [BLANK, TOTAL, FOOT, OWN, WORD, list(HEADER), FULL_WIDTH, NAMED_FIRST, line(交易时间="--"), line(交易金额="")]

SOURCE = Source(key="key", import_id="import", path="a.csv", format_id="x")


def as_cells(rows: Sequence[Sequence[str]]) -> Cells:
    return Cells([pa.array(list(cells), pa.string()) for cells in zip(*rows, strict=True)])


def told(rows: RowBatch) -> dict[str, Any]:
    """Everything that cleaning makes of a batch, comparable."""
    made = clean_batch(plan(HEADER, *EVERYDAY), rows, SOURCE)
    found: dict[str, Any] = {
        name: getattr(made, name) for name in ("accounts", "persons", "rejections", "counts", "notes")
    }
    for each in fields(made.rows):
        value = getattr(made.rows, each.name)
        found[each.name] = column(value) if isinstance(value, Coded) else list(value)
    return found | {"raw": (made.raw.header, made.raw.row, made.raw.reason, [[*each] for each in made.raw.columns])}


@given(odd=st.lists(st.tuples(st.integers(0, 120), st.sampled_from(ODD)), max_size=6))
@example(odd=[(0, TOTAL), (1, BLANK), (2, WORD)])
@example(odd=[(60, OWN)])
@settings(deadline=None)
def test_columns_and_lists_are_cleaned_alike(odd: list[tuple[int, list[str]]]) -> None:
    rows = [list(HEADER), *EVERYDAY, *EVERYDAY, *EVERYDAY]
    for at, each in odd:
        rows.insert(at, each)
    lists = batch(*rows)

    assert told(RowBatch(rows=as_cells(rows), numbers=lists.numbers)) == told(lists)


def test_rows_come_back_out_of_columns_as_they_went_in() -> None:
    cells = as_cells(EVERYDAY)

    assert [*cells] == EVERYDAY
    assert cells[3] == EVERYDAY[3]
    assert [*cells[5:9]] == EVERYDAY[5:9]
    assert cells[3][0] == ME


def test_parts_join_as_columns_only_when_all_are() -> None:
    whole = joined([as_cells(EVERYDAY[:5]), as_cells(EVERYDAY[5:])])

    assert isinstance(whole, Cells)
    assert [*whole] == EVERYDAY
    assert joined([as_cells(EVERYDAY[:5]), EVERYDAY[5:]]) == EVERYDAY
    assert joined([]) == []
