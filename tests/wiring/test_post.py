"""What is under way stays the worker's own, however slow the line; what a dead worker held is taken over soon."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fanzha.adapters.connectors.port import Reply
from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.work import Wanted, take
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock, WallClock
from fanzha.protocol.answer import Answer, Receipt
from fanzha.protocol.messages import Refusal
from fanzha.protocol.request import Request
from fanzha.wiring import post
from fanzha.wiring.desk import DELIVERY_WORK
from fanzha.wiring.house import House
from fanzha.wiring.post import Post
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
        return connection.scalar(select(work.c.lease_until).where(work.c.kind == DELIVERY_WORK))


def test_the_lease_of_what_is_under_way_is_kept_until_the_bank_answers(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "BEAT_SECONDS", 0.01)
    bank = SlowBank(desk.house)
    sending = Post(desk.house, lambda institution: bank)
    order = desk.signed(desk.opened())
    try:
        assert sending.take() == 1
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
    wanted = Wanted(kinds=(DELIVERY_WORK,), lease=post.LEASE, limit=1)
    with house.act_as_house() as connection:
        assert len(take(connection, wanted, house.now(), wall.now())) == 1  # by somebody who died of it
    sending = Post(house, lambda institution: desk.bank)
    assert sending.take() == 0
    wall.move(post.LEASE + timedelta(seconds=1))
    assert sending.take() == 1
    sending.close()
    assert list(desk.bank.effects.values()) == [1]
