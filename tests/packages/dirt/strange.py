"""Rows that are data and move nothing, and rows that lack what only the balances can give back."""

import random
from dataclasses import replace

from tests.packages.table import Line, Table, Tell


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Put foreign currency, zero amounts, empty answers and blank directions among the rows."""
    if table.layout != "feedback":
        return
    out: list[Line] = []
    for line in table.lines:
        out.append(line)
        if line.tell is None or line.tell.fate != "row" or line.kind != "data":
            continue
        if rng.random() < rate:
            out.append(_strange(table, line, rng))
        elif rng.random() < rate / 2:
            line.cells["dir"] = ""
            line.tags.add("no_direction")
            line.tell.fate = "any"
    table.lines = out


def _strange(table: Table, beside: Line, rng: random.Random) -> Line:
    """A row after `beside` with the same balance, since it moves no yuan."""
    assert beside.tell is not None
    tell: Tell = replace(beside.tell, fate="still")
    cells = dict(beside.cells)
    kind = rng.choice(("zero", "foreign") if "currency" in table.fields else ("zero",))
    if "result" in table.fields and rng.random() < 0.3:
        kind = "no answer"
        keep = ("own_card", "own_number", "own_name", "own_id")
        cells = {name: cell for name, cell in cells.items() if name in keep} | {"result": "账户无交易记录"}
    elif kind == "zero":
        cells |= {"amount": rng.choice(("0.00", "0", "0.0")), "summary": "余额查询", "type": "余额查询"}
    else:
        cells |= {"currency": rng.choice(("美元", "USD", "港币")), "amount": "77.00", "balance": "1077.00"}
    return Line(kind="data", cells=cells, tell=tell, tags={f"strange:{kind}"})
