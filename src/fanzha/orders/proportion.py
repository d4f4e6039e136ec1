"""Whether a stop holds more than it may: what is traced there against what its bank says lies there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanzha.kernel.money import Fen
from fanzha.orders.authority import SHARE_PPM, Authority
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import RESTRICTING, STANDING, Act, Effect, OrderKind
from fanzha.orders.entries import NOT_LET_GO, OUT_OF_PROPORTION, Amounts, Entry, EntryKind
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import By, Order

HOUR_S = 3_600
EMPTY_FEN = 100
"""An account with no more than this is empty: nobody misses it."""
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


def nothing_left(order: Order) -> Lying:
    """What lies in an account where nothing is traced any more: what its bank told when it stopped it."""
    told = order.held_fen if order.balance_fen is None else order.balance_fen
    return Lying(traced_fen=Fen(0), balance_fen=told)


def takes_too_much(lying: Lying, authority: Authority, law: AuthorityLaw) -> bool:
    """Whether people would not have allowed the stop had they known: too little of the balance is traced, or nothing,
    or too much of it is the holder's own."""
    balance, least = lying.balance_fen or 0, authority.limits.least_share_ppm
    nothing = lying.traced_fen == 0 and balance > EMPTY_FEN
    return nothing or lying.mostly_own(law) or SHARE_PPM * lying.traced_fen < least * balance


def out_of_proportion(
    order: Order, lying: Lying, authority: Authority, law: AuthorityLaw, by: By, now: datetime
) -> Entry | None:
    """The entry that calls a person, once an order, where it takes more than people would have allowed."""
    return called(order, lying, by, now) if takes_too_much(lying, authority, law) else None


def called(order: Order, lying: Lying, by: By, now: datetime) -> Entry | None:
    """The entry that calls a person, once an order, unless one said that it stays."""
    if order.effect not in RESTRICTING or order.out_of_proportion_at is not None or order.confirmed_at is not None:
        return None
    told = Amounts(victim_traceable_fen=lying.traced_fen)
    return Entry(kind=EntryKind.RANG, at=now, by=by, code=OUT_OF_PROPORTION, amounts=told)


def told_mistaken(order: Order, by: By, now: datetime) -> tuple[Entry, ...]:
    """The entries by which a person is told, once, to let go a stop of an account that was named by mistake."""
    first = called(order, nothing_left(order), by, now) if order.kind is OrderKind.STOP else None
    return () if first is None else (first, Entry(kind=EntryKind.RANG, at=now, by=by, code=NOT_LET_GO))


def is_kept(order: Order, on_account: Iterable[Order]) -> bool:
    """Whether people made more of a stop than the terms under which it left may undo: one of them said that it stays,
    extended it, or drafted a freeze that takes its place; `on_account` are orders of its case on the same account."""
    freezes = (each for each in on_account if each.kind is OrderKind.FREEZE)
    return not order.ends_by_terms or any(each.effect in STANDING for each in freezes)


def review_ends(order: Order, on_account: Iterable[Order], law: AuthorityLaw) -> datetime | None:
    """Until when people may look at a stop for which they were called because it takes too much, before it is let go;
    None where nothing waits: it is kept, its end was tried, or a person was told to let it go."""
    called_at = order.out_of_proportion_at
    tried = NOT_LET_GO in order.unseen or any(each.act in ENDINGS for each in order.instructions)
    if called_at is None or tried or is_kept(order, on_account):
        return None
    return called_at + timedelta(minutes=law.review_minutes)


def is_to_end(order: Order, on_account: Iterable[Order], *, at_once: bool, law: AuthorityLaw, now: datetime) -> bool:
    """Whether a stop ends for which people were called because it takes too much: once they had the review's minutes
    to look, or `at_once`."""
    ends_at = review_ends(order, on_account, law)
    return ends_at is not None and (at_once or now >= ends_at)


def money_came(order: Order, traced_fen: Fen, by: By, now: datetime) -> Entry | None:
    """The entry that victims' money is traced now to an account that was stopped before it came."""
    if not order.is_early or traced_fen <= 0:
        return None
    return Entry(kind=EntryKind.TRACED, at=now, by=by, amounts=Amounts(victim_traceable_fen=traced_fen))


def traced_now(order: Order, traced_fen: Fen, by: By, now: datetime) -> Entry | None:
    """The entry of what is traced there when a stop is let go, where that is not what was: only more is new then."""
    if order.victim_traceable_fen == traced_fen:
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
