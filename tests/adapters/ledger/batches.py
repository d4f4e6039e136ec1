"""Clean batches made up for tests: any shape that cleaning could give, and the rows they hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fanzha.records.statements.cleaning import CleanBatch, RawColumns, Rejection, RowCounts
from fanzha.records.statements.rows import (
    ABSENT,
    CODED_COLUMNS,
    UNKNOWN_FEN,
    Coded,
    Source,
    StatementRows,
)

TEXTS = (None, "", "a", "测试·甲", "6222*1234", "\t6222", "\0", "🂡", "=1+1", '"', "\n")
BALANCES = (UNKNOWN_FEN, UNKNOWN_FEN + 1, -1, 0, 10**15)
NUMBERS = {
    "side": (np.int8, (-1, 0, 1)),
    "at_us": (np.int64, (0, 1, 4 * 10**15)),
    "precision": (np.int8, (0, 1, 2)),
    "amount_fen": (np.int64, (0, 1, 10**15)),
    "balance_fen": (np.int64, BALANCES),
    "other_balance_fen": (np.int64, BALANCES),
    "flags": (np.uint16, (0, 1, 65_535)),
}


def source(key: str, import_id: str = "import-1") -> Source:
    return Source(key=key, import_id=import_id, path=f"{key}.csv", format_id="query_feedback_transactions")


def coded(texts: Sequence[str | None]) -> Coded:
    values = tuple(dict.fromkeys(text for text in texts if text is not None))
    place = {text: code for code, text in enumerate(values)}
    codes = [ABSENT if text is None else place[text] for text in texts]
    return Coded(codes=np.array(codes, np.int32), values=values)


def texts_of(column: Coded) -> list[str | None]:
    return [None if code == ABSENT else column.values[code] for code in column.codes]


@st.composite
def clean_batches(draw: st.DrawFn, of: Source, first_row: int, header: tuple[str, ...]) -> CleanBatch:
    """One batch of one sheet: accepted rows, rejected ones, and rows the reader could not take apart."""
    fates = draw(st.lists(st.sampled_from(["", "", "", "failed", "bad_time", "undecodable"]), max_size=12))
    return batch_of(of, first_row, header, fates, Random(draw(st.integers(0, 2**32))))


def batch_of(of: Source, first_row: int, header: tuple[str, ...], fates: Sequence[str], chance: Random) -> CleanBatch:
    """A batch whose data rows have these fates, filled by chance."""
    places = list(accumulate((chance.randint(1, 3) for _ in fates), initial=first_row))[1:]
    accepted = [place for place, fate in zip(places, fates, strict=True) if fate == ""]
    read = [(place, fate) for place, fate in zip(places, fates, strict=True) if fate != "undecodable"]
    return CleanBatch(
        rows=statement_rows(of, accepted, chance),
        accounts=[],
        persons=[],
        rejections=[
            Rejection(row=place, column="交易时间" if fate == "bad_time" else "", reason=fate)
            for place, fate in zip(places, fates, strict=True)
            if fate
        ],
        counts=RowCounts(accepted=len(accepted), rejected=len(fates) - len(accepted)),
        raw=RawColumns(
            header=header,
            row=[place for place, _ in read],
            reason=[fate for _, fate in read],
            columns=[[chance.choice(TEXTS) or "" for _ in read] for _ in header],
        ),
        notes={},
    )


def statement_rows(of: Source, places: Sequence[int], chance: Random) -> StatementRows:
    """Clean rows at these places of a source."""
    columns: dict[str, Any] = {
        name: np.array([chance.choice(values) for _ in places], dtype) for name, (dtype, values) in NUMBERS.items()
    }
    columns |= {name: coded([chance.choice(TEXTS) for _ in places]) for name in CODED_COLUMNS}
    return StatementRows(
        sources=(of,), source=np.zeros(len(places), np.int32), row=np.array(places, np.int32), **columns
    )
