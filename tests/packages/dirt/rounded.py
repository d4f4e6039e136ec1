"""Long numbers that a spreadsheet rounded: scientific notation, and numeric cells beyond 15 digits."""

import random

from tests.packages.table import NUMBER_FIELDS, Table, Tell, View


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Round counterparties, and own cards where the account number beside them survives."""
    for name in NUMBER_FIELDS:
        whole = rng.random() < min(0.15, rate * 8)
        for line, tell, text in table.texts(name):
            if not text.isdigit() or len(text) < 12 or not (whole or rng.random() < rate):
                continue
            if name in ("own_card", "own_number"):
                beside = "own_number" if name == "own_card" else "own_card"
                other = line.cells.get(beside) if beside in table.fields else None
                if not (isinstance(other, str) and other.strip().isdigit()):
                    continue
            elif not _is_full(tell, name):
                continue
            cell, pattern = _round(text, table.ending, rng)
            line.cells[name] = cell
            line.tags.add("rounded")
            if name == "cp_no" and pattern is not None:
                tell.show_other(View(knowledge="masked", account=tell.other.account, pattern=pattern))
            elif name == "payer_no" and pattern is not None:
                tell.payer = View(knowledge="masked", account=tell.payer.account, pattern=pattern)
            elif name == "payee_no" and pattern is not None:
                tell.payee = View(knowledge="masked", account=tell.payee.account, pattern=pattern)


def _is_full(tell: Tell, name: str) -> bool:
    view = {"cp_no": tell.other, "payer_no": tell.payer, "payee_no": tell.payee}[name]
    return view.knowledge == "full"


def _round(text: str, ending: str, rng: random.Random) -> tuple[str | int | float, str | None]:
    """The cell a spreadsheet leaves and the pattern still known, None when nothing was lost."""
    if ending in ("xlsx", "xls"):
        if len(text) <= 15:
            return int(text), None
        return float(f"{int(text):.14e}"), text[:14] + "?" * (len(text) - 14)  # the 15th digit may be rounded
    short = rng.random() < 0.7
    cell = f"{int(text):.5E}" if short else f"{int(text):.14E}"
    if not short and len(text) <= 15:
        return cell, None
    kept = 5 if short else 14
    return cell, text[:kept] + "?" * (len(text) - kept)
