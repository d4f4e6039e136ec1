"""The person on the other end is heard and answered; what was wrong is let go in the same act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.kept_files import FileKind, file_if_any, file_of
from fanzha.adapters.store.mentions import NewLink, link_subject, told_in
from fanzha.adapters.store.objections import (
    keep_objection_entry,
    keep_received,
    next_objection_number,
    objection_numbered,
    objections,
    require_own,
)
from fanzha.adapters.store.orders import order_by_number, order_for_change, order_of
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.wishes import take_back
from fanzha.adapters.store.work import NewWork, Work, enqueue_all
from fanzha.cases.case import text_of_person
from fanzha.cases.subjects import Role, SubjectKind, cleaned
from fanzha.kernel.errors import Conflict, Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.ids import SubjectId, uuid7
from fanzha.kernel.legal_days import days_after
from fanzha.kernel.units import Actor
from fanzha.orders.drafting import REASON_CHARACTERS
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.objections import (
    TEXT_CHARACTERS,
    Channel,
    Objection,
    ObjectionEntry,
    ObjectionMove,
    Standing,
    answer_due,
)
from fanzha.orders.order import Order
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import keep_file, open_file
from fanzha.wiring.law import law_at, live_holidays
from fanzha.wiring.order_papers import tell_person
from fanzha.wiring.orders import let_go
from fanzha.workflows.order_facts import Form

OBJECTION_CLOCK = "objection_clock"
MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObjection:
    """How somebody reached the centre, what they say, the SHA-256 of what they showed; who they are, how to call them.

    Whom the order names objects where no `name` is given.
    """

    channel: Channel
    says: str
    evidence: tuple[str, ...] = ()
    standing: Standing = Standing.HOLDER
    name: str = ""
    phone: str = ""


def take_objection(desk: Desk, order_number: str, new: NewObjection) -> Objection:
    """Receive an objection to an order that restricts somebody now; its clocks begin."""
    _require_person(desk)
    order = desk.order(order_by_number(desk.connection, order_number).id)
    if order.effect not in RESTRICTING:
        raise Illegal("objections.restricts_nobody", effect=order.effect.value)
    if any(each.open for each in objections(desk.connection, MOST_EVIDENCE, of=order.id)):
        raise Conflict("objections.open_already")
    _require_shown(desk, order, new.evidence)
    alarm_at, due_at = _due(desk.now)
    number = next_objection_number(desk.connection, desk.now)
    person, phone = _people(desk, order, new, number)
    received = Objection(
        id=uuid7(desk.now),
        number=number,
        order_id=order.id,
        unit_path=order.unit_path,
        channel=new.channel,
        words=_sealed(desk, order, text_of_person(new.says, TEXT_CHARACTERS)),
        evidence=new.evidence,
        received_at=desk.now,
        received_by=desk.by,
        alarm_at=alarm_at,
        due_at=due_at,
        standing=new.standing,
        person=person,
        phone=phone,
    )
    keep_received(desk.connection, received, desk.actor, desk.now)
    enqueue_all(desk.connection, [_clock(received, order, at, mark) for at, mark in _rings(received)], desk.now)
    return received


def words_of(desk: Desk, told: Objection) -> str:
    """What the person said; empty once it was erased with the case of their order."""
    if not told.words:
        return told.says
    order = order_of(desk.connection, told.order_id)
    try:
        return open_file(desk.house, desk.connection, file_of(desk.connection, order.case_id, told.words)).decode()
    except NotFound:
        return ""


def check_objection(desk: Desk, number: str, reason: str) -> Objection:
    """Somebody looks into it."""
    return _move(desk, _locked(desk, number)[0], ObjectionMove.CHECK, reason)


def withdraw_objection(desk: Desk, number: str, reason: str) -> Objection:
    """The person takes it back."""
    return _move(desk, _locked(desk, number)[0], ObjectionMove.WITHDRAW, reason)


def reject_objection(desk: Desk, number: str, reason: str) -> tuple[Objection, SetPaper]:
    """It is not well founded, with the paper that says so; whoever drafted the order does not judge what is said
    against it."""
    told, order = _locked(desk, number)
    if desk.actor.user_id in {each.drafted_by.user_id for each in order.instructions}:
        raise Forbidden("objections.own_order")
    rejected = _move(desk, told, ObjectionMove.REJECT, reason)
    return rejected, tell_person(desk, order, Form.OBJECTION_REJECTED, _short(reason))[1]


def uphold_objection(
    desk: Desk, number: str, reason: str, release_fen: int | None = None
) -> tuple[Objection, SetPaper]:
    """It is well founded, with the paper that says so: the end of the order, or of a part of a freeze, is drafted in
    the same act, ready to be signed, and the days to let unrelated money go begin."""
    told, order = _locked(desk, number)
    is_part = order.kind is OrderKind.FREEZE and 0 < (release_fen or 0) <= order.holding_fen
    if release_fen is not None and not is_part:
        raise Invalid("orders.release_beyond_held", held_fen=order.holding_fen)
    upheld = _move(desk, told, ObjectionMove.UPHOLD, reason)
    in_part = order.kind is OrderKind.FREEZE and release_fen is not None and release_fen < order.holding_fen
    if order.effect in RESTRICTING:
        order = let_go(desk, order.id, _short(reason), release_fen if in_part else None)
    form = Form.OBJECTION_IN_PART if in_part else Form.OBJECTION_UPHELD
    return upheld, tell_person(desk, order, form, _short(reason))[1]


def _sealed(desk: Desk, order: Order, said: str) -> str:
    """The SHA-256 of their words, which lie with the order's case and die with it."""
    whose = (order.case_id, order.unit_path)
    return keep_file(desk.house, desk.connection, whose, FileKind.WORDS, said.encode(), desk.actor).sha256


def _require_shown(desk: Desk, order: Order, evidence: Sequence[str]) -> None:
    """`Invalid` unless each file lies sealed with the order's case."""
    if len(evidence) > MOST_EVIDENCE:
        raise Invalid("objections.too_much_evidence", most=MOST_EVIDENCE)
    kept = [file_if_any(desk.connection, order.case_id, each) for each in evidence]
    if not all(each and each.kind is FileKind.SNAPSHOT for each in kept):
        raise Invalid("objections.evidence_not_kept")


def _people(desk: Desk, order: Order, new: NewObjection, number: str) -> tuple[SubjectId | None, SubjectId | None]:
    """Who objects and their telephone, as the vault knows them from now on; an agent must be named."""
    if new.standing is Standing.AGENT and not new.name.strip():
        raise Invalid("objections.agent_unnamed")
    told = ((SubjectKind.NAME, new.name), (SubjectKind.PHONE, new.phone))
    person, phone = (_known(desk, order, kind, text, number) if text.strip() else None for kind, text in told)
    return person or (order.target.holder if new.standing is Standing.HOLDER else None), phone


def _known(desk: Desk, order: Order, kind: SubjectKind, text: str, number: str) -> SubjectId:
    mention = cleaned(kind, text, Role.PERSON)
    found = subject_id(desk.house.keys, Identifier(mention.kind, mention.text))
    if not told_in(desk.connection, order.case_id, found):
        link = NewLink(case_id=order.case_id, mention=mention, reason=number)
        link_subject(desk.connection, desk.house.keys, link, desk.actor, desk.now)
    return found


def _locked(desk: Desk, number: str) -> tuple[Objection, Order]:
    """The objection and its order, whose lock guards both."""
    _require_person(desk)
    told = objection_numbered(desk.connection, number)
    require_own(told, desk.actor)
    order = desk.order(told.order_id)
    return objection_numbered(desk.connection, number), order


def _require_person(desk: Desk) -> None:
    require(desk.actor, "objections.answer")
    if desk.actor.user_id is None:
        raise Forbidden("orders.by_nobody")


def _move(desk: Desk, told: Objection, move: ObjectionMove, reason: str) -> Objection:
    entry = ObjectionEntry(move=move, at=desk.now, by=desk.by, reason=text_of_person(reason, TEXT_CHARACTERS))
    changed = keep_objection_entry(desk.connection, told, entry, desk.actor, desk.now)
    if not changed.open:
        keys = [_key(changed, mark) for _, mark in _rings(changed)]
        take_back(desk.connection, OBJECTION_CLOCK, keys, "objection_answered", desk.house.wall.now())
    return changed


def _due(now: datetime) -> tuple[datetime, datetime]:
    """By working days; where a year's holidays are not known yet by plain days: sooner, never later."""
    law = law_at(now).objection
    try:
        return answer_due(now, law, live_holidays())
    except Invalid:
        return days_after(now, law.alarm_working_days), days_after(now, law.answer_working_days)


def _rings(told: Objection) -> Sequence[tuple[datetime, str]]:
    return (told.alarm_at, "alarm"), (told.due_at, "due")


def _key(told: Objection, mark: str) -> str:
    return f"{told.id}:{mark}"


def _clock(told: Objection, order: Order, at: datetime, mark: str) -> NewWork:
    payload = {"objection": told.number, "order": str(order.id), "number": order.number, "mark": mark}
    return NewWork(kind=OBJECTION_CLOCK, key=_key(told, mark), unit_path=told.unit_path, due_at=at, payload=payload)


def ring_objections(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """An objection that waits too long is told on its order, where a person must look."""
    return {each.id: _ring(connection, house, each) for each in rows}


def _ring(connection: Connection, house: House, row: Work) -> Outcome:
    actor: Actor = worker(row.unit_path)
    told = objection_numbered(connection, str(row.payload["objection"]))
    if not told.open:
        return Done(progress={"taken_back": "objection_answered"})
    desk = Desk(house=house, connection=connection, actor=actor)
    order = order_for_change(connection, told.order_id, actor)
    code = f"alarm.objection_{row.payload['mark']}"
    desk.keep(order, [Entry(kind=EntryKind.RANG, at=house.now(), by=HOUSE, code=code, reason=told.number)])
    return Done(progress={"rang": str(row.payload["mark"])})


RING_OBJECTIONS = Batch(do=ring_objections)


def _short(reason: str) -> str:
    return reason.strip()[:REASON_CHARACTERS]
