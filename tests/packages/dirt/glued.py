"""Things glued to cells: tabs, apostrophes, quotes, spaces, ="…", invisible characters."""

import random

from tests.packages.table import NAME_FIELDS, NUMBER_FIELDS, Table

_FIELDS = (
    *NUMBER_FIELDS,
    *NAME_FIELDS,
    "time",
    "serial",
    "own_id",
    "cp_id",
    "amount",
    "balance",
    "dir",
    "date",
    "clock",
    "ok",
)


def apply(table: Table, rng: random.Random, rate: float) -> None:
    """Glue one thing a cell; a file mostly has one habit for its numbers."""
    if not rate:
        return
    habit = rng.choice(("tab", "tab", "apostrophe", "spaces", "formula", "quotes", "ideographic", "invisible"))
    whole_column = {name for name in _FIELDS if rng.random() < 0.2}
    for name in _FIELDS:
        for line, _, text in table.texts(name):
            if name in whole_column:
                line.cells[name] = _glue(habit, text, table)
            elif rng.random() < rate:
                line.cells[name] = _glue(
                    rng.choice(("tab", "apostrophe", "spaces", "ideographic", "invisible")), text, table
                )
                line.tags.add("glued")
    table.tags.add(f"glued:{habit}")


def _glue(habit: str, text: str, table: Table) -> str:
    if habit == "tab":
        return text + " " if table.ending in ("tsv", "txt") else text + "\t"
    if habit == "formula":
        return f'="{text}"' if table.ending == "csv" else " " + text
    return {
        "apostrophe": "'" + text,
        "spaces": f"  {text} ",
        "quotes": f'"{text}"' if table.ending == "xlsx" else f"'{text}'",
        "ideographic": f"{text}\u3000",
        "invisible": f"\u200b{text}\u00a0",
    }[habit]
