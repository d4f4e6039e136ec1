"""Account numbers with the sub-account glued behind them."""

import random

from tests.packages.table import Table


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Show 账号-子账号 in own account numbers that have a card beside them."""
    if "own_card" not in table.fields or rng.random() >= rate:
        return
    joint = rng.choice(("-00001", "_1", "-1"))
    for line, _, text in table.texts("own_number"):
        if line.cells.get("own_card") and text.isdigit():
            line.cells["own_number"] = text + joint
    table.tags.add("subaccounts")
