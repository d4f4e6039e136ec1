"""Whose accounts are one person's: what somebody moves between their own accounts is no dealing with others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Coded, StatementRows
from fanzha.tracing.movements.masks import HIDDEN
from fanzha.tracing.movements.movements import Reconciliation


def people_of(rows: StatementRows, found: Reconciliation) -> NDArray[np.int64]:
    """int64[accounts]: equal where accounts carry the same full name, or, where no name is told, the same document.

    Two strangers of one name count as one person: a pattern is rather missed than an own transfer named.
    """
    told: dict[str, int] = {}
    person = np.arange(len(found.accounts), dtype=np.int64)
    documents = _documents(rows, found)
    for node, names in enumerate(found.accounts.names):
        name = next((each for each in names if HIDDEN not in each), "") or documents.get(node, "")
        if name:
            person[node] = told.setdefault(name, node)
    return person


def _documents(rows: StatementRows, found: Reconciliation) -> dict[int, str]:
    """The full document that files tell of an account without a name."""
    nameless = np.array([all(HIDDEN in each for each in names) for names in found.accounts.names], np.bool_)
    return {**_told(rows.other_id, found.other, nameless), **_told(rows.own_id, found.own, nameless)}


def _told(column: Coded, node: NDArray[np.int32], wanted: NDArray[np.bool_]) -> dict[int, str]:
    some = np.flatnonzero((column.codes != ABSENT) & (node >= 0))
    some = some[wanted[node[some]]]
    pairs = np.unique(node[some].astype(np.int64) << 32 | column.codes[some])
    told = ((int(pair >> 32), column.values[int(pair & 0xFFFFFFFF)]) for pair in pairs.tolist())
    found: dict[int, str] = {}
    for account, text in told:
        if HIDDEN not in text:
            found[account] = min(text, found.get(account, text))
    return found
