"""Reversals and the entries that they take back: neither moves money."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag
from fanzha.tracing.movements.accounts import Fits
from fanzha.tracing.movements.movements import PairingLimits
from fanzha.tracing.movements.reversal_kernels import originals
from fanzha.tracing.movements.runs import packed
from fanzha.tracing.movements.tellings import Tellings, mixed_key


def taken_back(rows: Tellings, entries: NDArray[np.int64], fits: Fits, limits: PairingLimits) -> NDArray[np.int64]:
    """int64[n]: for each reversal among `entries` the telling it takes back, −1 where none is found and for other rows.

    An equal serial is looked for first, then the nearest earlier entry of the same account and amount whose
    counterparty does not contradict or is called the same; opposite signs before equal ones (red ink). Equal times go
    by file order.
    """
    original = np.full(len(rows), -1, np.int64)
    reversal = rows.has(Flag.REVERSAL)
    if not reversal[entries].any():
        return original
    concerned = np.zeros(len(rows), np.bool_)
    concerned[entries] = True
    for column in (rows.own, rows.sum):
        taken = np.zeros(int(column.max()) + 1, np.bool_)
        taken[column[entries[reversal[entries]]]] = True
        concerned &= taken[column]
    entries = rows.in_time(concerned)
    key = mixed_key(rows.own[entries], rows.sum[entries])
    members, bounds = packed(entries, key)
    back = np.full(len(rows), -1, np.int64)
    for by_serial, opposite in ((True, True), (True, False), (False, True), (False, False)):
        originals(
            (by_serial, opposite),
            bounds,
            members,
            reversal,
            (rows.side, rows.other, rows.other_name, rows.serial, rows.book),
            (rows.at_us, rows.width_us, rows.file),
            (fits.start, fits.nodes, fits.partial, fits.wide),
            (limits.reversal_us, limits.comparisons),
            back,
            original,
        )
    return original
