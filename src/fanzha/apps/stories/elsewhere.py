"""What others do: another city that was there first, a bank that cannot be reached, a bank that lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fanzha.adapters.store.orders import entries_of
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.hands import filed, frozen, ordered, seen
from fanzha.apps.stories.stage import ANOTHER_ORGAN, Account, Cast, Paid, Stage
from fanzha.i18n import text
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.entries import EntryKind
from fanzha.orders.order import Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.simulation.institutions.accounts import Stop
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.truth import Deed
from fanzha.wiring.order_papers import take_paper
from fanzha.wiring.orders import look_at, revive

YUAN = 100
_AUTO = Profile.AUTOMATIC
_HOUR, _DAY = 60, 24 * 60
_FIRST, _SECOND = 30_000 * YUAN, 20_000 * YUAN

TWO_CITIES = Cast(
    banks=(_AUTO, _AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_FIRST + _SECOND),
        Account(name="first", bank=2, holder="Test A"),
        Account(name="second", bank=2, holder="Test B", frozen_days=10),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="victim", minutes=2, amount_fen=_SECOND, payee="second"),
        Paid(payer="first", minutes=_HOUR, amount_fen=_FIRST),
        Paid(payer="first", minutes=5 * _DAY, amount_fen=_FIRST),
        Paid(payer="second", minutes=11 * _DAY, amount_fen=_SECOND),
    ),
)
"""Another city has stopped the one account for two days and frozen all of the other for ten."""

BANK_DOWN = Cast(
    banks=(_AUTO, _AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_FIRST),
        Account(name="first", bank=2, holder="Test A"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="first", minutes=90, amount_fen=_FIRST),
    ),
)

LYING_BANK = Cast(
    banks=(_AUTO, _AUTO),
    accounts=BANK_DOWN.accounts,
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="first", minutes=30, amount_fen=_SECOND),
        Paid(payer="first", minutes=60, amount_fen=_FIRST - _SECOND),
    ),
)


def two_cities(stage: Stage) -> None:
    """Both accounts are another city's already: ours are refused, then wait in line, and take over when it lets go."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(3)
    _stopped_elsewhere(stage, "first")
    stage.until(5)
    new = report_of(stage, _FIRST, scam_type="ST04")
    (paid,) = new.payments
    other = replace(
        paid,
        payee=stage.numbers["second"],
        payee_name=stage.holder("second"),
        amount_fen=_SECOND,
        at=stage.began + timedelta(minutes=2),
    )
    told = stage.report(replace(new, payments=(paid, other)))
    stage.until(30)
    codes = [each.instructions[0].code for each in stage.orders(OrderKind.STOP)]
    filed(stage, told)
    takes, waits = frozen(stage, told, "first", _FIRST), frozen(stage, told, "second", _SECOND)
    stage.until(50)
    waits = seen(stage, waits)
    stage.fact("stopped_elsewhere", codes.count("1301"), "orders", 1, "=")
    stage.fact("frozen_elsewhere", codes.count("1303"), "orders", 1, "=")
    stage.fact("waits_in_line", int(waits.effect is Effect.WAITING), "orders", 1, "=")
    stage.fact("organ_told", sum(bool(each.organ) for each in waits.prior), "organs", 1, "=")
    stage.until(12 * _DAY)
    takes, waits = seen(stage, takes), seen(stage, waits)
    stage.fact("taken_over", int(waits.effect is Effect.FROZEN), "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _FIRST + _SECOND, "=")
    stage.fact("there_fen", stage.lies_fen("first", "second"), "fen", _FIRST + _SECOND, "=")


def bank_down(stage: Stage) -> None:
    """The bank's channel is down for an hour: asked after, given up to a person with the paper ready, held once."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(3)
    _habits(stage, outage__share=1.0, outage__length=(180.0, 0.0))
    stage.tell("bank_down", bank=stage.bank("first"))
    stage.until(5)
    stage.report(report_of(stage, _FIRST, scam_type="ST04"))
    stage.until(50)
    (stop,) = stage.orders(OrderKind.STOP)
    latest = stop.instructions[-1]
    person = waits_for(stop) is Waits.PERSON and latest.delivery is Delivery.DEAD
    paper = take_paper(stage.house, stage.officer, stop.number, latest.id, "stop_payment")
    stage.tell("paper_taken", number=stop.number)
    stage.until(63)
    _habits(stage, outage__share=0.0, outage__length=(1.0, 0.0))
    stage.tell("bank_up", bank=stage.bank("first"))
    stage.until(65)
    stage.at(stage.officer, lambda desk: revive(desk, stop.id, latest.id, text("zh", "stories.reason")))
    stage.until(95)
    entries = stage.at(stage.officer, lambda desk: entries_of(desk.connection, stop.id))
    revived = next(each.at for each in entries if each.kind is EntryKind.REVIVED)
    after = [each.kind for each in entries if each.at >= revived and each.kind in {EntryKind.ASKED, EntryKind.SENT}]
    stage.fact("person_told", int(person), "orders", 1, "=")
    stage.fact("paper_bytes", len(paper.pdf), "bytes", 1, ">=")
    stage.fact("asked_first", int(after[:2] == [EntryKind.ASKED, EntryKind.SENT]), "times", 1, "=")
    stage.fact("deeds", sum(each.deed is Deed.HELD for each in stage.run.world.truth), "times", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _FIRST, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", _FIRST, "=")


def lying_bank(stage: Stage) -> None:
    """The bank says it has stopped the account and has not; the next movement gives it away."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(5)
    _habits(stage, fault__not_applied=1.0)
    told = stage.report(report_of(stage, _FIRST, scam_type="ST04"))
    stage.until(15)
    _habits(stage, fault__not_applied=0.0)
    ordered(stage, told, OrderKind.MONITOR, "first", Terms(days=30))
    stage.until(35)
    (stop,) = stage.orders(OrderKind.STOP)
    entries = stage.at(stage.officer, lambda desk: entries_of(desk.connection, stop.id))
    seen_at = [each.at for each in entries if each.code == "moved_while_held"]
    left_at = stage.began + timedelta(minutes=30)
    stage.fact("contradicted", len(seen_at), "times", 1, "=")
    if seen_at:
        stage.tell("lie_seen", number=stop.number, bank=stage.bank("first"))
        stage.fact("seen_seconds", round((seen_at[0] - left_at).total_seconds()), "s", 60, "<=")
    stage.fact("person_told", int(waits_for(stop) is Waits.PERSON), "orders", 1, "=")
    reason = text("zh", "stories.reason")
    stage.at(stage.officer, lambda desk: look_at(desk, stop.id, reason))
    filed(stage, told)
    frozen(stage, told, "first", _FIRST - _SECOND)
    stage.until(65)
    pretended = sum(each.deed is Deed.PRETENDED for each in stage.run.world.truth)
    stage.fact("pretended", pretended, "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _FIRST - _SECOND, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", _FIRST - _SECOND, "=")


def _habits(stage: Stage, **values: float | tuple[float, ...]) -> None:
    """From now on the bank of the first account works like this."""
    bank = stage.institution("first")
    bank.behaviour = replace(bank.behaviour, parameters=bank.behaviour.parameters.changed(**values))


def _stopped_elsewhere(stage: Stage, account: str) -> None:
    """Another city's stop, which its own house sent."""
    made = Stop(
        application_id="",
        organ=ANOTHER_ORGAN,
        matter="elsewhere",
        starts_at=stage.now,
        ends_at=stage.now + timedelta(hours=48),
    )
    stage.books(account).stops.append(made)
    stage.tell("stopped_elsewhere", bank=stage.bank(account))
