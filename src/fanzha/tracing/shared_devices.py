"""Terminals and addresses from which several accounts acted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Coded, StatementRows
from fanzha.tracing.account_facts import FactLimits
from fanzha.tracing.movements.movements import Fate, Reconciliation
from fanzha.tracing.movements.runs import changed_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDevice:
    """A terminal, IP or MAC address from which several accounts acted, each with one row as evidence."""

    kind: str
    value: str
    nodes: tuple[int, ...]
    evidence: tuple[int, ...]
    row_count: int


def shared_devices(rows: StatementRows, reconciled: Reconciliation, limits: FactLimits) -> tuple[SharedDevice, ...]:
    """Terminals and addresses from which several accounts acted, those of most accounts first."""
    found = [
        device
        for kind, column in (("terminal", rows.terminal), ("ip", rows.ip), ("mac", rows.mac))
        for device in _shared(kind, column, rows, reconciled)
    ]
    found.sort(key=lambda device: (-len(device.nodes), -device.row_count, device.kind, device.value))
    return tuple(found[: limits.shared_devices])


def _shared(kind: str, column: Coded, rows: StatementRows, reconciled: Reconciliation) -> list[SharedDevice]:
    told = _told_once(column.codes, rows, reconciled)
    told = told[np.lexsort((reconciled.movement[told], rows.at_us[told]))]
    codes, nodes = column.codes[told], reconciled.own[told]
    changes = changed_pairs(codes, nodes, len(column.values))
    pairs, first = np.unique(codes[changes].astype(np.int64) << 32 | nodes[changes], return_index=True)
    uses = np.bincount(codes, minlength=len(column.values))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(pairs >> 32) != 0])) if len(pairs) else pairs
    found = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(pairs)], strict=False):
        if end - start > 1:
            code = int(pairs[start] >> 32)
            found.append(
                SharedDevice(
                    kind=kind,
                    value=column.values[code],
                    nodes=tuple((pairs[start:end] & 0xFFFFFFFF).tolist()),
                    evidence=tuple(told[changes[first[start:end]]].tolist()),
                    row_count=int(uses[code]),
                )
            )
    return found


def _told_once(codes: NDArray[np.int32], rows: StatementRows, reconciled: Reconciliation) -> NDArray[np.int64]:
    """The own rows that tell a code, each entry once however many files repeat it, also where only a repeat tells."""
    told = (codes != ABSENT) & (rows.side != 0)
    repeats = np.flatnonzero(told & (reconciled.fate == Fate.DUPLICATE_ENTRY))
    told[repeats] = False
    entry = reconciled.same_as[repeats]
    news = codes[repeats] != codes[entry]
    _, first = np.unique(entry[news].astype(np.int64) << 32 | codes[repeats[news]], return_index=True)
    told[repeats[news][first]] = True
    return np.flatnonzero(told)
