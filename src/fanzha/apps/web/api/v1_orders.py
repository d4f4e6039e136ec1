"""Orders as JSON: the same reads, acts, permissions and masks as the pages; an act asked twice is done once.

What opens or drafts carries a key of the client's; a signature, a refusal and a withdrawal are each one person's once.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.orders import ORDERS
from fanzha.apps.web.security.sessions import SignedOn, check_token
from fanzha.apps.web.views.new_order import AskedOrder
from fanzha.apps.web.views.orders import OrderAct, OrderLine, OrderView
from fanzha.apps.web.views.tables import Page, read_query
from fanzha.kernel.clock import utc
from fanzha.kernel.money import MAX_FEN
from fanzha.orders.drafting import REASON_CHARACTERS
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import QueryOf, TargetKind
from fanzha.protocol.parties import HolderClass

router = APIRouter(prefix="/api/v1/orders")

NAMED = tuple(replace(each, kind="key") if each.key in {"institution", "unit"} else each for each in ORDERS.filters)
ORDERS_BY_NAME = replace(ORDERS, filters=NAMED)
"""The table of orders for those who see no list to choose from: institutions and units by their names."""


def _one_of(kind: type[StrEnum], *more: str) -> Any:
    """How the description tells a word that is checked where it is used."""
    return {"enum": [*more, *(each.value for each in kind)]}


def _whole(told: object) -> object:
    """A number like 574.0 is a whole one in JSON; beyond what a float holds exactly it is not."""
    return int(told) if isinstance(told, float) and told.is_integer() and abs(told) <= EXACT else told


EXACT = 2**53
NO_ZERO = r"^[^\x00]*$"  # no keyboard makes one, and the database keeps none
Word = Annotated[str, Field(max_length=200, pattern=NO_ZERO)]
Text = Annotated[str, Field(min_length=1, max_length=REASON_CHARACTERS, pattern=NO_ZERO)]
Key = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_ZERO)]
WHOLE = BeforeValidator(_whole)
Sum = Annotated[int, Field(ge=0, le=MAX_FEN), WHOLE]
Term = Annotated[int, Field(ge=1, le=366), WHOLE]
Moment = Annotated[AwareDatetime, Field(strict=False), AfterValidator(utc)]
Kind = Annotated[Word, Field(json_schema_extra=_one_of(OrderKind))]
About = Annotated[Word, Field(json_schema_extra=_one_of(TargetKind))]
Asked = Annotated[Word, Field(json_schema_extra=_one_of(QueryOf, ""))]
Holds = Annotated[Word, Field(json_schema_extra=_one_of(HolderClass, ""))]
Wanted = Annotated[Word, Field(json_schema_extra=_one_of(Act))]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewOrderBody(_Told):
    """A new order; `key` is the client's, and the same one again opens nothing new; `sure` repeats the last four digits
    of a card whose check digit fails."""

    key: Key
    case: Word
    kind: Kind
    institution: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_ZERO)]
    reason: Text
    target_kind: About = "account"
    account: Word = ""
    movement: Word = ""
    number: Word = ""
    holder: Word = ""
    holder_class: Holds = ""
    amount_fen: Sum | None = None
    paid_at: Moment | None = None
    payer: Word = ""
    payer_name: Word = ""
    payer_institution: Word = ""
    traceable_fen: Sum | None = None
    limit_fen: Sum | None = None
    term: Word = "ordinary"
    months: Term | None = None
    days: Term | None = None
    include_interest: bool = False
    query_of: Asked = ""
    since: Moment | None = None
    until: Moment | None = None
    evidence: Word = ""
    sure: Word = ""


class NewInstructionBody(_Told):
    """One more instruction about an order: extend, renew, release, lift, or apply again."""

    key: Key
    act: Wanted
    reason: Text
    months: Term | None = None
    release_fen: Sum | None = None


class ReasonBody(_Told):
    """Why."""

    reason: Text


def with_token(request: Request, visitor: SignedOn) -> None:
    """Only with the token of the session's forms."""
    check_token(request)


Unsafe = [Depends(with_token)]


@router.get("")
def orders(request: Request, visitor: SignedOn) -> Page[OrderLine]:
    """Orders in sight."""
    return console_of(request).data.orders(visitor.actor, read_query(ORDERS_BY_NAME, request.query_params))


@router.post("", dependencies=Unsafe, status_code=201)
def open_order(request: Request, visitor: SignedOn, told: NewOrderBody) -> OrderView:
    """Open an order."""
    data = console_of(request).data
    number = data.open_new_order(visitor.actor, AskedOrder(**told.model_dump()))
    return data.order(visitor.actor, number)


@router.get("/{number}")
def order(request: Request, visitor: SignedOn, number: str) -> OrderView:
    """One order."""
    return console_of(request).data.order(visitor.actor, number)


@router.post("/{number}/instructions", dependencies=Unsafe, status_code=201)
def instruct(request: Request, visitor: SignedOn, number: str, told: NewInstructionBody) -> OrderView:
    """Draft one more instruction."""
    return console_of(request).data.act_on(visitor.actor, number, OrderAct(**told.model_dump()))


@router.post("/{number}/instructions/{instruction}/signature", dependencies=Unsafe)
def sign(request: Request, visitor: SignedOn, number: str, instruction: str) -> OrderView:
    """Sign an instruction."""
    return _act(request, visitor, number, OrderAct(act="sign", instruction=instruction))


@router.post("/{number}/instructions/{instruction}/rejection", dependencies=Unsafe)
def reject(request: Request, visitor: SignedOn, number: str, instruction: str, told: ReasonBody) -> OrderView:
    """Send an instruction back."""
    return _act(request, visitor, number, OrderAct(act="reject", instruction=instruction, reason=told.reason))


@router.post("/{number}/instructions/{instruction}/cancellation", dependencies=Unsafe)
def cancel(request: Request, visitor: SignedOn, number: str, instruction: str, told: ReasonBody) -> OrderView:
    """Take an instruction back that has not left."""
    return _act(request, visitor, number, OrderAct(act="cancel", instruction=instruction, reason=told.reason))


def _act(request: Request, visitor: SignedOn, number: str, act: OrderAct) -> OrderView:
    return console_of(request).data.act_on(visitor.actor, number, act)
