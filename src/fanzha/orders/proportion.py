"""Whether a stop holds more than it may: what is traced there against what its bank says lies there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanzha.kernel.money import Fen
from fanzha.orders.authority import SHARE_PPM, Authority
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import RESTRICTING, Act, Effect, OrderKind
from fanzha.orders.entries import NOT_LET_GO, OUT_OF_PROPORTION, Amounts, Entry, EntryKind
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import By, Order

HOUR_S = 3_600
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """What lies in an account: of victims' money, in sum as its bank told last, and what lay there all the while that
    its own statement tells and so is the holder's own; None where nobody told."""

    traced_fen: Fen
    balance_fen: Fen | None
    own_fen: Fen | None = None

    def mostly_own(self, law: AuthorityLaw) -> bool:
        """Whether the holder's own money is more than an authority may reach, beside what is traced."""
        return _PERCENT * (self.own_fen or 0) > law.own_percent * self.traced_fen


def takes_too_much(lying: Lying, authority: Authority, law: AuthorityLaw) -> bool:
    """Whether people would not have allowed the stop had they known: too little of the balance is traced, or too much
    of it is the holder's own."""
    balance, least = lying.balance_fen, authority.limits.least_share_ppm
    return lying.mostly_own(law) or (bool(balance) and SHARE_PPM * lying.traced_fen < least * (balance or 0))


def out_of_proportion(
    order: Order, lying: Lying, authority: Authority, law: AuthorityLaw, by: By, now: datetime
) -> Entry | None:
    """The entry that calls a person, once an order, where it takes more than people would have allowed."""
    if order.effect not in RESTRICTING or order.out_of_proportion_at is not None:
        return None
    if not takes_too_much(lying, authority, law):
        return None
    told = Amounts(victim_traceable_fen=lying.traced_fen)
    return Entry(kind=EntryKind.RANG, at=now, by=by, code=OUT_OF_PROPORTION, amounts=told)


def is_to_end(order: Order, *, is_told: bool, review: timedelta, now: datetime) -> bool:
    """Whether a stop ends for which people were called because it takes too much: nobody said that it stays, no
    end was tried, no person was told to let it go, and its statement tells so (`is_told`) or is not here in time."""
    called_at = order.out_of_proportion_at
    if order.kind is not OrderKind.STOP or order.effect not in RESTRICTING or called_at is None:
        return False
    if (
        order.confirmed_at is not None
        or NOT_LET_GO in order.unseen
        or any(each.act in ENDINGS for each in order.instructions)
    ):
        return False
    return is_told or now >= called_at + review


def money_came(order: Order, traced_fen: Fen, by: By, now: datetime) -> Entry | None:
    """The entry that victims' money is traced now to an account that was stopped before it came."""
    if not order.is_early or traced_fen <= 0:
        return None
    return Entry(kind=EntryKind.TRACED, at=now, by=by, amounts=Amounts(victim_traceable_fen=traced_fen))


def beyond_traced(orders: Iterable[Order], traced_fen: int, now: datetime) -> tuple[int, int]:
    """Fen that orders on one account hold beyond what is traced there, and that sum × hours since the first began, with
    what stops held beyond it until they were let go."""
    orders = [*orders]
    holding = [each for each in orders if each.effect in RESTRICTING and each.starts_at is not None]
    beyond = max(0, sum(each.holding_fen for each in holding) - traced_fen)
    since = min((each.starts_at for each in holding if each.starts_at is not None), default=now)
    over = sum(map(_held_beyond, orders))
    return beyond, (over + beyond * int((now - since).total_seconds())) // HOUR_S


def _held_beyond(order: Order) -> int:
    """Fen × seconds that a stop held, until it was let go, beyond what was traced there then."""
    lifts = [each.answered_at for each in order.instructions if each.act is Act.LIFT and each.answered_at is not None]
    if order.effect is not Effect.LIFTED or order.starts_at is None or not lifts:
        return 0
    beyond = max(0, (order.held_fen or 0) - (order.victim_traceable_fen or 0))
    return beyond * int((lifts[-1] - order.starts_at).total_seconds())
