"""Reports that were wrong, and stops that nobody followed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fanzha.apps.stories.cast import AUTO, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.hands import instructed, ordered, seen
from fanzha.apps.stories.stage import Stage
from fanzha.i18n import text
from fanzha.kernel.errors import Illegal
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Terms
from fanzha.wiring.corrections import correct_payment

LOST = 30_000 * YUAN

WRONG_DIGIT = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=LOST),
        Account(name="first", bank=2, holder="Test Wang"),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=LOST, payee="first"),
        Paid(payer="first", minutes=40, amount_fen=LOST),
    ),
)

SECOND_STOP = Cast(
    banks=(AUTO, AUTO),
    accounts=WRONG_DIGIT.accounts,
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=LOST, payee="first"),
        Paid(payer="first", minutes=3 * HOUR, amount_fen=LOST),
        Paid(payer="first", minutes=95 * HOUR, amount_fen=LOST),
        Paid(payer="first", minutes=98 * HOUR, amount_fen=LOST),
    ),
)


def wrong_digit(stage: Stage) -> None:
    """The victim misreads a digit, then the name: two refusals, and the money is held all the same."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(5)
    right = report_of(stage, LOST, scam_type="ST03")
    (paid,) = right.payments
    wrong = paid.payee[:-1] + ("0" if paid.payee[-1] != "0" else "1")
    told = stage.report(replace(right, payments=(replace(paid, payee=wrong, payee_name="Test Weng"),)))
    stage.until(10)
    reason = text("zh", "stories.reason")
    key, put = told.payments[0].key, replace(paid, payee_name="Test Weng")
    stage.at(stage.officer, lambda desk: correct_payment(desk, told.number, put, key, reason))
    stage.tell("digit_corrected", number=told.number)
    stage.until(15)
    stage.tell("name_corrected", number=told.number)
    ordered(stage, told, OrderKind.STOP, "first", Terms())
    stage.until(60)
    stops = stage.orders(OrderKind.STOP)
    codes = [each.instructions[0].code for each in stops]
    stage.fact("no_such_account", codes.count("0300"), "orders", 1, "=")
    stage.fact("other_name", codes.count("0301"), "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", LOST, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", LOST, "=")


def second_stop(stage: Stage) -> None:
    """A stop, a second one, no case filed: the law allows no third, the term ends, and the money goes."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(5)
    stage.report(report_of(stage, LOST, scam_type="ST03"))
    stage.until(41 * HOUR)
    (stop,) = stage.orders(OrderKind.STOP)
    stop = instructed(stage, stop, Act.EXTEND, Terms())
    stage.until(90 * HOUR)
    held = stage.held_fen()
    refused = 0
    try:
        instructed(stage, stop, Act.EXTEND, Terms())
    except Illegal:
        refused = 1
        stage.tell("third_refused", number=stop.number)
    stage.until(100 * HOUR)
    stop = seen(stage, stop)
    stage.fact("held_before_fen", held, "fen", LOST, "=")
    stage.fact("third_refused", refused, "times", 1, "=")
    if stop.starts_at is not None and stop.ends_at is not None:
        stage.fact("held_hours", (stop.ends_at - stop.starts_at) // timedelta(hours=1), "h", 96, "=")
    stage.fact("lapsed", int(stop.effect is Effect.LAPSED), "orders", 1, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", 0, "=")
    stage.fact("there_fen", stage.lies_fen("first"), "fen", 0, "=")
