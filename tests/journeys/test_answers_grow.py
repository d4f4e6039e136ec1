"""A bank answers a query and pushes what a watched account does: the case's picture grows without anybody's file."""

from __future__ import annotations

from datetime import timedelta

from fanzha.adapters.store.case_messages import facts_of_case
from fanzha.cases.told import Holding
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.tracing.follow.question import Method
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.tracing import answer as traced
from fanzha.workflows.asked_trace import Asked
from fanzha.workflows.case_ledger import CaseLedger
from tests.journeys.test_chase import LOST, MULE, OTHER, SHARES, SPLIT, VICTIM, Night, night

__all__ = ["night"]


def ordered(night: Night, kind: OrderKind, number: str, holder: str, institution: str, terms: Terms) -> Order:
    """A signed order without a payment behind it."""
    return night.desk.signed(
        night.desk.opened(kind, institution=institution, number=number, holder=holder, terms=terms, payment=None)
    )


def ledger(night: Night) -> CaseLedger:
    """The case's ledger as the next trace sees it."""
    with night.desk.house.act(night.desk.drafter) as connection:
        return case_ledger(night.desk.house, connection, night.desk.case)


def moved(told: CaseLedger) -> set[tuple[str, str, int]]:
    """Who paid whom how much."""
    return {(each.payer, each.payee, each.amount_fen) for each in told.all_told(told.moving())}


def test_answers_and_pushes_grow_the_picture_to_the_fen(night: Night) -> None:
    night.pass_minutes(10)
    now = night.run.clock.now()
    details = Terms(query_of=QueryOf.DETAILS, since=now - timedelta(days=2), until=now)
    query = ordered(night, OrderKind.QUERY, MULE, "测试·甲", "bank-1", details)
    watch = ordered(night, OrderKind.MONITOR, SPLIT, "测试·乙", "bank-2", Terms(days=7))
    night.pass_minutes(5)
    told = ledger(night)
    assert moved(told) == {(VICTIM, MULE, LOST)} | {(MULE, to, part) for to, part in SHARES.items()}
    night.pass_minutes(30)
    gone = [each for each in moved(ledger(night)) if each[0] == SPLIT]
    assert [part for *_, part in gone] == [SHARES[SPLIT]]
    with night.desk.house.act(night.desk.drafter) as connection:
        start = next(m.id for m in ledger(night).all_told(ledger(night).moving()) if m.payer == VICTIM)
        found = traced(night.desk.house, connection, night.desk.case, Asked(starts=(start,), method=Method.FIFO))
        (total,) = found.totals()
        facts = [each.fact.told for each in facts_of_case(connection, night.desk.case.id)]
    assert total.started_fen == LOST
    assert total.held_fen == LOST - sum(SHARES.values())
    assert total.last_seen_fen == SHARES[OTHER]
    assert sum(total.left_fen.values()) == SHARES[SPLIT]
    assert [each.balance_fen for each in facts if isinstance(each, Holding)][:1] == [LOST - sum(SHARES.values())]
    places = {place.source.path for each in (0, 1) for place in ledger(night).told(each).evidence}
    assert any(f"/{query.number}/" in each for each in places)
    assert any(f"/{watch.number}/" in row.path for row in ledger(night).rows.sources)
