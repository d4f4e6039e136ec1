"""Serials that mean nothing: one value in every row, or none."""

import random

from tests.packages.table import Table


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Now and then a whole file's serials are void."""
    if "serial" not in table.fields or rng.random() >= rate:
        return
    junk = rng.choice(("0", "000000", "", "-", "999999999"))
    for line, _ in table.data():
        line.cells["serial"] = junk
        line.cells["log"] = junk
    table.tags.add("junk_serial")
