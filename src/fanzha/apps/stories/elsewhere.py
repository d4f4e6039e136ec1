"""What others do: another city that was there first, a bank that cannot be reached, a bank that lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fanzha.adapters.store.orders import entries_of
from fanzha.apps.stories.cast import AUTO, DAY, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.hands import filed, frozen, ordered, seen
from fanzha.apps.stories.stage import ANOTHER_ORGAN, Stage
from fanzha.apps.stories.telling import Event
from fanzha.cases.incident import Incident
from fanzha.i18n import text
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.entries import SILENT, EntryKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.orders.proving import MOVED, UNTRUE
from fanzha.orders.standing import Waits, waits_for
from fanzha.simulation.institutions.accounts import Stop
from fanzha.simulation.institutions.truth import Deed
from fanzha.wiring.incidents import NewPaid, add_payment
from fanzha.wiring.institution_watch import known
from fanzha.wiring.order_papers import take_paper
from fanzha.wiring.orders import look_at, revive

_FIRST, _SECOND = 30_000 * YUAN, 20_000 * YUAN

TWO_CITIES = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_FIRST + _SECOND),
        Account(name="first", bank=2, holder="Test A"),
        Account(name="second", bank=2, holder="Test B", frozen_days=10),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="victim", minutes=2, amount_fen=_SECOND, payee="second"),
        Paid(payer="first", minutes=HOUR, amount_fen=_FIRST),
        Paid(payer="first", minutes=5 * DAY, amount_fen=_FIRST),
        Paid(payer="second", minutes=11 * DAY, amount_fen=_SECOND),
    ),
)
"""Another city has stopped the one account for two days and frozen all of the other for ten."""

BANK_DOWN = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_FIRST),
        Account(name="first", bank=2, holder="Test A"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="first", minutes=90, amount_fen=_FIRST),
    ),
)

_TOLD, _DRAWN = 20_000 * YUAN, 15_000 * YUAN
LYING_BANK = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_FIRST + _TOLD + _SECOND),
        Account(name="first", bank=2, holder="Test A"),
        Account(name="emptied", bank=2, holder="Test B"),
        Account(name="leaking", bank=2, holder="Test C"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_FIRST, payee="first"),
        Paid(payer="victim", minutes=2, amount_fen=_TOLD, payee="emptied"),
        Paid(payer="victim", minutes=3, amount_fen=_SECOND, payee="leaking"),
        Paid(payer="emptied", minutes=20, amount_fen=_DRAWN),
        Paid(payer="first", minutes=30, amount_fen=_SECOND),
        Paid(payer="leaking", minutes=50, amount_fen=_DRAWN),
        Paid(payer="first", minutes=65, amount_fen=_FIRST - _SECOND),
    ),
)
"""One bank, three lies: a stop that was not made, a balance that is not there, and a stop not made once more."""


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
    stage.until(12 * DAY)
    takes, waits = seen(stage, takes), seen(stage, waits)
    stage.fact("taken_over", int(waits.effect is Effect.FROZEN), "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _FIRST + _SECOND, "=")
    stage.fact("there_fen", stage.lies_fen("first", "second"), "fen", _FIRST + _SECOND, "=")


def bank_down(stage: Stage) -> None:
    """The bank's channel is down for an hour: a person told within two minutes, the paper ready, held once."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(3)
    _habits(stage, outage__share=1.0, outage__length=(180.0, 0.0))
    stage.tell("bank_down", bank=stage.bank("first"))
    stage.until(5)
    stage.report(report_of(stage, _FIRST, scam_type="ST04"))
    stage.until(8)
    (stop,) = stage.orders(OrderKind.STOP)
    latest = stop.instructions[-1]
    entries = stage.at(stage.officer, lambda desk: entries_of(desk.connection, stop.id))
    first_sent = next(each.at for each in entries if each.kind is EntryKind.SENT)
    rung = next((each.at for each in entries if each.code == SILENT), stage.now)
    paper = take_paper(stage.house, stage.officer, stop.number, latest.id, "stop_payment")
    stage.tell("paper_taken", number=stop.number)
    stage.fact("told_seconds", int((rung - first_sent).total_seconds()), "s", 120, "<=")
    stage.fact("told_while_tried", int(waits_for(stop) is Waits.PERSON and latest.open), "orders", 1, "=")
    stage.until(50)
    (stop,) = stage.orders(OrderKind.STOP)
    latest = stop.instructions[-1]
    person = waits_for(stop) is Waits.PERSON and latest.delivery is Delivery.DEAD
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
    stage.fact("deeds", _deeds(stage, Deed.HELD), "times", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _FIRST, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", _FIRST, "=")


def lying_bank(stage: Stage) -> None:
    """A bank pretends two stops and tells a false balance: its own pushes and statements give it away each time."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(5)
    _habits(stage, fault__not_applied=1.0)
    told = stage.report(report_of(stage, _FIRST, scam_type="ST04"))
    stage.until(15)
    _habits(stage, fault__not_applied=0.0)
    ordered(stage, told, OrderKind.MONITOR, "first", Terms(days=30))
    stage.until(35)
    (stop,) = stage.orders(OrderKind.STOP)
    left_s = (stage.began + timedelta(minutes=30)).timestamp()
    marks = [_given_away(stage, stop, MOVED, "lie_seen")]
    stage.fact("seen_seconds", round(min(marks[0], default=stage.now.timestamp()) - left_s), "s", 60, "<=")
    looked = int(waits_for(seen(stage, stop)) is Waits.PERSON)
    reason = text("zh", "stories.reason")
    stage.at(stage.officer, lambda desk: look_at(desk, stop.id, reason))
    filed(stage, told)
    frozen(stage, told, "first", _FIRST - _SECOND)
    stage.until(38)
    _remembered(stage, told, "emptied", fault__false_balance=1.0)
    _remembered(stage, told, "leaking", fault__not_applied=1.0)
    claimed = stage.held_fen()
    stage.until(60)
    for account in ("emptied", "leaking"):
        since = Terms(query_of=QueryOf.DETAILS, since=stage.began - timedelta(days=1), until=stage.now)
        ordered(stage, told, OrderKind.QUERY, account, since)
    stage.until(70)
    _, emptied, leaking = stage.orders(OrderKind.STOP)
    marks += [_given_away(stage, emptied, UNTRUE, "balance_false"), _given_away(stage, leaking, MOVED, "lie_seen")]
    stage.fact("contradicted", sum(map(len, marks)), "times", 3, "=")
    told_of = sum(waits_for(seen(stage, each)) is Waits.PERSON for each in (emptied, leaking))
    stage.fact("person_told", told_of + looked, "orders", 3, "=")
    there = stage.lies_fen("first", "emptied")
    stage.fact("claimed_fen", claimed, "fen", _FIRST - _SECOND + _TOLD + _SECOND, "=")
    stage.fact("proved_fen", seen(stage, emptied).holding_fen, "fen", _TOLD - _DRAWN, "=")
    stage.fact("pretended", _deeds(stage, Deed.PRETENDED), "orders", 2, "=")
    stage.fact("misstated", _deeds(stage, Deed.MISSTATED), "orders", 1, "=")
    doubts = known(stage.house, stage.officer, stage.bank("first")).doubts
    stage.fact("on_record", len(doubts), "times", 3, "=")
    stage.fact("there_fen", there, "fen", _FIRST - _SECOND + _TOLD - _DRAWN, "=")


def _given_away(stage: Stage, order: Order, code: str, event: str) -> list[float]:
    """When an answer about an order was marked as disproved, in seconds."""
    entries = stage.at(stage.officer, lambda desk: entries_of(desk.connection, order.id))
    marks = [each.at for each in entries if each.code == code]
    for at in marks:
        fields = {"number": order.number, "bank": stage.bank("first")}
        stage.events.append(Event(at=at, code=event, fields=fields))
    return [each.timestamp() for each in marks]


def _remembered(stage: Stage, told: Incident, account: str, **lies: float) -> None:
    """The victim remembers one more payment; the bank of its account answers the stop with a lie."""
    paid = next(each for each in stage.cast.payments if each.payee == account)
    more = NewPaid(
        institution=stage.bank(account),
        payee=stage.numbers[account],
        payee_name=stage.holder(account),
        amount_fen=paid.amount_fen,
        at=stage.began + timedelta(minutes=paid.minutes),
        payer=stage.numbers["victim"],
    )
    _habits(stage, **lies)
    stage.at(stage.officer, lambda desk: add_payment(desk, told.number, more))
    stage.tell("remembered", number=told.number, fen=paid.amount_fen)
    stage.until((stage.now - stage.began) / timedelta(minutes=1) + 5)
    _habits(stage, **dict.fromkeys(lies, 0.0))


def _deeds(stage: Stage, deed: Deed) -> int:
    """How often the banks truly did this, by their own record."""
    return sum(each.deed is deed for each in stage.run.world.truth)


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
