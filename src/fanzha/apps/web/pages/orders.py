"""The tables of orders: all in sight, and those of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Column, Filter, Query, Table

router = APIRouter()

KINDS = ("stop", "freeze", "query", "monitor", "block")
EFFECTS = (
    "draft", "approved", "held", "extended", "frozen", "waiting", "on", "blocked", "answered", "refused", "rejected",
    "cancelled", "converted", "lifted", "released", "lapsed", "consumed",
)  # fmt: skip
WAITS = ("signature", "person", "answer", "sending")

ORDERS = Table(
    name="orders",
    columns=(
        Column(key="order_number", sortable=False),
        Column(key="kind", kind="code", words="words.order_kind", sortable=False),
        Column(key="target", sortable=False, phone=False),
        Column(key="holder", sortable=False, phone=False),
        Column(key="institution", kind="choice", sortable=False, phone=False),
        Column(key="effect", kind="code", words="words.effect", sortable=False),
        Column(key="waits", kind="waits", words="words.waits", sortable=False),
        Column(key="requested_fen", kind="money", phone=False),
        Column(key="holding_fen", kind="money"),
        Column(key="ends_at", kind="clock"),
        Column(key="case", sortable=False, phone=False),
        Column(key="changed_at", kind="time", phone=False),
    ),
    filters=(
        Filter(key="kind", kind="choice", words="words.order_kind", choices=KINDS),
        Filter(key="effect", kind="choice", words="words.effect", choices=EFFECTS),
        Filter(key="waits", kind="choice", words="words.waits", choices=WAITS),
        Filter(key="institution", kind="choice"),
        Filter(key="unit", kind="choice"),
        Filter(key="case", kind="key"),
    ),
    sort="changed_at",
    descending=True,
)


def orders_table(institutions: Sequence[Choice], units: Sequence[Choice]) -> Table:
    """The table with the institutions and units there are to choose; a single unit is no choice."""
    options = {"institution": tuple(institutions), "unit": tuple(units) if len(units) > 1 else ()}
    filters = [replace(each, options=options[each.key]) if each.key in options else each for each in ORDERS.filters]
    kept = (each for each in filters if each.key not in options or each.options)
    return replace(ORDERS, filters=tuple(kept))


@router.get("/orders")
def orders(request: Request, visitor: SignedOn) -> Response:
    """Orders in sight."""
    data = console_of(request).data
    table = orders_table(data.order_institutions(visitor.actor), data.units(visitor.actor))
    return answer_table(request, table, "orders.html", lambda query: data.orders(visitor.actor, query))


@router.get("/cases/{ref}/orders")
def case_orders(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Orders of a case."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    whole = orders_table(data.order_institutions(visitor.actor), ())
    kept = tuple(each for each in whole.columns if each.key != "case")
    table = replace(whole, columns=kept, filters=tuple(each for each in whole.filters if each.key != "case"))

    def of_case(query: Query) -> Query:
        return replace(query, filters={**query.filters, "case": ref})

    return answer_table(
        request, table, "case_orders.html", lambda query: data.orders(visitor.actor, of_case(query)), head=head
    )
