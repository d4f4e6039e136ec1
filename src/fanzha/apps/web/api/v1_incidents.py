"""Reports as JSON: taken once however often they are sent, paperwork to follow; incidents as the pages show them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from fanzha.apps.web.api.v1_orders import WHOLE, Key, Moment, Text, Word, with_token
from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.incidents import BOARD, SCAM_TYPES
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.incidents import AskedAwaited, AskedPayment, AskedReport, IncidentLine, IncidentView
from fanzha.apps.web.views.tables import Page, read_query
from fanzha.cases.incident import MOST_PAYMENTS, WORDS_CHARACTERS, Source
from fanzha.cases.joined import MOST_JOINED
from fanzha.kernel.money import MAX_FEN

router = APIRouter(prefix="/api/v1/incidents")

NO_ZERO = r"^[^\x00]*$"
Paid = Annotated[int, Field(ge=1, le=MAX_FEN), WHOLE]


def _one_of(values: type[StrEnum]) -> Any:
    return {"enum": [each.value for each in values]}


class PaymentBody(BaseModel):
    """A payment as told: to which account of which institution (its short name or code), how much, when."""

    model_config = ConfigDict(extra="forbid", strict=True)

    institution: Word
    payee: Word
    amount_fen: Paid
    at: Moment
    payee_name: Word = ""
    payer: Word = ""


class ReportBody(BaseModel):
    """A report; `key` is the client's, and the same one again takes nothing new. Without `identity_checked` its
    paperwork is to follow."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: Key
    payments: Annotated[list[PaymentBody], Field(min_length=1, max_length=MOST_PAYMENTS)]
    source: Annotated[Word, Field(json_schema_extra=_one_of(Source))] = Source.BANK.value
    reported_at: Moment | None = None
    victim: Word = ""
    scam_type: Annotated[str, Field(pattern=f"^({'|'.join(SCAM_TYPES)})?$")] = ""
    words: Annotated[str, Field(max_length=WORDS_CHARACTERS, pattern=NO_ZERO)] = ""
    identity_checked: bool = False

    def asked(self) -> AskedReport:
        """As the desk takes it."""
        payments = [AskedPayment(**each.model_dump()) for each in self.payments]
        return AskedReport(**{**self.model_dump(), "payments": payments})


class JoinBody(BaseModel):
    """The incidents that are chased in this one's case from now on, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    incidents: Annotated[list[Word], Field(min_length=1, max_length=MOST_JOINED)]
    reason: Text


class AwaitBody(BaseModel):
    """An account that a person finds involved before money was seen to come, at which institution, whose, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    institution: Word
    account: Word
    holder: Word = ""
    reason: Text


@router.get("")
def incidents(request: Request, visitor: SignedOn) -> Page[IncidentLine]:
    """Incidents in sight."""
    return console_of(request).data.incidents(visitor.actor, read_query(BOARD, request.query_params))


@router.post("", dependencies=[Depends(with_token)], status_code=201)
def take_report(request: Request, visitor: SignedOn, told: ReportBody) -> IncidentView:
    """Take a report."""
    data = console_of(request).data
    return data.incident(visitor.actor, data.take_report(visitor.actor, told.asked()))


@router.get("/{number}")
def incident(request: Request, visitor: SignedOn, number: str) -> IncidentView:
    """One incident."""
    return console_of(request).data.incident(visitor.actor, number)


@router.post("/{number}/joined", dependencies=[Depends(with_token)])
def join_incidents(request: Request, visitor: SignedOn, number: str, told: JoinBody) -> IncidentView:
    """Join incidents into this one's case."""
    data = console_of(request).data
    data.join_incidents(visitor.actor, number, told.incidents, told.reason)
    return data.incident(visitor.actor, number)


@router.post("/{number}/awaited", dependencies=[Depends(with_token)])
def await_money(request: Request, visitor: SignedOn, number: str, told: AwaitBody) -> IncidentView:
    """Find an account involved before money came."""
    data = console_of(request).data
    data.await_money(visitor.actor, number, AskedAwaited(**told.model_dump()))
    return data.incident(visitor.actor, number)
