"""What an institution answered on paper or by telephone, told by a named person: it goes the way of every answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.roles import require
from fanzha.cases.case import text_of_person
from fanzha.kernel.errors import Forbidden, Illegal, Invalid
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import Actor
from fanzha.orders.answers import Reading, answered, claims_beyond
from fanzha.orders.deliveries import OUT
from fanzha.orders.drafting import CLOCK_TOLERANCE, REASON_CHARACTERS
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import Entry, EntryKind, Heard
from fanzha.orders.order import Instruction, Order
from fanzha.protocol.answer import Answer
from fanzha.protocol.codes import Ending, meaning
from fanzha.protocol.wire import as_json, from_json
from fanzha.wiring.beside_statements import lay_beside
from fanzha.wiring.desk import Desk
from fanzha.wiring.hearing import hearing_of
from fanzha.wiring.kept_files import RECEIVED
from fanzha.wiring.law import law_at
from fanzha.workflows.order_request import trade_of

_SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 100
"""Characters of who told an answer, and of the institution's own number for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAnswer:
    """What was told: its result code, by whom and when, the fen and the term; `words` are what else there is to say.

    `sure` says that the institution did tell a sum beyond what it can hold: it is then kept as a contradiction.
    """

    result: str
    heard: Heard
    words: str = ""
    balance_fen: int | None = None
    held_fen: int | None = None
    released_fen: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    sure: bool = False


def record_answer(desk: Desk, order_id: OrderId, instruction_id: UUID, told: ToldAnswer, evidence: str) -> Order:
    """The order after an answer that came back by hand; `evidence` is the SHA-256 of the receipt or recording."""
    if desk.actor.user_id is None:
        raise Forbidden("orders.by_nobody")
    hearing = hearing_of(desk, {order_id})
    order = hearing.orders[order_id]
    require_may_answer(desk.actor, order)
    instruction = order.instruction(instruction_id)
    if instruction.delivery not in OUT:
        raise Illegal("orders.not_out", delivery=instruction.delivery.value)
    _require_sound(desk, instruction, told, evidence)
    reading = Reading(
        order=order,
        instruction=instruction,
        answer=_answer(desk, order, instruction, told),
        stop_hours=law_at(desk.now).stop.hours,
        by=desk.by,
        now=desk.now,
    )
    most = claims_beyond(reading)
    if most is not None and not told.sure:
        raise Invalid("orders.claims_beyond", most_fen=most)
    received = Entry(
        kind=EntryKind.PAPER,
        at=desk.now,
        by=desk.by,
        instruction=instruction_id,
        code=f"{RECEIVED}{evidence}",
        reason=text_of_person(told.words, REASON_CHARACTERS) if told.words else "",
        heard=told.heard,
    )
    hearing.keep(order, [received, *answered(reading)])
    lay_beside(hearing, order, instruction, reading.answer)
    return desk.keep(order, hearing.entries[order_id])


def require_may_answer(actor: Actor, order: Order) -> None:
    """`Forbidden` but to whoever carries papers, and to a resident of the institution that was asked."""
    if actor.institution_id is None:
        require(actor, "orders.send_paper")
        return
    require(actor, "seat.answer")
    if order.institution_id != actor.institution_id:
        raise Forbidden("access.not_permitted", permission="seat.answer")


def _require_sound(desk: Desk, instruction: Instruction, told: ToldAnswer, evidence: str) -> None:
    heard, latest = told.heard, desk.now + CLOCK_TOLERANCE
    if not 0 < len(heard.by.strip()) <= LONGEST_NAME or len(heard.reference) > LONGEST_NAME:
        raise Invalid("orders.answer_by_nobody", limit=LONGEST_NAME)
    if not _SHA256.fullmatch(evidence):
        raise Invalid("orders.bad_evidence")
    if heard.at > latest:
        raise Invalid("orders.answer_in_future")
    if heard.at < instruction.signed_at - CLOCK_TOLERANCE:
        raise Invalid("orders.answer_before_asked")
    if told.starts_at and told.starts_at > latest:
        raise Invalid("orders.effect_in_future")
    if told.ends_at and told.ends_at <= (told.starts_at or heard.at):
        raise Invalid("orders.answer_backwards")
    if meaning(told.result).ending is Ending.UNCLEAR:
        raise Invalid("orders.unknown_result", result=told.result[:8])


def _answer(desk: Desk, order: Order, instruction: Instruction, told: ToldAnswer) -> Answer:
    """What was told as an answer of the protocol, under the same bounds."""
    institution = the_institution(desk.connection, order.institution_id).institution
    is_freeze = order.kind is OrderKind.FREEZE
    answer = Answer(
        answer_id=str(uuid5(instruction.id, f"{told.result}:{told.heard.at.isoformat()}")),
        application_id=str(instruction.id),
        institution_code=institution.code,
        trade=trade_of(order.kind, instruction.act, instruction.terms),
        result=told.result,
        answered_at=told.heard.at,
        part=1,
        final=True,
        exercise=institution.exercise,
        balance_fen=told.balance_fen,
        held_fen=None if is_freeze else told.held_fen,
        frozen_fen=told.held_fen if is_freeze else None,
        released_fen=told.released_fen,
        started_at=told.starts_at,
        ends_at=told.ends_at,
    )
    return from_json(Answer, as_json(answer))
