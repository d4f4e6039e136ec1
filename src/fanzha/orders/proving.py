"""Whether what an institution says it holds can be true, by the movements of the account that it told itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.kernel.money import Fen
from fanzha.orders.answers import CLOCK_SKEW
from fanzha.orders.effects import RESTRICTING, Effect, OrderKind
from fanzha.orders.entries import Amounts, Entry, EntryKind
from fanzha.orders.order import By, Order
from fanzha.protocol.facts import Side, Transaction

MOVED = "moved_while_held"
UNTRUE = "balance_untrue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Movements as their account's institution told them: all of them from `since` until `until`."""

    told: Sequence[Transaction]
    since: datetime
    until: datetime


def breaks(order: Order, moved: Transaction, over_at: datetime | None = None) -> bool:
    """Whether money left while this order held it: any debit under a stop, one that eats into it under a freeze.

    A stop that is over held until `over_at`; of one that was lifted nothing is said.
    """
    if order.starts_at is None or moved.at <= order.starts_at or moved.side is not Side.DEBIT or not moved.success:
        return False
    if order.kind is OrderKind.STOP:
        return order.effect in RESTRICTING or (over_at is not None and moved.at < over_at)
    if order.effect not in RESTRICTING:
        return False
    return moved.balance_after_fen is not None and moved.balance_after_fen < order.holding_fen


def over_at(order: Order, others: Iterable[Order]) -> datetime | None:
    """When a stop ended by its term, or by the first freeze that took its place among the account's other orders."""
    if order.starts_at is None or order.kind is not OrderKind.STOP:
        return None
    if order.effect is Effect.LAPSED:
        return order.ends_at
    begun = [each.starts_at for each in others if each.kind is OrderKind.FREEZE and each.starts_at is not None]
    later = [each for each in begun if each > order.starts_at]
    return min(later, default=None) if order.effect is Effect.CONVERTED else None


def moved_while_held(by: By, now: datetime) -> Entry:
    """Money left an account that its bank said it holds: the answer was false, and a person must be told."""
    return Entry(kind=EntryKind.CONTRADICTED, at=now, by=by, code=MOVED)


def left(order: Order, lines: Lines, over: datetime | None) -> datetime | None:
    """When money last left by a statement while this order held it; None where none did."""
    return max((each.at for each in lines.told if breaks(order, each, over)), default=None)


def disproved(order: Order, lines: Lines, by: By, now: datetime) -> Iterator[Entry]:
    """The mark on a stop or freeze when a statement disproves what was told to lie there when it began, none otherwise.

    Where less lay there, that is what counts from now on.
    """
    there = _there(order, lines)
    if order.effect not in RESTRICTING or order.balance_fen is None or there is None:
        return
    least, most = there
    if order.balance_fen > most:
        proved = Fen(max(0, most))
        held = None if order.held_fen is None else min(order.held_fen, proved)
        amounts = Amounts(balance_fen=proved, held_fen=held)
        yield Entry(kind=EntryKind.CONTRADICTED, at=now, by=by, code=UNTRUE, amounts=amounts)
    elif order.balance_fen < least and UNTRUE not in order.contradicted:
        yield Entry(kind=EntryKind.CONTRADICTED, at=now, by=by, code=UNTRUE)


def _there(order: Order, lines: Lines) -> tuple[int, int] | None:
    """The least and most that lay there by told balances when the order began, within what clocks may differ.

    None where the lines do not reach over that time, or tell no balance.
    """
    if order.starts_at is None:
        return None
    applied = order.applied
    answered = applied.answered_at if applied is not None else None
    first, last = order.starts_at - CLOCK_SKEW, max(order.starts_at, answered or order.starts_at) + CLOCK_SKEW
    if not lines.since <= first or lines.until <= order.starts_at:
        return None
    told = sorted(
        (each for each in lines.told if each.success and each.balance_after_fen is not None), key=lambda each: each.at
    )
    within = [each for each in told if first <= each.at <= last]
    before = [each for each in told if each.at < first]
    after = [each for each in told if each.at > last]
    balances = [_after(each) for each in within]
    if within:
        balances += [_before(each) for each in within if each.at == within[0].at]
    elif before:
        balances = [_after(each) for each in before if each.at == before[-1].at]
    elif after:
        balances = [_before(each) for each in after if each.at == after[0].at]
    return (min(balances), max(balances)) if balances else None


def _after(line: Transaction) -> int:
    return line.balance_after_fen or 0


def _before(line: Transaction) -> int:
    return _after(line) + (line.amount_fen if line.side is Side.DEBIT else -line.amount_fen)
