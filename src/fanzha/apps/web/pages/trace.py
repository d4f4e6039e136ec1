"""Where money of a case went: the question, its answer, and the rows behind every number of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table
from fanzha.apps.web.pages.trace_frame import answer, frame
from fanzha.apps.web.pages.trace_tables import ASKING, DISPUTES, HOLDINGS, HOPS, PASSAGES, WAYS_OUT, starts_table
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.cases import CaseHead
from fanzha.apps.web.views.tables import Listing, Page, Query, Table
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.views.visitor import Visitor

router = APIRouter(prefix="/cases/{ref}/trace")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceExport:
    """A file of the whole trace: its words are `web.trace.export.<name>`; `place` follows the trace's address."""

    name: str
    place: str


EXPORTS = (
    TraceExport(name="hops_csv", place="/hops?export=csv"),
    TraceExport(name="hops_json", place="/hops?export=json"),
    TraceExport(name="holdings_csv", place="/holdings?export=csv"),
    TraceExport(name="holdings_json", place="/holdings?export=json"),
    TraceExport(name="picture_svg", place="/picture.svg"),
)
"""The files that the first page of a trace offers, in this order; the question follows each address."""


@router.get("")
def trace(request: Request, visitor: SignedOn, ref: str) -> Response:
    """What became of the payments that the URL names, or which to choose."""
    data = console_of(request).data

    def answered(head: CaseHead, question: TraceQuestion) -> Response:
        view = data.trace(visitor.actor, ref, question)
        return answer_table(
            request,
            starts_table(question),
            "trace.html",
            lambda query: data.trace_starts(visitor.actor, ref, question, query),
            view=view,
            exports=EXPORTS,
            ways_out=WAYS_OUT,
            **frame(request, head, question),
        )

    return answer(request, visitor, answered)


@router.get("/methods")
def methods(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The sums of the same question by every method: the part of the page that takes longest."""
    data = console_of(request).data

    def answered(head: CaseHead, question: TraceQuestion) -> Response:
        lines = data.trace_methods(visitor.actor, ref, question)
        template = "trace_methods.html" if request.headers.get("hx-request") else "trace_compared.html"
        return render(request, template, lines=lines, **frame(request, head, question))

    return answer(request, visitor, answered)


@router.get("/hops")
def hops(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Payments that carried traced money."""
    data = console_of(request).data
    return _rows(
        request,
        visitor,
        HOPS,
        lambda question, query: data.trace_hops(visitor.actor, ref, question, query),
        lambda question, query: data.every_trace_hop(visitor.actor, ref, question, query),
    )


@router.get("/holdings")
def holdings(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Where traced money lies now."""
    data = console_of(request).data
    return _rows(
        request,
        visitor,
        HOLDINGS,
        lambda question, query: data.trace_holdings(visitor.actor, ref, question, query),
        lambda question, query: data.every_trace_holding(visitor.actor, ref, question, query),
    )


@router.get("/asking")
def asking(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Statements worth asking for."""
    data = console_of(request).data
    return _rows(
        request,
        visitor,
        ASKING,
        lambda question, query: data.trace_asking(visitor.actor, ref, question, query),
    )


@router.get("/accounts")
def accounts(request: Request, visitor: SignedOn, ref: str) -> Response:
    """How traced money went through each account."""
    data = console_of(request).data
    return _rows(
        request,
        visitor,
        PASSAGES,
        lambda question, query: data.trace_passages(visitor.actor, ref, question, query),
    )


@router.get("/disputes")
def disputes(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Where the rules disagree."""
    data = console_of(request).data
    return _rows(
        request,
        visitor,
        DISPUTES,
        lambda question, query: data.trace_disputes(visitor.actor, ref, question, query),
    )


def _rows(
    request: Request,
    visitor: Visitor,
    table: Table,
    fetch: Callable[[TraceQuestion, Query], Page[Row]],
    every: Callable[[TraceQuestion, Query], Listing[Row]] | None = None,
) -> Response:
    """One table of the trace that the URL asks for."""

    def answered(head: CaseHead, question: TraceQuestion) -> Response:
        return answer_table(
            request,
            table,
            "trace_rows.html",
            partial(fetch, question),
            partial(every, question) if every else None,
            **frame(request, head, question),
        )

    return answer(request, visitor, answered)
