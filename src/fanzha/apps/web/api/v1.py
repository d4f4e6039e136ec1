"""The console's reads as JSON under `/api/v1`: same data, same permissions, same masks."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.api.described import described
from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.accounts import ACCOUNTS
from fanzha.apps.web.pages.case import LOG, PEOPLE
from fanzha.apps.web.pages.cases import CASES
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.pages.quality import DUPLICATES, REJECTED
from fanzha.apps.web.pages.trace_tables import ASKING, DISPUTES, HOLDINGS, HOPS, PASSAGES, starts_table
from fanzha.apps.web.pages.work import WORK
from fanzha.apps.web.rendering import language_of
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.cases import CaseHead, CaseLine, LogLine, PersonLine
from fanzha.apps.web.views.imports import DuplicateLine, ImportLine, ImportProgress, QualityView, RejectedLine
from fanzha.apps.web.views.movements import AccountLine, AccountView, MovementEvidence, MovementLine
from fanzha.apps.web.views.tables import Page, read_query
from fanzha.apps.web.views.trace import (
    AskingLine,
    DisputeLine,
    HoldingLine,
    HopLine,
    PassageLine,
    StartLine,
    TraceView,
    read_question,
)
from fanzha.apps.web.views.victims import VictimLine
from fanzha.apps.web.views.work import WorkLine, WorkView

router = APIRouter(prefix="/api/v1")


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, visitor: SignedOn) -> Response:
    """The description of this API, in the language of whoever asks."""
    return JSONResponse(described(request.app.openapi(), language_of(request)))


@router.get("/cases")
def cases(request: Request, visitor: SignedOn) -> Page[CaseLine]:
    """Cases in sight."""
    return console_of(request).data.cases(visitor.actor, read_query(CASES, request.query_params))


@router.get("/imports")
def progress(request: Request, visitor: SignedOn) -> Sequence[ImportProgress]:
    """Imports that wait, run or have just ended."""
    return console_of(request).data.progress(visitor.actor)


@router.get("/work")
def work(request: Request, visitor: SignedOn) -> Page[WorkLine]:
    """Background work in sight."""
    return console_of(request).data.work(visitor.actor, read_query(WORK, request.query_params))


@router.get("/work/{work_id}")
def one_work(request: Request, visitor: SignedOn, work_id: str) -> WorkView:
    """One row of background work and what people did about it."""
    return console_of(request).data.one_work(visitor.actor, work_id)


@router.get("/cases/{ref}")
def case(request: Request, visitor: SignedOn, ref: str) -> CaseHead:
    """The headline of a case."""
    return console_of(request).data.case(visitor.actor, ref)


@router.get("/cases/{ref}/imports")
def imports(request: Request, visitor: SignedOn, ref: str) -> Sequence[ImportLine]:
    """Imports of a case."""
    return console_of(request).data.imports(visitor.actor, ref)


@router.get("/cases/{ref}/quality")
def quality(request: Request, visitor: SignedOn, ref: str) -> QualityView:
    """The quality report of a case or, with `?import=`, of one import."""
    return console_of(request).data.quality(visitor.actor, ref, request.query_params.get("import") or None)


@router.get("/cases/{ref}/rejected")
def rejected(request: Request, visitor: SignedOn, ref: str) -> Page[RejectedLine]:
    """Rejected rows."""
    return console_of(request).data.rejected(visitor.actor, ref, read_query(REJECTED, request.query_params))


@router.get("/cases/{ref}/duplicates")
def duplicates(request: Request, visitor: SignedOn, ref: str) -> Page[DuplicateLine]:
    """Rows that repeat another."""
    return console_of(request).data.duplicates(visitor.actor, ref, read_query(DUPLICATES, request.query_params))


@router.get("/cases/{ref}/movements")
def movements(request: Request, visitor: SignedOn, ref: str) -> Page[MovementLine]:
    """Movements of a case."""
    return console_of(request).data.movements(visitor.actor, ref, read_query(MOVEMENTS, request.query_params))


@router.get("/cases/{ref}/movements/{movement}")
def movement(request: Request, visitor: SignedOn, ref: str, movement: str) -> MovementEvidence:
    """One movement and the rows that tell of it."""
    return console_of(request).data.movement(visitor.actor, ref, movement)


@router.get("/cases/{ref}/accounts")
def accounts(request: Request, visitor: SignedOn, ref: str) -> Page[AccountLine]:
    """Accounts of a case."""
    return console_of(request).data.accounts(visitor.actor, ref, read_query(ACCOUNTS, request.query_params))


@router.get("/cases/{ref}/accounts/{account}")
def account(request: Request, visitor: SignedOn, ref: str, account: str) -> AccountView:
    """What a case's rows say about one account."""
    return console_of(request).data.account(visitor.actor, ref, account)


@router.get("/cases/{ref}/people")
def people(request: Request, visitor: SignedOn, ref: str) -> Page[PersonLine]:
    """Persons of a case."""
    return console_of(request).data.people(visitor.actor, ref, read_query(PEOPLE, request.query_params))


@router.get("/cases/{ref}/victims")
def victims(request: Request, visitor: SignedOn, ref: str) -> Sequence[VictimLine]:
    """Whom people named victims of a case."""
    return console_of(request).data.victims(visitor.actor, ref)


@router.get("/cases/{ref}/log")
def log(request: Request, visitor: SignedOn, ref: str) -> Page[LogLine]:
    """Who did what to a case."""
    return console_of(request).data.log(visitor.actor, ref, read_query(LOG, request.query_params))


@router.get("/cases/{ref}/trace")
def trace(request: Request, visitor: SignedOn, ref: str) -> TraceView:
    """A trace's sums, what it counts, and the largest of what lies and lacks."""
    return console_of(request).data.trace(visitor.actor, ref, read_question(request.query_params))


@router.get("/cases/{ref}/trace/starts")
def trace_starts(request: Request, visitor: SignedOn, ref: str) -> Page[StartLine]:
    """The starting payments of a trace."""
    question = read_question(request.query_params)
    query = read_query(starts_table(question), request.query_params)
    return console_of(request).data.trace_starts(visitor.actor, ref, question, query)


@router.get("/cases/{ref}/trace/hops")
def trace_hops(request: Request, visitor: SignedOn, ref: str) -> Page[HopLine]:
    """Payments that carried traced money."""
    question = read_question(request.query_params)
    query = read_query(HOPS, request.query_params)
    return console_of(request).data.trace_hops(visitor.actor, ref, question, query)


@router.get("/cases/{ref}/trace/holdings")
def trace_holdings(request: Request, visitor: SignedOn, ref: str) -> Page[HoldingLine]:
    """Where traced money lies."""
    question = read_question(request.query_params)
    query = read_query(HOLDINGS, request.query_params)
    return console_of(request).data.trace_holdings(visitor.actor, ref, question, query)


@router.get("/cases/{ref}/trace/asking")
def trace_asking(request: Request, visitor: SignedOn, ref: str) -> Page[AskingLine]:
    """Statements worth asking for."""
    question = read_question(request.query_params)
    query = read_query(ASKING, request.query_params)
    return console_of(request).data.trace_asking(visitor.actor, ref, question, query)


@router.get("/cases/{ref}/trace/accounts")
def trace_passages(request: Request, visitor: SignedOn, ref: str) -> Page[PassageLine]:
    """How traced money went through each account."""
    question = read_question(request.query_params)
    query = read_query(PASSAGES, request.query_params)
    return console_of(request).data.trace_passages(visitor.actor, ref, question, query)


@router.get("/cases/{ref}/trace/disputes")
def trace_disputes(request: Request, visitor: SignedOn, ref: str) -> Page[DisputeLine]:
    """Where the rules disagree."""
    question = read_question(request.query_params)
    query = read_query(DISPUTES, request.query_params)
    return console_of(request).data.trace_disputes(visitor.actor, ref, question, query)
