"""Figures of the hour, and exactly the records behind each number."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.figures import FiguresAsked
from fanzha.apps.web.views.tables import Column, Filter, Query, Table, read_query
from fanzha.orders.effects import OrderKind
from fanzha.statistics.hour import Band, Measure
from fanzha.wiring.figures import Wish

router = APIRouter(prefix="/figures")

OUTCOMES = ("answered", "unanswered", "failed", "lapsed", "released")
_OVER = (Filter(key="after", kind="after"), Filter(key="until", kind="until"))
_WHOSE = (Filter(key="unit", kind="key"), Filter(key="institution", kind="key"))
FIGURES = Table(name="figures", columns=(Column(key="unit"),), filters=(*_OVER, *_WHOSE), sort="unit")
INCIDENTS = Table(
    name="figure_incidents",
    columns=(
        Column(key="order_number", sortable=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="first_paid_at", kind="time", sortable=False, phone=False),
        Column(key="reported_at", kind="time"),
        Column(key="to_order_s", kind="span", sortable=False),
        Column(key="to_first_hold_s", kind="span", sortable=False),
        Column(key="to_last_hold_s", kind="span", sortable=False),
        Column(key="lost_fen", kind="money", sortable=False),
        Column(key="ever_held_fen", kind="money", sortable=False),
    ),
    filters=(
        *_OVER,
        *_WHOSE,
        Filter(key="exactly", kind="key"),
        Filter(key="measure", kind="choice", words="words.figure_measure", choices=tuple(Measure)),
        Filter(key="band", kind="choice", words="words.figure_band", choices=tuple(Band)),
    ),
    sort="reported_at",
    descending=True,
)
ORDERS = Table(
    name="figure_orders",
    columns=(
        Column(key="order_number", sortable=False),
        Column(key="institution", kind="choice", sortable=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="at", kind="time"),
        Column(key="took_or_held_s", kind="span", sortable=False),
        Column(key="result", kind="code", words="words.result", sortable=False),
        Column(key="fen", kind="money", sortable=False),
    ),
    filters=(
        *_OVER,
        *_WHOSE,
        Filter(key="kind", kind="choice", words="words.order_kind", choices=tuple(OrderKind)),
        Filter(key="outcome", kind="choice", words="words.figure_outcome", choices=OUTCOMES),
        Filter(key="code", kind="key"),
    ),
    sort="at",
    descending=True,
)


@router.get("")
def figures(request: Request, visitor: SignedOn) -> Response:
    """How soon orders left and money was held, by unit; held ÷ loss by delay; answers by bank; what ended."""
    query = read_query(FIGURES, request.query_params)
    view = console_of(request).data.figures(visitor.actor, asked_of(query))
    whose = (
        Filter(key="unit", kind="choice", options=tuple(view.may_choose_units)),
        Filter(key="institution", kind="choice", options=tuple(view.may_choose_banks)),
    )
    table = replace(FIGURES, filters=(*_OVER, *(each for each in whose if each.options)))
    return render(request, "figures.html", view=view, table=table, query=query)


@router.get("/incidents")
def incidents(request: Request, visitor: SignedOn) -> Response:
    """The incidents behind a number."""
    data = console_of(request).data
    return answer_table(
        request,
        INCIDENTS,
        "figure_records.html",
        lambda query: data.figure_incidents(visitor.actor, asked_of(query), wish_of(query), query),
        opens="/incidents/{}",
    )


@router.get("/orders")
def orders(request: Request, visitor: SignedOn) -> Response:
    """The orders behind a number."""
    data = console_of(request).data
    return answer_table(
        request,
        ORDERS,
        "figure_records.html",
        lambda query: data.figure_orders(visitor.actor, asked_of(query), wish_of(query), query),
        opens="/orders/{}",
    )


def asked_of(query: Query) -> FiguresAsked:
    """Over what the URL asks for figures."""
    return FiguresAsked(
        since=query.moment("after"),
        until=query.moment("until"),
        unit=query.word("unit"),
        institution=query.word("institution"),
    )


def wish_of(query: Query) -> Wish:
    """Which number's records the URL asks for."""
    measure, band = query.word("measure"), query.word("band")
    return Wish(
        unit=query.word("exactly"),
        measure=Measure(measure) if measure else None,
        band=Band(band) if band else None,
        kind=query.word("kind"),
        outcome=query.word("outcome"),
        code=query.word("code"),
    )
