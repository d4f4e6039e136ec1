"""What a bank answers and pushes, as tests say it, and the case's ledger that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.institutions import institution_called
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Counterparty, Side, Transaction
from fanzha.protocol.messages import Push
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.house import CENTRE
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import CaseLedger
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed
from tests.wiring.statement import CARD

MULE = "9999990000000000033"


def line(at: datetime, fen: int, side: Side, other: str = MULE, **more: Any) -> Transaction:
    """One line of the account."""
    told = {"serial": uuid4().hex[:16], "currency": "CNY", "success": True}
    party = Counterparty(number=other, name="测试·丙")
    return Transaction(**{**told, "at": at, "side": side, "amount_fen": fen, "counterparty": party, **more})


def asked(desk: Staffed, kind: OrderKind = OrderKind.QUERY, **more: Any) -> Order:
    """A query, or a monitor, that the bank has and has not answered."""
    now = desk.house.now()
    terms = Terms(query_of=QueryOf.DETAILS, since=now - timedelta(days=30), until=now + timedelta(days=1))
    if kind is OrderKind.MONITOR:
        terms = Terms(days=7)
    desk.bank.later = True
    order = desk.signed(desk.opened(kind, terms=terms, payment=None, **more))
    desk.deliver()
    return order


def answer(desk: Staffed, order: Order, told: Sequence[Transaction], **more: Any) -> Answer:
    """The bank's answer to the order's instruction."""
    known = {
        "answer_id": str(uuid4()),
        "application_id": str(order.instructions[-1].id),
        "institution_code": BANK.code,
        "trade": Trade.QUERY_DETAILS,
        "result": "0000",
        "answered_at": desk.house.now(),
        "part": 1,
        "final": True,
        "exercise": True,
        "number": CARD,
        "transactions": tuple(told),
    }
    return Answer(**{**known, **more})


def push(desk: Staffed, order: Order, told: Sequence[Transaction], sequence: int = 1, **more: Any) -> Push:
    """New lines of a monitored account."""
    known = {
        "push_id": str(uuid4()),
        "application_id": str(order.instructions[-1].id),
        "institution_code": BANK.code,
        "sequence": sequence,
        "pushed_at": desk.house.now(),
        "exercise": True,
        "number": CARD,
        "transactions": tuple(told),
    }
    return Push(**{**known, **more})


def keep(desk: Staffed, *said: Answer | Push) -> None:
    """Keep what the bank says; it has its effect later."""
    for each in said:
        with desk.house.act_as_house() as connection:
            new = NewMessage(
                institution_id=institution_called(connection, BANK.name).id,
                kind="push" if isinstance(each, Push) else "answer",
                message_id=each.push_id if isinstance(each, Push) else each.answer_id,
                application_id=UUID(each.application_id),
                key_id="test-bank-1",
                fingerprint=fingerprint(each),
                body=canonical(each),
                seal={},
            )
            keep_message(connection, desk.house.keys, new, desk.house.now(), CENTRE)


def hear(desk: Staffed, *said: Answer | Push) -> None:
    """Keep what the bank says, and give it its effect."""
    keep(desk, *said)
    while do_due_batch(desk.house, MESSAGE_WORK, MAIL):
        pass


def ledger(desk: Staffed) -> CaseLedger:
    """The case's ledger as the next trace sees it."""
    with desk.house.act(desk.drafter) as connection:
        return case_ledger(desk.house, connection, desk.case)


def moved(desk: Staffed) -> list[tuple[str, str, int]]:
    """Every movement: payer, payee, fen."""
    told = ledger(desk)
    return sorted((each.payer, each.payee, each.amount_fen) for each in told.all_told(told.moving()))
