"""Counterparties that the sending bank hid behind asterisks."""

import random

from tests.packages.table import Table, View


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Mask number and name; what stays known is the pattern."""
    for line, tell, text in table.texts("cp_no"):
        if tell.other.knowledge != "full" or not text.isdigit() or len(text) < 12 or rng.random() >= rate:
            continue
        shown, pattern = _mask(rng, text)
        line.cells["cp_no"] = shown
        tell.show_other(View(knowledge="masked", account=tell.other.account, pattern=pattern))
        name = line.cells.get("cp_name")
        if isinstance(name, str) and name and rng.random() < 0.6:
            line.cells["cp_name"] = name[0] + "*" * (len(name) - 1)
        line.tags.add("masked")


def _mask(rng: random.Random, text: str) -> tuple[str, str]:
    head, tail = text[:6], text[-4:]
    return rng.choice(
        (
            (f"{text[:4]}****{tail}", f"{text[:4]}*{tail}"),
            (f"{head}{'*' * (len(text) - 10)}{tail}", f"{head}{'?' * (len(text) - 10)}{tail}"),
            (f"{text[:4]} **** **** {tail}", f"{text[:4]}*{tail}"),
            (f"{head}******{tail}", f"{head}*{tail}"),
            (f"***{tail}", f"*{tail}"),
            (f"{head}xxxxxx{tail}", f"{head}*{tail}"),
        )
    )
