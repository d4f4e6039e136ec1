"""Freezes over months and years: renewed in time again and again, or seen coming and missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fanzha.adapters.store.calls import Call, calls_of
from fanzha.adapters.store.orders import entries_of
from fanzha.apps.stories.cast import AUTO, DAY, YUAN, Account, Cast, Paid
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.hands import filed, frozen, instructed, ordered, seen
from fanzha.apps.stories.stage import Stage
from fanzha.kernel.money import fen
from fanzha.orders.clocks import ClockKind
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import EntryKind
from fanzha.orders.order import Order, Terms

YEARS = 4
COMPLEX = Terms(term="complex", months=12)
"""The second card is frozen in a complex case: for twelve months at a time, signed by the city's chief."""
_LOST = 68_000 * YUAN
_PARTS = {"first": 40_000 * YUAN, "second": 28_000 * YUAN}

TANG = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Tang", balance_fen=_LOST),
        Account(name="first", bank=1, holder="Test A"),
        Account(name="second", bank=2, holder="Test B"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_LOST, payee="first"),
        Paid(payer="first", minutes=3, amount_fen=_PARTS["second"], payee="second"),
        *(
            Paid(payer=name, minutes=(365 * year + 20) * DAY, amount_fen=amount)
            for year in range(YEARS + 1)
            for name, amount in _PARTS.items()
        ),
    ),
)
"""Every year somebody comes for the money."""

MISSED = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_LOST),
        Account(name="first", bank=2, holder="Test A"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_LOST, payee="first"),
        Paid(payer="first", minutes=100 * DAY, amount_fen=_LOST),
        Paid(payer="first", minutes=200 * DAY, amount_fen=_LOST),
    ),
)


def tang(stage: Stage) -> None:
    """The cards of Ms Tang's money stay frozen for four years, each renewal made when the clock calls for it."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(6)
    told = stage.report(report_of(stage, _LOST, scam_type="ST05"))
    filed(stage, told)
    complex_terms = replace(COMPLEX, limit_fen=fen(_PARTS["second"]))
    freezes = [
        frozen(stage, told, "first", _PARTS["first"]),
        ordered(stage, told, OrderKind.FREEZE, "second", complex_terms),
    ]
    stage.until(30)
    last, renewals = stage.began + timedelta(days=365 * YEARS), 0
    while (rings := _rings(stage, freezes)) < last.timestamp():
        stage.until((rings - stage.began.timestamp()) / 60 + 60)
        for each in freezes:
            if _called(stage, each):
                instructed(stage, each, Act.RENEW, replace(each.instructions[0].terms, limit_fen=None))
                renewals += 1
        stage.until((rings - stage.began.timestamp()) / 60 + 120)
    stage.until(365 * YEARS * DAY)
    freezes = [seen(stage, each) for each in freezes]
    stage.fact("renewals", renewals, "times", 2 * YEARS + YEARS, "=")
    stage.fact("lapsed", sum(each.effect is Effect.LAPSED for each in freezes), "orders", 0, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _LOST, "=")
    stage.fact("there_fen", stage.lies_fen("first", "second"), "fen", _LOST, "=")
    stage.fact("tried_to_leave", sum(_tried(stage, name) for name in _PARTS), "times", len(_PARTS) * YEARS, ">=")


def missed(stage: Stage) -> None:
    """A freeze whose end every clock calls for, and nobody renews: it lapses, the money goes, the record stands."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(6)
    told = stage.report(report_of(stage, _LOST, scam_type="ST05"))
    stage.until(30)
    filed(stage, told)
    freeze = frozen(stage, told, "first", _LOST)
    stage.until(120 * DAY)
    stage.fact("held_before_fen", stage.held_fen(), "fen", _LOST, "=")
    stage.until(201 * DAY)
    freeze = seen(stage, freeze)
    calls = _calls(stage, freeze)
    renew = [each for each in calls if each.ringing.clock == ClockKind.RENEW]
    stage.fact("reminders", len({each.ringing.rang_at for each in renew}), "times", 4, "=")
    stage.fact("called_above", sum(each.called.user_id == stage.above.user_id for each in calls), "times", 1, ">=")
    stage.fact("recorded", _entries(stage, freeze, EntryKind.LAPSED), "entries", 1, "=")
    stage.fact("lapsed", int(freeze.effect is Effect.LAPSED), "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", 0, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", 0, "=")


def _rings(stage: Stage, freezes: Sequence[Order]) -> float:
    """When the clock first calls for a renewal of one of them: thirty days before its end."""
    ends = [each.ends_at for each in (seen(stage, one) for one in freezes) if each.ends_at is not None]
    return min(each - timedelta(days=30) for each in ends).timestamp()


def _called(stage: Stage, order: Order) -> bool:
    """Whether its officer was called for the renewal of the term that it has now."""
    ends = seen(stage, order).ends_at
    return ends is not None and any(
        each.ringing.clock == ClockKind.RENEW and ends - timedelta(days=31) <= each.ringing.rang_at
        for each in _calls(stage, order)
    )


def _calls(stage: Stage, order: Order) -> list[Call]:
    return stage.at(stage.officer, lambda desk: calls_of(desk.connection, order.id))


def _entries(stage: Stage, order: Order, kind: EntryKind) -> int:
    found = stage.at(stage.officer, lambda desk: entries_of(desk.connection, order.id))
    return sum(each.kind is kind for each in found)


def _tried(stage: Stage, account: str) -> int:
    """How often somebody came for the money and went without."""
    return sum(not each.success for each in stage.books(account).lines)
