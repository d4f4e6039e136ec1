"""Two workers whose batches are about the same orders, the other way round: one waits, and neither is done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Event, get_ident
from time import monotonic
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from fanzha.adapters.store.work import Work
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.facts import Side
from fanzha.protocol.messages import Push
from fanzha.wiring.batches import Batch, Outcome, do_due_batch
from fanzha.wiring.house import House
from fanzha.wiring.institution_mail import MESSAGE_WORK, take_mail
from fanzha.workflows import answer_fit
from tests.wiring.answers import MULE, asked, keep, line, moved, push
from tests.wiring.orders import Staffed, staffed
from tests.wiring.statement import CARD, PAYER

TIMEOUT_S = 60
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@dataclass(slots=True)
class Crossing:
    """Two workers at one batch each: both have begun before either goes on, and in the middle of its batch each waits
    until the other is there too, or waits for a lock."""

    house: House
    do: Callable[[Connection, House, Sequence[Work]], Mapping[UUID, Outcome]]
    both: Barrier = field(default_factory=lambda: Barrier(2, timeout=TIMEOUT_S))
    middles: dict[int, Event] = field(default_factory=dict)
    failed: list[Exception] = field(default_factory=list)

    def begin(self, connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
        """What one worker does, with whatever fails in it noted."""
        if get_ident() not in self.middles:  # a batch that failed is done again, alone
            self.middles[get_ident()] = Event()
            self.both.wait()
        try:
            return self.do(connection, house, rows)
        except Exception as error:
            self.failed.append(error)
            raise

    def middle(self) -> None:
        """In the middle of a batch: only the first time counts."""
        mine = self.middles[get_ident()]
        if mine.is_set():
            return
        mine.set()
        until = monotonic() + TIMEOUT_S
        while not all(each.is_set() for each in self.middles.values()):
            assert monotonic() < until, "the other neither came to its middle nor waits for a lock"
            with self.house.engine.connect() as connection:
                if connection.scalar(_WAITING):
                    return

    def work(self, kind: str, limit: int) -> int:
        """Both workers, one batch each; how many rows they did."""
        batch = Batch(do=self.begin, limit=limit)
        with ThreadPoolExecutor(2) as workers:
            done = [workers.submit(do_due_batch, self.house, kind, batch) for _ in range(2)]
            return sum(each.result(TIMEOUT_S) for each in done)


def test_crossing_mail_waits_and_is_not_done_again(
    desk: Staffed, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {number: asked(desk, OrderKind.MONITOR, number=number) for number in (CARD, MULE)}
    for sequence, number in enumerate((CARD, MULE, MULE, CARD), start=1):
        told = line(desk.house.now() - timedelta(minutes=sequence), 1_000 * sequence, Side.CREDIT, PAYER)
        keep(desk, push(desk, orders[number], [told], sequence, number=number))
        clock.at += timedelta(seconds=1)  # what came first is taken first
    crossing, fits = Crossing(desk.house, take_mail), answer_fit.misfit

    def misfit(order: Order, said: Push, asked_about: str) -> str:
        crossing.middle()
        return fits(order, said, asked_about)

    monkeypatch.setattr("fanzha.wiring.institution_mail.misfit", misfit)
    assert crossing.work(MESSAGE_WORK, 2) == 4
    assert crossing.failed == []
    assert sorted(fen for _, _, fen in moved(desk)) == [1_000, 2_000, 3_000, 4_000]
