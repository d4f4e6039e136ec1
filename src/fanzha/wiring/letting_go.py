"""Stops that end by the terms under which they left: the signatures that allowed them let go as well."""

from __future__ import annotations

import structlog

from fanzha.adapters.store.cases import joined_cases, joined_to
from fanzha.adapters.store.orders import orders_on
from fanzha.adapters.store.unit_of_work import savepoint
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.orders.authority import Authority
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import NOT_LET_GO, Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.orders.proportion import is_kept
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.orders import let_go_under

_log = structlog.get_logger()


def let_go_by_terms(desk: Desk, order: Order, reason: str, authority: Authority | None) -> Order:
    """The order with its end on the way, unless one is already, or people made more of it since than terms may undo.

    Where the signatures do not reach, a person is told to let it go, and that nobody has.
    """
    if any(each.open and each.act in ENDINGS for each in order.instructions):
        return order
    if is_kept(order, _freezes(desk, order)):
        return order
    try:
        if authority is not None:
            with savepoint(desk.connection):
                return let_go_under(desk, order, reason, authority)
    except Unavailable:
        raise  # passes by itself: its cause comes again
    except FanzhaError as failure:
        _log.warning("orders.not_let_go", order=order.number, code=failure.code)
    return desk.keep(order, [Entry(kind=EntryKind.RANG, at=desk.now, by=HOUSE, code=NOT_LET_GO)])


def _freezes(desk: Desk, order: Order) -> list[Order]:
    """Freezes of the same account in the order's case, and in those that are joined with it."""
    together = joined_cases(desk.connection, joined_to(desk.connection, order.case_id))
    return [
        each for each in orders_on(desk.connection, order.target.subject, OrderKind.FREEZE) if each.case_id in together
    ]
