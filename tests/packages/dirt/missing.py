"""Counterparties that are not there, in the words banks use for nothing."""

import random

from tests.packages.table import Table, View

_NOTHING = ("", "", "", "-", "--", "/", "无", "NULL", "null", "\\N", "N/A", "0", "空")


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Blank the number; sometimes the name survives."""
    nothing = rng.choice(_NOTHING)
    for line, tell, _ in table.texts("cp_no"):
        if tell.other.knowledge != "full" or rng.random() >= rate:
            continue
        line.cells["cp_no"] = nothing
        if rng.random() < 0.6:
            line.cells |= {"cp_name": nothing if nothing != "0" else "", "cp_id": "", "cp_bank": ""}
        tell.show_other(View(knowledge="none", account=tell.other.account))
        line.tags.add("missing")
    for line, tell in table.data():
        if (
            tell.other.knowledge == "none"
            and tell.side != "both"
            and line.cells.get("cp_no") is None
            and rng.random() < 0.5
        ):
            line.cells["cp_no"] = nothing
