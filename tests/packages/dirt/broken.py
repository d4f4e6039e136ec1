"""Cells without which a row is nothing: amounts and times that are not there or are not one."""

import random

from tests.packages.table import Table

_AMOUNTS = ("", "--", "#VALUE!", "N/A", "壹佰元整?", "12.3.4", "1,2O0.00", "########")
_TIMES = ("", "0000-00-00 00:00:00", "2024-13-45 10:00:00", "99991399999999", "########", "2024-02-30 12:00:00", "昨天")


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Break one needed cell; the row is to be rejected and named."""
    for line, tell in table.data():
        if tell.fate not in ("row", "failed") or rng.random() >= rate:
            continue
        if "amount" in line.cells and rng.random() < 0.5:
            line.cells["amount"] = rng.choice(_AMOUNTS)
            tell.reason = "amount"
        elif "time" in line.cells:
            line.cells["time"] = rng.choice(_TIMES)
            tell.reason = "time"
        else:
            continue
        tell.fate = "rejected"
        line.tags.add("broken")
