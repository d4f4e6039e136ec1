"""A hold is judged beside its account's statements whichever is heard first: the same lies leave the same marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from fanzha.adapters.store.orders import application, orders_of
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.ids import OrderId
from fanzha.orders.entries import Heard, HeardBy
from fanzha.orders.order import Order
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Side
from fanzha.protocol.trades import Trade
from fanzha.wiring.by_hand import ToldAnswer, record_answer
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.seats import at_seat
from tests.registers.institutions import BANK
from tests.wiring.answers import answer, asked, hear, line
from tests.wiring.orders import Staffed, resident, staffed

CAME = (-120, Side.CREDIT, 2_500_000, 2_500_000)
GONE_BEFORE = (-60, Side.DEBIT, 2_100_000, 400_000)
WENT_ON = (10, Side.DEBIT, 300_000, 2_200_000)
WENT_ON_TOO = (10, Side.DEBIT, 300_000, 100_000)
LIES = [
    ((CAME, WENT_ON), {"moved_while_held"}, 2_500_000),
    ((CAME, GONE_BEFORE), {"balance_untrue"}, 400_000),
    ((CAME, GONE_BEFORE, WENT_ON_TOO), {"balance_untrue", "moved_while_held"}, 400_000),
    (((-60, Side.CREDIT, 9_000_000, 9_000_000),), {"balance_untrue"}, 2_500_000),
    ((CAME,), set[str](), 2_500_000),
]
"""Movements in minutes from the stop's beginning, what is marked on it, and what it holds after that."""


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@pytest.fixture
def stop(desk: Staffed) -> Order:
    """A stop that the bank has and has not answered."""
    desk.bank.later = True
    order = desk.signed(desk.opened())
    desk.deliver()
    return order


def said(desk: Staffed, stop: Order, movements: tuple[tuple[int, Side, int, int], ...]) -> tuple[Answer, Answer]:
    """A statement of these movements, and that 25,000 yuan are stopped since twenty minutes ago."""
    began, query = desk.house.now(), asked(desk)
    desk.clock.move(timedelta(minutes=20))
    lines = [
        line(began + timedelta(minutes=at), fen, side, balance_after_fen=after_fen, serial=f"{after_fen}")
        for at, side, fen, after_fen in movements
    ]
    return answer(desk, query, lines), stopped(desk, stop, started_at=began)


def stopped(desk: Staffed, stop: Order, **more: Any) -> Answer:
    return answer(desk, stop, (), trade=Trade.STOP, balance_fen=2_500_000, **more)


Way = Callable[[Staffed, Answer, Answer], None]


def statement_first(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    hear(desk, statement)
    hear(desk, stopped)


def answer_first(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    hear(desk, stopped)
    hear(desk, statement)


def statement_first_together(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    hear(desk, statement, stopped)


def answer_first_together(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    hear(desk, stopped, statement)


def statement_in_parts_first(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    """The last of its messages comes with the stop's answer, before it."""
    lines = [*statement.transactions, None]
    parts = [
        replace(
            statement,
            answer_id=str(uuid4()),
            part=at,
            parts=len(lines),
            final=at == len(lines),
            transactions=() if each is None else (each,),
        )
        for at, each in enumerate(lines, 1)
    ]
    hear(desk, *parts[:-1])
    hear(desk, parts[-1], stopped)


def by_status(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    """What the stop came to is told when it is asked after."""
    hear(desk, statement)
    desk.bank.later = False
    desk.bank.told = {"started_at": stopped.started_at, "number": stopped.number}
    while not desk.deliver():
        desk.clock.move(timedelta(minutes=1))


def by_hand(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    """An officer was told by telephone what the stop came to."""
    hear(desk, statement)
    with desk.house.act(desk.drafter) as connection:
        about = application(connection, UUID(stopped.application_id))
        tell(Desk(house=desk.house, connection=connection, actor=desk.drafter), about.order_id, stopped)


def from_the_seat(desk: Staffed, statement: Answer, stopped: Answer) -> None:
    """Who sits for the bank tells it, and sees nothing of the case."""
    hear(desk, statement)
    with desk.house.act(desk.drafter) as connection:
        (order,) = orders_of(connection, [application(connection, UUID(stopped.application_id)).order_id])
    with at_seat(desk.house, resident(desk.house, BANK.name), order.number) as (at, _):
        tell(at, order.id, stopped)


def tell(at: Desk, order: OrderId, stopped: Answer) -> None:
    heard = Heard(by="测试·柜面", way=HeardBy.TELEPHONE, at=at.now)
    told = ToldAnswer(result=stopped.result, heard=heard, balance_fen=stopped.balance_fen, starts_at=stopped.started_at)
    record_answer(at, order, UUID(stopped.application_id), told, "ab" * 32)


WAYS = [
    answer_first,
    statement_first,
    statement_first_together,
    answer_first_together,
    statement_in_parts_first,
    by_status,
    by_hand,
    from_the_seat,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("movements", "marks", "holding"), LIES)
def test_whichever_is_heard_first_the_same_is_marked_once(
    desk: Staffed, stop: Order, way: Way, movements: Any, marks: set[str], holding: int
) -> None:
    statement, answered = said(desk, stop, movements)
    way(desk, statement, answered)
    seen = desk.seen(stop)
    assert (set(seen.contradicted), set(seen.unseen), seen.holding_fen) == (marks, marks, holding)
    assert len(seen.contradicted) == len(marks), "each is told once"
    desk.clock.move(timedelta(minutes=1))
    hear(desk, replace(statement, answer_id=str(uuid4()), application_id=str(asked(desk).instructions[-1].id)))
    assert desk.seen(stop).contradicted == seen.contradicted, "told again by the next statement it is no news"


def test_a_statement_that_lacks_a_part_proves_nothing(desk: Staffed, stop: Order) -> None:
    statement, answered = said(desk, stop, (CAME, GONE_BEFORE, WENT_ON_TOO))
    hear(desk, replace(statement, part=2, parts=2))
    hear(desk, answered)
    assert desk.seen(stop).contradicted == ()


def statements_of(desk: Staffed, do: Callable[[], None]) -> list[str]:
    """What is asked of the database meanwhile."""
    told: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(desk.house.engine, "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(desk.house.engine, "before_cursor_execute", note)
    return told


@pytest.mark.parametrize(("minutes", "is_looked_into"), [(None, False), (-1, False), (1, True)])
def test_only_a_statement_that_reaches_past_the_beginning_costs_a_look(
    desk: Staffed, stop: Order, minutes: int | None, is_looked_into: bool
) -> None:
    """The bank dates its statement where it tells a balance by the way, so that near misses are not opened in vain."""
    query = asked(desk)
    if minutes is not None:
        lines = [line(desk.house.now() - timedelta(hours=2), 2_500_000, Side.CREDIT, balance_after_fen=2_500_000)]
        hear(desk, answer(desk, query, lines, balance_fen=2_500_000))
    began = desk.house.now() - timedelta(minutes=minutes or 0)
    desk.clock.move(timedelta(minutes=2))
    told = statements_of(desk, lambda: hear(desk, stopped(desk, stop, started_at=began)))
    opened = [each for each in told if "institution_message_key AS own" in each]
    assert len(opened) == (2 if is_looked_into else 1), "its own message, and what it is laid beside"
    assert desk.seen(stop).contradicted == ()
