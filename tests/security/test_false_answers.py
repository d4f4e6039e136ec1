"""A bank with a good key that lies: what is about something else has no effect, what exaggerates counts as it can.

Each lie stands on its order for a person to look at.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.schema.work import work
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Side, Transaction
from fanzha.protocol.messages import Push
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.house import House
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from tests.conftest import CITY
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed

ANOTHER = "9999990000000000033"
LINE = Transaction(
    serial="1", at=datetime(2026, 3, 1, tzinfo=UTC), side=Side.DEBIT, currency="CNY", amount_fen=1, success=True
)
OUR_CARD = "9999990000000000017"


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ({"number": ANOTHER, "transactions": (LINE,)}, "other_account"),
        ({"number": ANOTHER, "card": "9999990000000000041"}, "other_account"),
        ({"trade": Trade.FREEZE}, "other_question"),
        ({"trade": Trade.LIFT_STOP}, "other_question"),
        ({"trade": Trade.ACTIVATE, "frozen_fen": 1}, "other_question"),
        ({"currency": "USD"}, "other_currency"),
    ],
)
@pytest.mark.parametrize("asked_first", [False, True])
def test_what_is_about_something_else_has_no_effect(
    desk: Staffed, told: dict[str, Any], note: str, asked_first: bool
) -> None:
    desk.bank.told = told
    desk.bank.later = asked_first
    order = desk.signed(desk.opened())
    desk.deliver()
    desk.bank.later = False
    for _ in range(2):
        desk.clock.move(timedelta(minutes=1))
        desk.deliver()
    seen = desk.seen(order)
    assert (seen.effect, seen.holding_fen, seen.balance_fen) == (Effect.APPROVED, 0, None)
    assert note in seen.unseen and waits_for(seen) is Waits.PERSON
    with desk.house.act(desk.drafter) as connection:
        assert not list_imports(connection, desk.case.id), "its lines are no evidence of this case"


@pytest.mark.parametrize(
    "told", [{"number": OUR_CARD}, {"number": f"{OUR_CARD}_1"}, {"number": ANOTHER, "card": OUR_CARD}, {}]
)
def test_an_account_told_as_banks_write_it_is_the_one_that_was_asked(desk: Staffed, told: dict[str, Any]) -> None:
    desk.bank.told = told
    order = desk.signed(desk.opened())
    desk.deliver()
    seen = desk.seen(order)
    assert (seen.effect, seen.contradicted) == (Effect.HELD, ())


@pytest.mark.parametrize(
    ("told", "note", "holding"),
    [
        ({"held_fen": 99_999_999}, "held_beyond_limit", 2_500_000),
        ({"balance_fen": -1, "held_fen": 5}, "held_beyond_limit", 0),
        ({"started_at": datetime(1970, 1, 1, tzinfo=UTC)}, "start_before_sent", 2_500_000),
        ({"started_at": datetime(2099, 1, 1, tzinfo=UTC)}, "start_in_future", 2_500_000),
        ({"ends_at": datetime(9999, 12, 31, tzinfo=UTC)}, "term_too_long", 2_500_000),
    ],
)
def test_what_exaggerates_counts_as_much_as_can_be(
    desk: Staffed, told: dict[str, Any], note: str, holding: int
) -> None:
    desk.bank.told = told
    order = desk.signed(desk.opened())
    desk.deliver()
    seen = desk.seen(order)
    assert (seen.effect, seen.holding_fen) == (Effect.HELD, holding)
    assert note in seen.unseen and waits_for(seen) is Waits.PERSON
    assert seen.ends_at is not None and seen.ends_at <= desk.house.now() + timedelta(hours=48)


@pytest.mark.parametrize("result", ["9999", "0802", "0000"])
def test_no_result_code_breaks_the_house(desk: Staffed, result: str) -> None:
    desk.bank.result = result
    order = desk.signed(desk.opened())
    desk.deliver()
    assert (desk.seen(order).effect is Effect.HELD) == (result == "0000")


def pushed(order: Order, **more: Any) -> Push:
    told: dict[str, Any] = {
        "push_id": str(uuid4()),
        "application_id": str(order.instructions[-1].id),
        "institution_code": BANK.code,
        "sequence": 1,
        "pushed_at": order.opened_at,
        "exercise": True,
        "number": OUR_CARD,
        "transactions": (LINE,),
        **more,
    }
    return Push(**told)


def hear(desk: Staffed, said: Answer | Push) -> None:
    """Take what the bank signed."""
    kind, message_id = ("answer", said.answer_id) if isinstance(said, Answer) else ("push", said.push_id)
    with desk.house.act_as_house() as connection:
        bank = institution_called(connection, BANK.name)
        new = NewMessage(
            institution_id=bank.id,
            kind=kind,  # type: ignore[arg-type]
            message_id=message_id,
            application_id=UUID(said.application_id),
            key_id="test-bank-1",
            fingerprint=fingerprint(said),
            body=canonical(said),
            seal={},
        )
        assert keep_message(connection, desk.house.keys, new, desk.house.now(), bank.unit_path)
    do_due_batch(desk.house, MESSAGE_WORK, MAIL)


@pytest.mark.parametrize(
    ("kind", "more", "note"),
    [(OrderKind.STOP, {}, "push_unasked"), (OrderKind.MONITOR, {"number": ANOTHER}, "other_account")],
)
def test_a_push_about_something_else_is_a_mark_and_no_movement(
    desk: Staffed, kind: OrderKind, more: dict[str, Any], note: str
) -> None:
    terms = {"terms": Terms(days=30), "payment": None} if kind is OrderKind.MONITOR else {}
    order = desk.signed(desk.opened(kind, **terms))
    desk.deliver()
    hear(desk, pushed(order, **more))
    assert note in desk.seen(order).unseen
    with desk.house.act(desk.drafter) as connection:
        assert not list_imports(connection, desk.case.id)


def test_an_application_that_never_was_stands_in_the_list_of_work(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    hear(desk, pushed(order, application_id=str(uuid4())))
    with desk.house.act_as_house() as connection:
        (row,) = connection.execute(select(work).where(work.c.kind == MESSAGE_WORK, work.c.state == "stuck"))
    assert (row.last_error["code"], row.unit_path) == ("orders.no_such_application", CITY)


def line(desk: Staffed, minutes: float, side: Side, amount_fen: int, balance_fen: int) -> Transaction:
    """A movement of the account, so many minutes after now."""
    return Transaction(
        serial=str(balance_fen),
        at=desk.house.now() + timedelta(minutes=minutes),
        side=side,
        currency="CNY",
        amount_fen=amount_fen,
        success=True,
        balance_after_fen=balance_fen,
    )


def statement(desk: Staffed, *lines: Transaction) -> None:
    """Ask the bank for everything since yesterday, and have it tell these movements."""
    terms = Terms(query_of=QueryOf.DETAILS, since=desk.house.now() - timedelta(days=1), until=desk.house.now())
    desk.bank.told = {"transactions": lines, "balance_fen": None, "started_at": None}
    desk.signed(desk.opened(OrderKind.QUERY, terms=terms, payment=None))
    desk.deliver()


def test_a_statement_shows_that_money_left_while_it_was_said_to_be_held(desk: Staffed) -> None:
    stop = desk.signed(desk.opened())
    desk.deliver()
    taken = line(desk, 10, Side.DEBIT, 1_500_000, 1_000_000)
    desk.clock.move(timedelta(minutes=30))
    statement(desk, taken)
    seen = desk.seen(stop)
    assert seen.unseen == ("moved_while_held",) and waits_for(seen) is Waits.PERSON
    statement(desk, taken)
    assert desk.seen(stop).contradicted == ("moved_while_held",), "the same movement is told once"
    desk.clock.move(timedelta(minutes=30))
    statement(desk, taken, line(desk, -5, Side.DEBIT, 1_000_000, 0))
    assert desk.seen(stop).contradicted == ("moved_while_held",) * 2


def test_a_stop_that_is_over_is_judged_by_what_left_before_its_end(desk: Staffed) -> None:
    stop = desk.signed(desk.opened())
    desk.deliver()
    early, late = line(desk, 60, Side.DEBIT, 500_000, 2_000_000), line(desk, 72 * 60, Side.DEBIT, 2_000_000, 0)
    desk.clock.move(timedelta(hours=73))
    desk.ring()
    assert desk.seen(stop).effect is Effect.LAPSED
    statement(desk, late)
    assert "moved_while_held" not in desk.seen(stop).contradicted
    statement(desk, early, late)
    assert "moved_while_held" in desk.seen(stop).unseen


@pytest.mark.parametrize(
    ("minutes", "there", "notes", "holding"),
    [
        (-60, 400_000, ("balance_untrue",), 400_000),
        (-60, 2_499_999, ("balance_untrue",), 2_499_999),
        (-2, 400_000, (), 2_500_000),
    ],
)
def test_a_balance_that_the_statement_disproves_does_not_count(
    desk: Staffed, minutes: float, there: int, notes: tuple[str, ...], holding: int
) -> None:
    """What changed within the difference that clocks may have proves nothing."""
    before = line(desk, -120, Side.CREDIT, 2_500_000, 2_500_000)
    gone = line(desk, minutes, Side.DEBIT, 2_500_000 - there, there)
    stop = desk.signed(desk.opened())
    desk.deliver()
    desk.clock.move(timedelta(minutes=20))
    statement(desk, before, gone)
    seen = desk.seen(stop)
    assert (seen.contradicted, seen.unseen, seen.holding_fen) == (notes, notes, holding)
    statement(desk, before, gone)
    assert desk.seen(stop).contradicted == notes
