"""Rows of one second in an order that only the balances put right."""

import random

from tests.packages.table import Table


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Shuffle neighbours that tell the same account and the same written moment."""
    at = 0
    lines = table.lines
    while at < len(lines):
        tell, end = lines[at].tell, at + 1
        while tell is not None and end < len(lines):
            other = lines[end].tell
            if other is None or (other.account, other.at_s) != (tell.account, tell.at_s):
                break
            end += 1
        if end - at > 1 and rng.random() < rate:
            group = lines[at:end]
            rng.shuffle(group)
            for line in group:
                line.tags.add("shuffled")
            lines[at:end] = group
        at = end
