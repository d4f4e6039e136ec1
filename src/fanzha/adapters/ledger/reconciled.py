"""A case's reconciliation ⇄ named arrays, so that it is computed once and read in a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np

from fanzha.adapters.ledger.results import Value
from fanzha.tracing.movements.movements import Accounts, BalanceBreaks, Ledgers, Movements, Reconciliation

_PARTS = {"movements": Movements, "ledgers": Ledgers, "breaks": BalanceBreaks}
_ROWWISE = ("fate", "same_as", "movement", "own", "other", "proof")
LAYOUT = "2"
"""Written into every file; another layout, or another reading of the same rows, is computed anew."""


def to_arrays(found: Reconciliation) -> dict[str, Value]:
    """Everything that `from_arrays` needs."""
    values: dict[str, Value] = {"layout": [LAYOUT]}
    for part, kind in _PARTS.items():
        values |= {f"{part}.{each.name}": getattr(getattr(found, part), each.name) for each in fields(kind)}
    values |= {name: getattr(found, name) for name in _ROWWISE}
    accounts = found.accounts
    values |= {"accounts.primary": list(accounts.primary), "accounts.kind": accounts.kind}
    values |= {"accounts.has_statement": accounts.has_statement}
    for name in ("identifiers", "names"):
        groups: Sequence[Sequence[str]] = getattr(accounts, name)
        values[f"accounts.{name}"] = [each for group in groups for each in group]
        values[f"accounts.{name}.ends"] = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    return values


def from_arrays(values: Mapping[str, Any]) -> Reconciliation | None:
    """The reconciliation again; None when the file has another layout."""
    if values.get("layout") != [LAYOUT]:
        return None
    parts: dict[str, Any] = {
        part: kind(**{each.name: values[f"{part}.{each.name}"] for each in fields(kind)})
        for part, kind in _PARTS.items()
    }
    accounts = Accounts(
        primary=tuple(values["accounts.primary"]),
        identifiers=_groups(values, "accounts.identifiers"),
        names=_groups(values, "accounts.names"),
        kind=values["accounts.kind"],
        has_statement=values["accounts.has_statement"],
    )
    return Reconciliation(accounts=accounts, **parts, **{name: values[name] for name in _ROWWISE})


def _groups(values: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], ...]:
    flat: list[str] = values[name]
    ends: list[int] = values[f"{name}.ends"].tolist()
    return tuple(tuple(flat[begin:end]) for begin, end in pairwise(ends))
