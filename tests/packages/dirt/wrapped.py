"""Line breaks and delimiters inside cells."""

import random

from tests.packages.table import Table


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Summaries with commas, quotes and, where the file quotes, line breaks."""
    for line, tell in table.data():
        summary = line.cells.get("summary")
        if not isinstance(summary, str) or tell.fate != "row" or rng.random() >= rate:
            continue
        choices = [f'{summary},"备注"', f"{summary}，测试", f"{summary};|"]
        if table.ending in ("csv", "xlsx", "xls"):
            choices.append(f"{summary}\n附言")
        line.cells["summary"] = rng.choice(choices)
        line.tags.add("wrapped")
