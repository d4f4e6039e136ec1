"""Innocent people in the path of the money."""

from __future__ import annotations

from datetime import timedelta

from fanzha.apps.stories.cast import AUTO, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.hands import filed, frozen, seen, signed
from fanzha.apps.stories.stage import CHASING, Stage
from fanzha.i18n import text
from fanzha.orders.effects import OrderKind
from fanzha.wiring.orders import let_go

_LOST, _SPENT, _OWN = 50_000 * YUAN, 8_000 * YUAN, 200_000 * YUAN
_MOST_DAYS = 3

SHOP = Cast(
    banks=(AUTO, AUTO),
    accounts=(
        Account(name="victim", bank=1, holder="Test Victim", balance_fen=_LOST),
        Account(name="first", bank=1, holder="Test A"),
        Account(name="shop", bank=2, holder="Test Shop", balance_fen=_OWN),
    ),
    payments=(
        Paid(payer="victim", minutes=1, amount_fen=_LOST, payee="first"),
        Paid(payer="first", minutes=4, amount_fen=_SPENT, payee="shop"),
    ),
)
"""A mule buys goods of a shop that knows nothing; the shop's own takings lie in the same account."""


def shop(stage: Stage) -> None:
    """The stop takes all of the shop's account; the freeze only what is traced, and that is let go the day after."""
    stage.until(6)
    told = stage.report(report_of(stage, _LOST, scam_type="ST04"))
    stage.allow(CHASING, told, excluded=frozenset())
    stage.until(3 * HOUR)
    (stop,) = [each for each in stage.orders(OrderKind.STOP) if each.victim_traceable_fen == _SPENT]
    stage.fact("held_of_shop_fen", stop.holding_fen, "fen", _SPENT + _OWN, "=")
    filed(stage, told)
    freeze = frozen(stage, told, "shop", _SPENT)
    stage.until(4 * HOUR)
    freeze = seen(stage, freeze)
    free = stage.books("shop").available_fen(stage.now)
    stage.fact("free_fen", free, "fen", _OWN, "=")
    stage.until(26 * HOUR)
    reason = text("zh", "stories.reason")
    freeze = signed(stage, stage.at(stage.officer, lambda desk: let_go(desk, freeze.id, reason)))
    stage.tell("found_unrelated", number=freeze.number)
    stage.until(27 * HOUR)
    began, over = stop.starts_at or stage.now, freeze.starts_at or stage.now
    out = stage.now - began
    hours = (over - began) / timedelta(hours=1)
    stage.fact("wrongly_held", round(_OWN * hours), "fen*h", _OWN * 24 * _MOST_DAYS, "<=")
    stage.fact("out_hours", round(out / timedelta(hours=1)), "h", 24 * _MOST_DAYS, "<=")
    stage.fact("shop_free_fen", stage.books("shop").available_fen(stage.now), "fen", _SPENT + _OWN, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _LOST - _SPENT, "=")
