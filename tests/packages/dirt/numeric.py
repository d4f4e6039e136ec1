"""Spreadsheet cells that are numbers and dates instead of texts."""

import random

from tests.packages import times
from tests.packages.table import MONEY_FIELDS, Table


def apply(table: Table, rng: random.Random) -> None:
    """Money as numbers and moments as dates, where the file is a spreadsheet."""
    if table.ending not in ("xlsx", "xls"):
        return
    dated, digits = rng.random() < 0.6, rng.random() < 0.5
    for line, tell in table.data():
        if tell.fate == "rejected":
            continue
        for name in MONEY_FIELDS:
            value = line.cells.get(name)
            if isinstance(value, str):
                plain = value.replace(",", "").replace("¥", "").replace("￥", "").replace("+", "")
                line.cells[name] = float(plain) if plain.replace(".", "").replace("-", "", 1).isdigit() else value
        time = line.cells.get("time")
        if dated and tell.precision == "second" and isinstance(time, str):
            line.cells["time"] = times.wall(tell.at_s)
        elif digits and isinstance(time, str) and time.replace(".", "", 1).isdigit():
            line.cells["time"] = float(time) if "." in time else int(time)
        direction = line.cells.get("dir")
        if digits and isinstance(direction, str) and direction.isdigit():
            line.cells["dir"] = int(direction)
    table.tags.add("numeric_cells")
