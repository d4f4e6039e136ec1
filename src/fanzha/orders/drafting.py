"""What may be asked of an order now: the guards of law and sense before anybody signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.money import Fen
from fanzha.orders.effects import ACTS, Act, Effect, Move, OrderKind
from fanzha.orders.entries import Amounts, Draft, Entry, EntryKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import By, Capacity, Instruction, Order, QueryOf, TargetKind, Terms

REASON_CHARACTERS = 500
CLOCK_TOLERANCE = timedelta(minutes=5)
"""A payment may lie so far in the future of our clock and still be a bank's clock that runs fast."""

PROSECUTED = timedelta(days=20 * 366)
"""No crime without a death is prosecuted after twenty years (criminal law art. 87): an earlier payment is mistyped."""

_TARGETS = {
    OrderKind.BLOCK: frozenset({TargetKind.PHONE, TargetKind.SITE, TargetKind.APP}),
}
_ACCOUNTS = frozenset({TargetKind.ACCOUNT})
ENDINGS = frozenset({Act.LIFT, Act.RELEASE})
"""What gives back to the holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to instruct: the id it will have at the institution, what, and why."""

    id: UUID
    act: Act
    terms: Terms
    reason: str
    victim_traceable_fen: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On what a draft is judged: the law in force, whether the case is filed, how often our orders have stopped the
    account before, and the capacities that the institution demands beyond the law."""

    law: LawPack
    case_filed: bool
    earlier_stops: int = 0
    demanded: tuple[Capacity, ...] = ()


def drafted(order: Order, wish: Wish, ground: Ground, by: By, now: datetime) -> Entry:
    """The entry of a new instruction; `Invalid` where it makes no sense, `Illegal` where the law forbids it."""
    reason = wish.reason.strip()
    if not 1 <= len(reason) <= REASON_CHARACTERS:
        raise Invalid("orders.reason_length", limit=REASON_CHARACTERS)
    if wish.act not in ACTS[order.kind]:
        raise Illegal("orders.no_such_act", kind=order.kind.value, act=wish.act.value)
    _require_free(order, wish.act)
    _GUARDS[wish.act](order, wish, ground, now)
    needs = _needs(order, wish, ground)
    begins_again = wish.act is Act.APPLY and order.effect is Effect.REFUSED
    return Entry(
        kind=EntryKind.DRAFTED,
        at=now,
        by=by,
        instruction=wish.id,
        draft=Draft(act=wish.act, terms=wish.terms, needs=needs),
        move=Move.REDRAFT if begins_again else None,
        reason=reason,
        amounts=_asked(order, wish),
    )


def require_lawful_still(order: Order, instruction: Instruction, ground: Ground, now: datetime) -> None:
    """`Illegal` or `Invalid` where what was drafted may not be asked any more: whoever signs it signs for today."""
    wish = Wish(id=instruction.id, act=instruction.act, terms=instruction.terms, reason=instruction.reason)
    _GUARDS[instruction.act](order, wish, ground, now)


def _needs(order: Order, wish: Wish, ground: Ground) -> tuple[Capacity, ...]:
    """Who must sign by law, and by the institution's demand.

    What goes on or ends is signed at least as high as it was begun (程序规定 arts. 240, 241).
    """
    terms = [wish.terms.term]
    if wish.act is not Act.APPLY and order.applied is not None:
        terms.append(order.applied.terms.term)
    lawful = max((ground.law.signing(order.kind, wish.act, each) for each in terms), key=ground.law.height)
    return tuple(dict.fromkeys([*map(Capacity, lawful.signers), *ground.demanded]))


def _asked(order: Order, wish: Wish) -> Amounts:
    if wish.act is not Act.APPLY:
        return Amounts()
    paid = order.payment.amount_fen if order.payment else None
    return Amounts(requested_fen=wish.terms.limit_fen or paid, victim_traceable_fen=wish.victim_traceable_fen)


def _require_free(order: Order, act: Act) -> None:
    """One open instruction at a time; only what gives back to the holder may overtake what prolongs."""
    waiting = [each for each in order.instructions if each.open]
    if act in ENDINGS:
        waiting = [each for each in waiting if each.act in ENDINGS]
    if waiting:
        raise Illegal("orders.instruction_open", act=waiting[0].act.value)


def _may_apply(order: Order, wish: Wish, ground: Ground, now: datetime) -> None:
    if order.effect not in {Effect.DRAFT, Effect.REFUSED}:
        raise Illegal("orders.not_to_apply", effect=order.effect.value)
    if order.target.kind not in _TARGETS.get(order.kind, _ACCOUNTS):
        raise Invalid("orders.wrong_target", kind=order.kind.value, target=order.target.kind.value)
    if order.payment is not None:
        _require_payment(order.payment.amount_fen, order.payment.at, now)
    _APPLYING[order.kind](order, wish.terms, ground, now)


def _require_payment(amount_fen: Fen, at: datetime, now: datetime) -> None:
    if amount_fen <= 0:
        raise Invalid("orders.amount_not_positive")
    if at > now + CLOCK_TOLERANCE:
        raise Invalid("orders.payment_in_future")
    if at < now - PROSECUTED:
        raise Invalid("orders.payment_long_ago")


def _stop(order: Order, terms: Terms, ground: Ground, now: datetime) -> None:
    if order.payment is None:
        raise Invalid("orders.payment_missing")
    if ground.earlier_stops >= ground.law.stop.most:
        raise Illegal("orders.stops_used_up", most=ground.law.stop.most)


def _freeze(order: Order, terms: Terms, ground: Ground, now: datetime) -> None:
    if ground.law.freeze.case_filed and not ground.case_filed:
        raise Illegal("orders.case_not_filed")
    if terms.limit_fen is None or terms.limit_fen <= 0:
        raise Invalid("orders.limit_missing")
    _require_months(terms, ground.law.freeze.term(terms.term).months)


def _require_months(terms: Terms, longest: int) -> None:
    if terms.months is None or not 1 <= terms.months <= longest:
        raise Illegal("orders.term_beyond_law", longest=longest, unit="months")


def _monitor(order: Order, terms: Terms, ground: Ground, now: datetime) -> None:
    if terms.days is None or not 1 <= terms.days <= ground.law.monitor.longest_days:
        raise Illegal("orders.term_beyond_law", longest=ground.law.monitor.longest_days, unit="days")


def _query(order: Order, terms: Terms, ground: Ground, now: datetime) -> None:
    if terms.query_of is None:
        raise Invalid("orders.query_of_missing")
    if terms.query_of is not QueryOf.DETAILS:
        return
    if terms.since is None or terms.until is None or not terms.since < terms.until:
        raise Invalid("orders.period_missing")
    if terms.since > now:
        raise Invalid("orders.period_in_future")


def _block(order: Order, terms: Terms, ground: Ground, now: datetime) -> None:
    if ground.law.block.evidence and not terms.evidence:
        raise Illegal("orders.evidence_missing")
    if terms.days is None or not 1 <= terms.days <= ground.law.block.days:
        raise Illegal("orders.term_beyond_law", longest=ground.law.block.days, unit="days")


_APPLYING = {
    OrderKind.QUERY: _query,
    OrderKind.MONITOR: _monitor,
    OrderKind.STOP: _stop,
    OrderKind.FREEZE: _freeze,
    OrderKind.BLOCK: _block,
}


def _may_extend(order: Order, wish: Wish, ground: Ground, now: datetime) -> None:
    _require_in_force(order, now)
    if order.papers_due is not None and order.papers_due <= now:
        raise Illegal("orders.papers_missing")
    if max(order.times, ground.earlier_stops) >= ground.law.stop.most:
        raise Illegal("orders.stops_used_up", most=ground.law.stop.most)


def _may_renew(order: Order, wish: Wish, ground: Ground, now: datetime) -> None:
    _require_in_force(order, now)
    _require_months(wish.terms, ground.law.freeze.term(wish.terms.term).renewal_months)


def _may_release(order: Order, wish: Wish, ground: Ground, now: datetime) -> None:
    _require_in_force(order, None)
    wanted = wish.terms.release_fen
    if wanted is not None and not 0 < wanted <= order.holding_fen:
        raise Invalid("orders.release_beyond_held", held_fen=order.holding_fen)


def _may_lift(order: Order, wish: Wish, ground: Ground, now: datetime) -> None:
    _require_in_force(order, None)


def _require_in_force(order: Order, before: datetime | None) -> None:
    """`Illegal` unless it has effect, and at `before` its term still runs: what has ended cannot be prolonged."""
    ended = before is not None and order.ends_at is not None and before >= order.ends_at
    if not order.in_force or ended:
        raise Illegal("orders.not_in_force", effect=Effect.LAPSED.value if ended else order.effect.value)


_GUARDS = {
    Act.APPLY: _may_apply,
    Act.EXTEND: _may_extend,
    Act.RENEW: _may_renew,
    Act.RELEASE: _may_release,
    Act.LIFT: _may_lift,
}


def unrelated(order: Order, by: By, reason: str, now: datetime) -> Entry:
    """A named person found the money unrelated to the case: the days to let it go begin (程序规定 art. 247)."""
    _require_in_force(order, None)
    return Entry(kind=EntryKind.UNRELATED, at=now, by=by, reason=reason)


def lapsed(order: Order, by: By, now: datetime) -> Entry:
    """The term has run out: what was not prolonged in time has ended by itself."""
    if order.ends_at is None or now < order.ends_at:
        raise Illegal("orders.not_over_yet")
    return Entry(kind=EntryKind.LAPSED, at=now, by=by, move=Move.LAPSE, code="term_over")


def converted(order: Order, by: By, now: datetime, freeze: Order) -> Entry:
    """A freeze of the same account has taken the stop's place."""
    return Entry(kind=EntryKind.CONVERTED, at=now, by=by, move=Move.CONVERT, code=freeze.number)


def confirmed(order: Order, by: By, reason: str, now: datetime) -> Entry:
    """A named person says that a stop stays for its term which its own terms would end."""
    if not order.ends_unless_confirmed:
        raise Illegal("orders.not_early")
    return Entry(kind=EntryKind.CONFIRMED, at=now, by=by, reason=reason)


def papers_follow(order: Order, due: datetime | None, by: By, now: datetime) -> Entry:
    """The reporter's papers follow this order until `due`; None: they are seen."""
    kind = EntryKind.PAPERS_CAME if due is None else EntryKind.PAPERS_DUE
    return Entry(kind=kind, at=now, by=by, ends_at=due)


def looked(order: Order, by: By, reason: str, now: datetime) -> Entry:
    """A named person has seen what failed or lied, and says what was done about it."""
    return Entry(kind=EntryKind.LOOKED, at=now, by=by, reason=reason)
