"""What is under way stays the worker's own, however slow the line; what a dead worker held is taken over soon."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from sqlalchemy import select

from fanzha.adapters.connectors.port import Reply
from fanzha.adapters.store.audit import entries_of as audit_of
from fanzha.adapters.store.cases import move_case
from fanzha.adapters.store.kept_files import file_of
from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.orders import entries_of, order_for_change
from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.work import Taken, Wanted, take
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock, WallClock
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import uuid7
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.protocol.answer import Answer, Receipt
from fanzha.protocol.messages import Refusal
from fanzha.protocol.parties import Document
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical
from fanzha.wiring import post
from fanzha.wiring.deliveries import Back, come_back, come_back_alone, set_out, spoken
from fanzha.wiring.desk import DELIVERY_WORK, STOP_WORK, Desk
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import open_file
from fanzha.wiring.order_papers import proof_of
from fanzha.wiring.post import Post
from fanzha.wiring.requests import request_of
from tests.wiring.orders import Bank, Staffed, staffed

PATIENCE_SECONDS = 120.0


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(replace(house, wall=WallClock()), clock, case)


@dataclass(slots=True)
class SlowBank(Bank):
    """A bank that answers when the test lets it."""

    asked_first: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        self.asked_first.set()
        assert self.may_answer.wait(PATIENCE_SECONDS)
        return Bank.send(self, request)


def lease_of(desk: Staffed) -> Any:
    with desk.house.act_as_house() as connection:
        return connection.scalar(select(work.c.lease_until).where(work.c.kind == STOP_WORK))


def test_the_lease_of_what_is_under_way_is_kept_until_the_bank_answers(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "BEAT_SECONDS", 0.01)
    bank = SlowBank(desk.house)
    sending = Post(desk.house, lambda institution: bank, STOP_WORK)
    order = desk.signed(desk.opened())
    try:
        assert sending.take().rows == 1
        assert bank.asked_first.wait(PATIENCE_SECONDS)
        first, waited = lease_of(desk), threading.Event()
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if lease_of(desk) > first:
                break
            waited.wait(0.01)
        assert lease_of(desk) > first
    finally:
        bank.may_answer.set()
        sending.close()
    assert bank.effects == {str(order.instructions[-1].id): 1} and lease_of(desk) is None
    assert sending._out == {}


def test_what_a_dead_worker_held_is_taken_over_once_its_lease_is_over(desk: Staffed) -> None:
    desk.signed(desk.opened())
    wall = SetClock(desk.house.wall.now())
    house = replace(desk.house, wall=wall)
    wanted = Wanted(kinds=(STOP_WORK,), lease=post.LEASE, limit=1)
    with house.act_as_house() as connection:
        assert len(take(connection, wanted, house.now(), wall.now())) == 1  # by somebody who died of it
    sending = Post(house, lambda institution: desk.bank, STOP_WORK)
    assert sending.take().rows == 0
    wall.move(post.LEASE + timedelta(seconds=1))
    assert sending.take().rows == 1
    sending.close()
    assert list(desk.bank.effects.values()) == [1]


def test_what_could_not_be_taken_at_once_is_told_though_its_bank_has_answered_meanwhile(desk: Staffed) -> None:
    """However fast a bank is: whether slots are free again tells nothing of what still lies there."""
    for number in ACCOUNTS[:3]:
        desk.signed(desk.opened(number=number))
    sending = Post(desk.house, lambda institution: desk.bank, STOP_WORK, slots=2)
    free = sending._free_slots

    def taken() -> Taken:
        told = sending.take()
        while sending._out:  # all of them come back before anybody asks
            threading.Event().wait(0.01)
        return told

    assert taken() == Taken(rows=2, more=True) and sending.behind
    assert taken() == Taken(rows=1, more=False) and not sending.behind
    for _ in range(free()):
        pass
    assert sending.take() == Taken(rows=0, more=True), "no slot is free"
    for _ in range(2):
        sending._free.release()
    sending.close()
    assert set(desk.bank.effects.values()) == {1} and len(desk.bank.effects) == 3


def test_a_stop_leaves_while_a_question_waits_for_its_bank(desk: Staffed) -> None:
    slow = SlowBank(desk.house)
    questions = Post(desk.house, lambda institution: slow, DELIVERY_WORK, slots=1)
    stops = Post(desk.house, lambda institution: desk.bank, STOP_WORK, slots=1)
    now = desk.house.now()
    terms = Terms(query_of=QueryOf.DETAILS, since=now - timedelta(days=1), until=now)
    for number in ("9999990000000000017", "9999990000000000033"):
        desk.signed(desk.opened(OrderKind.QUERY, number=number, terms=terms, payment=None))
    try:
        assert questions.take().rows == 1 and slow.asked_first.wait(PATIENCE_SECONDS)
        assert questions.take().rows == 0, "no slot is free"
        assert not questions.behind, "it waits for a bank, and nobody else need wait for that"
        stop = desk.signed(desk.opened())
        assert stops.take().rows == 1
        stops.close()
        assert desk.bank.effects == {str(stop.instructions[-1].id): 1}
    finally:
        slow.may_answer.set()
        questions.close()


class Clockless(threading.Event):
    """Waits for nothing, and knows how long it was to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked_s.append(timeout or 0.0)
        return False


def test_in_a_crowd_questions_wait_for_others_and_stops_for_nobody(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "APART_SECONDS", PATIENCE_SECONDS)
    now = desk.house.now()
    terms = Terms(query_of=QueryOf.DETAILS, since=now - timedelta(days=1), until=now)
    waits = {}
    for kind in (DELIVERY_WORK, STOP_WORK):
        sending = Post(desk.house, lambda institution: desk.bank, kind)
        sending._closing = waited = Clockless()
        for number in ACCOUNTS[:2]:
            if kind == STOP_WORK:
                desk.signed(desk.opened(number=number))
            else:
                desk.signed(desk.opened(OrderKind.QUERY, number=number, terms=terms, payment=None))
            assert sending.take().rows == 1
        waits[kind] = [each > 0 for each in waited.asked_s]
        sending.close()
    assert waits == {DELIVERY_WORK: [False, True], STOP_WORK: [False, False]}


MULE = "9999990000000000017"
ACCOUNTS = [f"99999900000000001{number}" for number in (25, 33, 41)]


def stops(desk: Staffed) -> list[Order]:
    desk.bank.later = True
    return [desk.signed(desk.opened(number=each)) for each in ACCOUNTS]


def told(desk: Staffed, order: Order) -> tuple[object, ...]:
    """What was written of an order and what left, without what every order has of its own."""
    (left,) = [each for each in desk.bank.requests if each.application_id == str(order.instructions[0].id)]
    with desk.house.act(desk.drafter) as connection:
        entries = [
            (each.kind, each.step, each.move, each.code.partition(".")[0], each.by)
            for each in entries_of(connection, order.id)
        ]
        acts = [(each.act.action, each.actor_name) for each in audit_of(connection, "order", str(order.id), 100)]
    own = [*ACCOUNTS, MULE, left.application_id, order.number]
    plain = reduce(lambda text, each: text.replace(each, ""), own, canonical(replace(left, documents=())).decode())
    return entries, acts, plain


def test_stops_that_leave_together_are_written_as_one_that_leaves_alone(desk: Staffed) -> None:
    desk.bank.later = True
    alone = desk.signed(desk.opened())
    desk.deliver()
    together = stops(desk)
    sending = Post(desk.house, lambda institution: desk.bank, STOP_WORK)
    assert sending.take().rows == len(together)
    sending.close()
    assert [told(desk, each) for each in together] == [told(desk, alone)] * len(together)
    assert set(desk.bank.effects.values()) == {1} and sending._out == {}


def test_an_order_that_somebody_has_holds_up_no_other(desk: Staffed) -> None:
    busy, *others = stops(desk)
    sending, waited = Post(desk.house, lambda institution: desk.bank, STOP_WORK), threading.Event()
    with desk.house.act(desk.drafter) as connection:
        order_for_change(connection, busy.id, desk.drafter)
        assert sending.take().rows == len(ACCOUNTS)
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if len(desk.bank.effects) == len(others):
                break
            waited.wait(0.01)
        assert set(desk.bank.effects) == {str(each.instructions[0].id) for each in others}
    sending.close()
    assert str(busy.instructions[0].id) in desk.bank.effects


def test_a_receipt_of_an_order_that_somebody_has_is_written_once_they_let_it_go(desk: Staffed) -> None:
    busy, *others = stops(desk)
    bank, waited = SlowBank(desk.house, later=True), threading.Event()
    sending = Post(desk.house, lambda institution: bank, STOP_WORK)
    assert sending.take().rows == len(ACCOUNTS)
    with desk.house.act(desk.drafter) as connection:
        order_for_change(connection, busy.id, desk.drafter)
        bank.may_answer.set()
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if len(sending._out) <= 1:
                break
            waited.wait(0.01)
        assert sorted(each.state for each in states(desk)) == ["running", *["waiting"] * len(others)]
    sending.close()
    assert {each.state for each in states(desk)} == {"waiting"}
    assert {each.instructions[0].delivery for each in map(desk.seen, (busy, *others))} == {Delivery.SENT}
    assert len(bank.requests) == len(ACCOUNTS) and bank.asked == []


def spoken_of(desk: Staffed, many: int, kind: str = STOP_WORK) -> list[Back]:
    wanted = Wanted(kinds=(kind,), lease=post.LEASE, limit=many)
    with desk.house.act_as_house() as connection:
        rows = take(connection, wanted, desk.house.now(), desk.house.wall.now())
    left = set_out(desk.house, rows)
    assert not left.busy
    return [spoken(lambda institution: desk.bank, row, errand) for row, errand in left.errands]


def test_questions_that_leave_together_each_take_the_paper_that_one_alone_takes(desk: Staffed) -> None:
    desk.bank.later, now = True, desk.house.now()
    terms = Terms(query_of=QueryOf.DETAILS, since=now - timedelta(days=1), until=now)
    alone, *together = [
        desk.opened(OrderKind.QUERY, number=each, terms=terms, payment=None) for each in (MULE, *ACCOUNTS)
    ]
    desk.signed(alone)
    desk.deliver()
    for each in together:
        desk.signed(each)
    sent = spoken_of(desk, len(ACCOUNTS), DELIVERY_WORK)
    assert {each.errand.order_id for each in sent} == {each.id for each in together}
    assert come_back(desk.house, sent) == []
    assert [paper_told(desk, each) for each in together] == [paper_told(desk, alone)] * len(together)
    assert len({document_of(desk, each).sha256 for each in (alone, *together)}) == 1 + len(together)


def test_freezes_that_leave_together_tell_of_their_case_what_one_alone_tells(desk: Staffed) -> None:
    desk.bank.later = True
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "test", desk.drafter, desk.house.now())
    alone, *together = [desk.opened(OrderKind.FREEZE, number=each) for each in (MULE, *ACCOUNTS)]
    desk.signed(alone)
    desk.deliver()
    for each in together:
        desk.signed(each)
    sent = spoken_of(desk, len(ACCOUNTS), DELIVERY_WORK)
    assert come_back(desk.house, sent) == []
    first = case_told(desk, alone)
    assert first[-1] is not None and [case_told(desk, each) for each in together] == [first] * len(together)


def case_told(desk: Staffed, order: Order) -> tuple[object, ...]:
    with desk.house.act(desk.drafter) as connection:
        (facts,) = [each.facts for each in papers_of(connection, order.id)]
    return facts.case_number, facts.case_title, facts.case_filed_at


def document_of(desk: Staffed, order: Order) -> Document:
    (left,) = [each for each in desk.bank.requests if each.application_id == str(order.instructions[0].id)]
    (document,) = left.documents
    return document


def paper_told(desk: Staffed, order: Order) -> tuple[object, ...]:
    """What is kept of the paper of an order, without its own number; the same bytes are kept, sent and set again."""
    instruction, document = order.instructions[0].id, document_of(desk, order)
    with desk.house.act(desk.drafter) as connection:
        (paper,) = papers_of(connection, order.id)
        file = file_of(connection, order.case_id, document.sha256)
        assert open_file(desk.house, connection, file) == document.content
        entries = [(each.kind, each.code.partition(".")[0], each.by) for each in entries_of(connection, order.id)]
        acts = [
            each
            for each in audit_of(connection, "case", str(order.case_id), 100)
            if file.sha256 in str(each.act.detail)
        ]
    assert paper.sha256 == document.sha256 and paper.instruction == instruction
    assert proof_of(desk.house, desk.drafter, instruction) == "same"
    return paper.form, file.kind, file.by, entries, [(each.act.action, each.actor_name) for each in acts]


def rows_of(desk: Staffed, orders: list[Order]) -> list[tuple[object, ...]]:
    keys = [str(each.instructions[0].id) for each in orders]
    own = work.c
    wanted = select(own.key, own.state, own.due_at, own.progress, own.lease_id, own.attempts).where(own.key.in_(keys))
    with desk.house.act_as_house() as connection:
        return sorted(tuple(row)[1:] for row in connection.execute(wanted))


def test_receipts_that_come_together_are_written_as_one_that_comes_alone(desk: Staffed) -> None:
    desk.bank.later = True
    alone = desk.signed(desk.opened())
    desk.deliver()
    together = stops(desk)
    assert come_back(desk.house, spoken_of(desk, len(together))) == []
    assert [told(desk, each) for each in together] == [told(desk, alone)] * len(together)
    assert rows_of(desk, together) == rows_of(desk, [alone]) * len(together)
    assert {each.instructions[0].delivery for each in map(desk.seen, together)} == {Delivery.SENT}
    assert all(each.instructions[0].sent_at for each in map(desk.seen, together))


def test_what_is_told_of_an_order_that_somebody_has_is_left_for_itself(desk: Staffed) -> None:
    busy = stops(desk)[0]
    backs = spoken_of(desk, len(ACCOUNTS))
    with desk.house.act(desk.drafter) as connection:
        order_for_change(connection, busy.id, desk.drafter)
        (left,) = come_back(desk.house, backs)
    assert left.errand.order_id == busy.id
    assert [each.state for each in states(desk)] == ["running", "waiting", "waiting"]
    come_back_alone(desk.house, left)
    assert [each.state for each in states(desk)] == ["waiting"] * len(ACCOUNTS)


def test_a_row_that_somebody_else_took_over_stays_theirs_when_its_receipt_comes(desk: Staffed) -> None:
    first = stops(desk)[0]
    backs = spoken_of(desk, len(ACCOUNTS))
    theirs = uuid7(desk.house.now())
    with desk.house.act_as_house() as connection:
        connection.execute(work.update().where(work.c.key == str(first.instructions[0].id)).values(lease_id=theirs))
    assert come_back(desk.house, backs) == []
    assert [(each.state, each.lease_id) for each in states(desk)] == [
        ("running", theirs), ("waiting", None), ("waiting", None),
    ]  # fmt: skip


def test_what_cannot_be_written_together_is_left_one_by_one(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    stops(desk)
    backs = spoken_of(desk, len(ACCOUNTS))
    with monkeypatch.context() as patched:
        patched.setattr("fanzha.wiring.deliveries.end_mine", failing_to_write)
        assert come_back(desk.house, backs) == backs
    assert {each.state for each in states(desk)} == {"running"}
    assert come_back(desk.house, backs) == []
    assert {each.state for each in states(desk)} == {"waiting"}


def failing_to_write(*_: object) -> None:
    raise ConnectionError


def states(desk: Staffed) -> list[Any]:
    with desk.house.act_as_house() as connection:
        return list(connection.execute(select(work).where(work.c.kind == STOP_WORK).order_by(work.c.state)))


def test_a_message_that_cannot_be_built_goes_to_a_person_and_the_others_leave(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, *others = stops(desk)

    def failing(at: Desk, order: Order, *more: Any) -> Request:
        if order.id == wrong.id:
            raise NotFound("orders.no_officer_card")
        return request_of(at, order, *more)

    monkeypatch.setattr("fanzha.wiring.deliveries.request_of", failing)
    sending = Post(desk.house, lambda institution: desk.bank, STOP_WORK)
    assert sending.take().rows == len(ACCOUNTS)
    sending.close()
    assert desk.seen(wrong).instructions[0].delivery is Delivery.DEAD
    assert set(desk.bank.effects) == {str(each.instructions[0].id) for each in others}
