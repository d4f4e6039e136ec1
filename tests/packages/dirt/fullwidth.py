"""Digits and punctuation typed full-width."""

import random

from tests.packages.table import MONEY_FIELDS, NUMBER_FIELDS, Table


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Widen whole cells."""
    for name in (*NUMBER_FIELDS, *MONEY_FIELDS, "time", "dir"):
        for line, _, text in table.texts(name):
            if rng.random() < rate:
                line.cells[name] = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
                line.tags.add("fullwidth")
