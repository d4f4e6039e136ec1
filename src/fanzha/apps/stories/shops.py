"""Innocent people in the path of the money."""

from __future__ import annotations

from datetime import timedelta

from fanzha.apps.stories.cast import AUTO, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.stage import CHASING, Stage
from fanzha.orders.effects import OrderKind

_LOST, _SPENT, _OWN = 50_000 * YUAN, 8_000 * YUAN, 200_000 * YUAN
_MOST_MINUTES = 10

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
    """The stop takes all of the shop's account; once its own statement is told, the house lets it go by itself."""
    stage.until(6)
    told = stage.report(report_of(stage, _LOST, scam_type="ST04"))
    stage.allow(CHASING, told, excluded=frozenset())
    stage.until(HOUR)
    (stop,) = [each for each in stage.orders(OrderKind.STOP) if each.victim_traceable_fen == _SPENT]
    (made,) = stage.books("shop").stops
    stage.fact("held_of_shop_fen", stop.held_fen or 0, "fen", _SPENT + _OWN, "=")
    out = (made.lifted_at or made.ends_at) - made.starts_at
    stage.tell("let_go_by_terms", number=stop.number)
    stage.fact("out_seconds", round(out.total_seconds()), "s", 60 * _MOST_MINUTES, "<=")
    stage.fact("wrongly_held", round(_OWN * (out / timedelta(hours=1))), "fen*h", _OWN * _MOST_MINUTES // 60, "<=")
    stage.until(3 * HOUR)
    stage.fact("shop_free_fen", stage.books("shop").available_fen(stage.now), "fen", _SPENT + _OWN, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", _LOST - _SPENT, "=")
