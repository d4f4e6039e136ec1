"""Whether a stop holds more than it may: what is traced there against what its bank says lies there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fanzha.kernel.money import Fen
from fanzha.orders.authority import SHARE_PPM, Authority
from fanzha.orders.effects import RESTRICTING
from fanzha.orders.entries import OUT_OF_PROPORTION, Amounts, Entry, EntryKind
from fanzha.orders.order import By, Order

HOUR_S = 3_600


def out_of_proportion(
    order: Order, authority: Authority, traced_fen: Fen, balance_fen: Fen | None, by: By, now: datetime
) -> Entry | None:
    """The entry that calls a person, once an order: its account's balance is known, and what is traced of it is less
    than the least share that people allowed."""
    if order.effect not in RESTRICTING or order.out_of_proportion_at is not None or not balance_fen:
        return None
    if SHARE_PPM * traced_fen >= authority.limits.least_share_ppm * balance_fen:
        return None
    told = Amounts(victim_traceable_fen=traced_fen)
    return Entry(kind=EntryKind.RANG, at=now, by=by, code=OUT_OF_PROPORTION, amounts=told)


def money_came(order: Order, traced_fen: Fen, by: By, now: datetime) -> Entry | None:
    """The entry that victims' money is traced now to an account that was stopped before it came."""
    if not order.is_early or traced_fen <= 0:
        return None
    return Entry(kind=EntryKind.TRACED, at=now, by=by, amounts=Amounts(victim_traceable_fen=traced_fen))


def beyond_traced(orders: Iterable[Order], traced_fen: int, now: datetime) -> tuple[int, int]:
    """Fen that orders on one account hold beyond what is traced there, and that sum × hours since the first began."""
    holding = [each for each in orders if each.effect in RESTRICTING and each.starts_at is not None]
    beyond = max(0, sum(each.holding_fen for each in holding) - traced_fen)
    since = min((each.starts_at for each in holding if each.starts_at is not None), default=now)
    return beyond, beyond * int((now - since).total_seconds()) // HOUR_S
