"""Reports that come in time: Huainan's accountant, Shanghai's forty thousand."""

from __future__ import annotations

from datetime import timedelta

from fanzha.apps.stories.cast import AUTO, YUAN, Account, Cast, Paid
from fanzha.apps.stories.stage import CHASING, Stage
from fanzha.cases.incident import Source
from fanzha.orders.effects import OrderKind
from fanzha.wiring.incidents import NewPaid, NewReport

HUAINAN = Cast(
    banks=(AUTO, AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Company", balance_fen=1_760_000 * YUAN, is_company=True),
        Account(name="first", bank=1, holder="Test A"),
        Account(name="second", bank=2, holder="Test B"),
        Account(name="third", bank=2, holder="Test C"),
        Account(name="fourth", bank=3, holder="Test D"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=1_750_000 * YUAN, payee="first"),
        Paid(payer="first", minutes=6, amount_fen=500_000 * YUAN, payee="second"),
        Paid(payer="first", minutes=7, amount_fen=450_000 * YUAN, payee="third"),
        Paid(payer="third", minutes=9, amount_fen=90_000 * YUAN),
        Paid(payer="first", minutes=16, amount_fen=790_000 * YUAN, payee="fourth"),
        Paid(payer="second", minutes=15, amount_fen=490_000 * YUAN, payee="fourth"),
        Paid(payer="third", minutes=18, amount_fen=350_000 * YUAN),
        Paid(payer="fourth", minutes=25, amount_fen=1_280_000 * YUAN),
    ),
    prelude_minutes=8,
)
"""Eight minutes after it was paid the accountant knows; an hour later everything would be cash."""

SHANGHAI = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=40_000 * YUAN),
        Account(name="first", bank=2, holder="Test A"),
        Account(name="second", bank=2, holder="Test B"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=40_000 * YUAN, payee="first"),
        Paid(payer="first", minutes=20, amount_fen=18_000 * YUAN),
        Paid(payer="first", minutes=45, amount_fen=22_000 * YUAN, payee="second"),
    ),
)
"""Eighteen thousand are drawn before anybody calls; the rest lies in the first account still."""


def huainan(stage: Stage) -> None:
    """An accountant pays 1.75 million to somebody who called himself her boss; within 15 minutes 1.6 are held."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(8)
    told = stage.report(report_of(stage, 1_750_000 * YUAN, scam_type="ST06"))
    stage.until(9)
    stage.allow(CHASING, told, excluded=frozenset())
    stage.until(8 + 15)
    _facts(stage, told.taken_at.timestamp())
    stage.fact("held_fen", stage.held_fen(), "fen", 1_600_000 * YUAN)
    stage.fact("there_fen", stage.lies_fen("first", "second", "third", "fourth"), "fen", 1_600_000 * YUAN)


def shanghai(stage: Stage) -> None:
    """Forty thousand are lost; about twenty-two thousand are still there when the victim calls."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(30)
    told = stage.report(report_of(stage, 40_000 * YUAN, scam_type="ST04"))
    stage.until(60)
    _facts(stage, told.taken_at.timestamp())
    stage.fact("held_fen", stage.held_fen(), "fen", 22_000 * YUAN, "=")


def report_of(stage: Stage, amount_fen: int, scam_type: str) -> NewReport:
    """What the victim tells: to whom, how much, when."""
    paid = NewPaid(
        institution=stage.bank("first"),
        payee=stage.numbers["first"],
        payee_name=stage.holder("first"),
        amount_fen=amount_fen,
        at=stage.began + timedelta(minutes=1),
        payer=stage.numbers["victim"],
    )
    return NewReport(
        source=Source.EMERGENCY,
        reported_at=stage.now,
        payments=(paid,),
        victim=stage.holder("victim"),
        scam_type=scam_type,
        identity_checked=True,
    )


def _facts(stage: Stage, taken_s: float) -> None:
    """How soon: until the first order was on the wire, until the first and the last money was held."""
    stops = [each for each in stage.orders(OrderKind.STOP) if each.starts_at is not None]
    sent = [each.instructions[0].sent_at for each in stage.orders()]
    first_sent = min((each.timestamp() for each in sent if each is not None), default=taken_s)
    held = sorted(each.starts_at.timestamp() for each in stops if each.starts_at is not None)
    stage.fact("report_to_order_seconds", round(first_sent - taken_s), "s", 60, "<=")
    if held:
        stage.fact("report_to_first_hold_seconds", round(held[0] - taken_s), "s")
        stage.fact("report_to_last_hold_seconds", round(held[-1] - taken_s), "s", 15 * 60, "<=")
    stage.fact("accounts_held", len(held), "accounts")
    stage.fact("queries", len(stage.orders(OrderKind.QUERY)), "orders")
