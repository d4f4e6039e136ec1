"""What the accounts and persons files of an import tell, sealed beside its rows and dying with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fanzha.adapters.ledger.results import Value, read_arrays, write_arrays
from fanzha.adapters.ledger.sealed import Sealed
from fanzha.records.statements.cleaning import AccountRecord, PersonRecord
from fanzha.records.statements.rows import UNKNOWN_FEN


class Told(NamedTuple):
    """A record and the key of the source that tells it."""

    source: str
    record: AccountRecord | PersonRecord


def write_records(path: Path, key: bytes, told: Sequence[Told]) -> Sealed:
    """Seal the records of one import."""
    values: dict[str, Value] = {}
    for kind in (AccountRecord, PersonRecord):
        some = [each for each in told if isinstance(each.record, kind)]
        values[f"{kind.__name__}.source"] = [each.source for each in some]
        for name in _names(kind):
            values[f"{kind.__name__}.{name}"] = _column([getattr(each.record, name) for each in some], name)
    return write_arrays(path, key, values)


def read_records(path: Path, key: bytes) -> list[Told]:
    """The records as they were written: accounts first, then persons, each in their order."""
    values = read_arrays(path, key)
    found: list[Told] = []
    for kind in (AccountRecord, PersonRecord):
        columns = {name: _cells(values[f"{kind.__name__}.{name}"], name) for name in _names(kind)}
        for place, source in enumerate(values[f"{kind.__name__}.source"]):
            record = kind(**{name: column[place] for name, column in columns.items()})
            found.append(Told(str(source), record))
    return found


def _names(kind: type[AccountRecord] | type[PersonRecord]) -> list[str]:
    return [each.name for each in fields(kind)]


def _column(cells: list[object], name: str) -> Value:
    if name == "balance_fen":
        return np.array([UNKNOWN_FEN if each is None else each for each in cells], np.int64)
    return np.array(cells, np.int32) if name == "row" else [str(each) for each in cells]


def _cells(column: Any, name: str) -> list[Any]:
    cells: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return [None if each == UNKNOWN_FEN else each for each in cells] if name == "balance_fen" else cells
