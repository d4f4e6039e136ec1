"""`fanzha clocks list`: every clock of orders and objections, by what rings next."""

from __future__ import annotations

from typing import Annotated

from fanzha.adapters.store.clock_rows import Running, running_clocks
from fanzha.adapters.store.orders import orders_of
from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, worded
from fanzha.kernel.errors import Invalid
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.house import operator
from fanzha.wiring.objections import OBJECTION_CLOCK

app = noun("clocks")

MOST = 1_000
CLOCKS = (CLOCK_WORK, OBJECTION_CLOCK)
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
        _, rows = running_clocks(connection, Running(kinds=CLOCKS), limit=limit)
        orders = {each.id: each for each in orders_of(connection, [each.order_id for each in rows])}
    told = [
        {
            "rings_at": each.rings_at,
            "clock": each.clock,
            "weight": each.weight,
            "order": order.number,
            "kind": order.kind.value,
            "holding_fen": order.holding_fen,
            "unit": order.unit_path,
        }
        for each in rows
        if (order := orders.get(each.order_id)) is not None
    ]
    give(worded(told, form, clock="clock", weight="clock_weight", kind="order_kind"), LINE, form)
