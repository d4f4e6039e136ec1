"""`fanzha clocks list`: every clock of orders and objections, by what rings next."""

from __future__ import annotations

from typing import Annotated

from fanzha.adapters.store.wishes import next_due
from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, worded
from fanzha.kernel.errors import Invalid
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.house import operator

app = noun("clocks")

MOST = 1_000
LINE = ("rings_at", "clock", "weight", "order", "kind", "holding_fen", "unit")


@command(app, "clocks.list")
def list_(
    limit: Annotated[int, option("clocks.list.limit", "--limit")] = 50,
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """Running clocks, soonest first."""
    if not 1 <= limit <= MOST:
        raise Invalid("cli.bad_parameter", name="--limit", expected=f"1-{MOST}")
    with opened_house() as house, house.act(operator()) as connection:
        rows = next_due(connection, CLOCK_WORK, limit)
    told = [
        {
            "rings_at": each.due_at,
            "clock": each.payload["clock"],
            "weight": each.payload["weight"],
            "order": each.payload["number"],
            "kind": each.payload["kind"],
            "holding_fen": each.payload["fen"],
            "unit": each.unit_path,
        }
        for each in rows
    ]
    give(worded(told, form, clock="clock", weight="clock_weight", kind="order_kind"), LINE, form)
