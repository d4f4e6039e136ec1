"""What the kind of a transaction says of a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.table import Table
from fanzha.records.statements.words import NEUTRAL, Hints


def hinted(table: Table, hints: Hints) -> NDArray[np.int8]:
    """The direction that each row's kind hints at, its summary where the kind says nothing."""
    found = np.zeros(len(table), np.int8)
    for name in ("type", "summary"):
        for bound in table.plan.columns_of(name):
            codes, values = table.raw(bound).encoded
            sides = np.array([*map(hints.side, values), NEUTRAL], np.int8)
            found = np.where(found == NEUTRAL, sides[codes], found)
    return found
