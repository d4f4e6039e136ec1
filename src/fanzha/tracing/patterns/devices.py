"""From which terminals and addresses payments were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Side, StatementRows
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow
from fanzha.tracing.movements.movements import NO_MOVEMENT, Reconciliation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceUses:
    """Payments beside a device of one kind that their payers' books tell.

    Columns of length u: `code` into `values`, and `dealing`.
    """

    kind: str
    values: tuple[str, ...]
    code: NDArray[np.int64]
    dealing: NDArray[np.int64]


def device_uses(rows: StatementRows, found: Reconciliation, flow: CaseFlow) -> tuple[DeviceUses, ...]:
    """Every payment once for each device that a row of its payer's books tells, however many files repeat the row."""
    told = []
    for kind, column in (("ip", rows.ip), ("mac", rows.mac), ("terminal", rows.terminal)):
        row = np.flatnonzero((column.codes != ABSENT) & (rows.side == Side.PAID) & (found.movement != NO_MOVEMENT))
        dealing = flow.transfer[found.movement[row]].astype(np.int64)
        row, dealing = row[dealing != NO_TRANSFER], dealing[dealing != NO_TRANSFER]
        use = np.unique(column.codes[row].astype(np.int64) << 40 | dealing)
        told.append(DeviceUses(kind=kind, values=column.values, code=use >> 40, dealing=use & ((1 << 40) - 1)))
    return tuple(told)
