"""What an institution's answer does to an order: its effect within the law, and a mark on every answer that lies.

Answers come twice, late, out of order and wrong; none of them is lost, and none moves an order where the law forbids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fanzha.kernel.legal_days import days_after, hours_after, months_after
from fanzha.kernel.money import Fen
from fanzha.orders.deliveries import TRAVEL, Delivery, Step
from fanzha.orders.effects import LIFECYCLES, Act, Effect, Move, OrderKind
from fanzha.orders.entries import Amounts, Entry, EntryKind
from fanzha.orders.order import By, Instruction, Order, PriorFreeze
from fanzha.protocol.answer import Answer
from fanzha.protocol.codes import Ending, Meaning, meaning

CLOCK_SKEW = timedelta(minutes=5)
"""By so much an institution's clock may run before ours and still be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer beside what it answers; `stop_hours` is the law's term of one stop."""

    order: Order
    instruction: Instruction
    answer: Answer
    stop_hours: int
    by: By
    now: datetime

    @property
    def meaning(self) -> Meaning:
        """What its code means."""
        return meaning(self.answer.result)


def answered(reading: Reading) -> list[Entry]:
    """The entries of an answer, never none: what had effect, what was only noted, and what contradicts the order."""
    instruction, answer = reading.instruction, reading.answer
    if instruction.delivery is Delivery.ANSWERED:
        same = instruction.code == answer.result
        return [_entry(reading, EntryKind.REPEATED if same else EntryKind.CONTRADICTED, _code(same, "answer_changed"))]
    if not TRAVEL.can(instruction.delivery, Step.ANSWER):
        return [_entry(reading, EntryKind.CONTRADICTED, "answer_unasked")]
    if not answer.final:
        return [_entry(reading, EntryKind.PART)]
    match reading.meaning.ending:
        case Ending.EFFECT:
            return _in_effect(reading)
        case Ending.WAITS:
            return _waiting(reading)
        case Ending.REFUSED:
            return [_ended(reading, Move.REFUSE if instruction.act is Act.APPLY else None)]
        case Ending.TEMPORARY:
            step = Step.LOSE if TRAVEL.can(instruction.delivery, Step.LOSE) else None
            return [replace(_entry(reading, EntryKind.LOST), step=step)]
        case Ending.UNCLEAR:
            step = Step.GIVE_UP if TRAVEL.can(instruction.delivery, Step.GIVE_UP) else None
            return [replace(_entry(reading, EntryKind.DEAD), step=step)]


def activated(order: Order, answer: Answer, months: int, by: By, now: datetime) -> list[Entry]:
    """A waiting freeze took effect: its term begins now."""
    start = min(answer.started_at or answer.answered_at, now)
    move = Move.TAKE_EFFECT
    begins = answer.final and meaning(answer.result).ending is Ending.EFFECT
    if not begins or order.effect is not Effect.WAITING:
        return [Entry(kind=EntryKind.CONTRADICTED, at=now, by=by, code="out_of_order")]
    limit = order.applied.terms.limit_fen if order.applied else None
    held, beyond = _bounded(answer.frozen_fen, answer.balance_fen, limit)
    took = Amounts(balance_fen=_maybe(answer.balance_fen), held_fen=held)
    ends_at = months_after(start, months)
    begun = Entry(kind=EntryKind.ACTIVATED, at=now, by=by, move=move, starts_at=start, ends_at=ends_at, amounts=took)
    marks = ["held_beyond_limit"] if beyond else []
    return [begun, *(Entry(kind=EntryKind.CONTRADICTED, at=now, by=by, code=each) for each in marks)]


def _in_effect(reading: Reading) -> list[Entry]:
    """What an instruction that was carried out does, by its act."""
    order, instruction = reading.order, reading.instruction
    match instruction.act:
        case Act.APPLY:
            return _begun(reading)
        case Act.EXTEND | Act.RENEW:
            return _prolonged(reading)
        case Act.RELEASE:
            return _released(reading)
        case Act.LIFT:
            return _checked(reading, Move.END, Amounts(more_released_fen=order.holding_fen))


def _begun(reading: Reading) -> list[Entry]:
    order, answer, marks = reading.order, reading.answer, []
    start = answer.started_at or reading.instruction.sent_at or reading.now
    if start > reading.now + CLOCK_SKEW:
        marks.append("start_in_future")
    if reading.instruction.sent_at and start < reading.instruction.sent_at - CLOCK_SKEW:
        marks.append("start_before_sent")
    start = min(start, reading.now)
    lawful = lawful_end(order.kind, reading.instruction, start, reading.stop_hours)
    ends_at = answer.ends_at or _asked_end(reading, lawful)
    if lawful is not None and ends_at is not None and ends_at > lawful:
        if ends_at > lawful + CLOCK_SKEW:
            marks.append("term_too_long")
        ends_at = lawful
    held, beyond = _held(reading)
    if beyond:
        marks.append("held_beyond_limit")
    took = Amounts(balance_fen=_maybe(answer.balance_fen), held_fen=held)
    moved = _checked(reading, Move.TAKE_EFFECT, took, starts_at=start, ends_at=ends_at)
    return [*moved, *(_entry(reading, EntryKind.CONTRADICTED, each) for each in marks)]


def lawful_end(kind: OrderKind, instruction: Instruction, start: datetime, stop_hours: int) -> datetime | None:
    """When what begins at `start` ends by law; a query never does."""
    terms = instruction.terms
    match kind:
        case OrderKind.STOP:
            return hours_after(start, stop_hours)
        case OrderKind.FREEZE if terms.months:
            return months_after(start, terms.months)
        case OrderKind.MONITOR | OrderKind.BLOCK if terms.days:
            return days_after(start, terms.days)
    return None


def _asked_end(reading: Reading, lawful: datetime | None) -> datetime | None:
    """The end of what an institution began without telling until when: that which its message named, where that is
    sooner than by law from its beginning; a stop's names none."""
    order, instruction = reading.order, reading.instruction
    if lawful is None or order.kind is OrderKind.STOP:
        return lawful
    asked = lawful_end(order.kind, instruction, instruction.signed_at, reading.stop_hours)
    return lawful if asked is None else min(asked, lawful)


def claims_beyond(reading: Reading) -> Fen | None:
    """The most that an answer could truthfully hold or let go, where it claims more; None where its sum can be true."""
    answer, order, terms = reading.answer, reading.order, reading.instruction.terms
    told, limit = answer.held_fen, None
    if order.kind is OrderKind.FREEZE:
        told, limit = answer.frozen_fen, terms.limit_fen
    if reading.instruction.act in {Act.RELEASE, Act.LIFT}:
        told, limit = answer.released_fen, terms.release_fen or order.holding_fen
    bounds = [each for each in (answer.balance_fen, limit) if each is not None]
    return Fen(max(0, min(bounds))) if bounds and told is not None and told > max(0, min(bounds)) else None


def _held(reading: Reading) -> tuple[Fen | None, bool]:
    """What is held, and whether the institution claims more than was there or was asked for."""
    answer, kind = reading.answer, reading.order.kind
    if kind not in {OrderKind.STOP, OrderKind.FREEZE}:
        return None, False
    if kind is OrderKind.STOP:  # which stops the account: no limit but what lies there
        return _bounded(answer.held_fen, answer.balance_fen, None)
    return _bounded(answer.frozen_fen, answer.balance_fen, reading.instruction.terms.limit_fen)


def _bounded(told: int | None, balance: int | None, limit: int | None) -> tuple[Fen | None, bool]:
    """What is held of a claim: no more than lies there and than was asked for; and whether it claims more."""
    bounds = [each for each in (balance, limit) if each is not None]
    most = max(0, min(bounds)) if bounds else None
    if told is None:
        return (None if most is None else Fen(most)), False
    beyond = most is not None and told > most
    return Fen(most if beyond and most is not None else told), beyond


def _waiting(reading: Reading) -> list[Entry]:
    if reading.order.kind is not OrderKind.FREEZE or reading.instruction.act is not Act.APPLY:
        return [_ended(reading, Move.REFUSE if reading.instruction.act is Act.APPLY else None)]
    prior = tuple(
        PriorFreeze(organ=each.organ, amount_fen=_maybe(each.amount_fen), ends_at=each.expires_at)
        for each in reading.answer.prior_freezes
    )
    took = Amounts(balance_fen=_maybe(reading.answer.balance_fen), held_fen=Fen(0))
    return [replace(each, prior=prior) for each in _checked(reading, Move.WAIT, took)]


def _prolonged(reading: Reading) -> list[Entry]:
    """A later end, from the old one; one that came after the lapse counts only if the institution made it before."""
    order, answer = reading.order, reading.answer
    lawful = prolonged_end(order, reading.instruction, reading.stop_hours)
    if order.ends_at is None or lawful is None:
        if order.effect is Effect.WAITING:
            return _checked(reading, Move.PROLONG, Amounts())
        return [_ended(reading, None), _entry(reading, EntryKind.CONTRADICTED, "out_of_order")]
    if order.effect is Effect.LAPSED and (answer.started_at or answer.answered_at) >= order.ends_at:
        return [_ended(reading, None), _entry(reading, EntryKind.CONTRADICTED, "prolonged_after_lapse")]
    ends_at = min(answer.ends_at or lawful, lawful)
    moved = _checked(reading, Move.PROLONG, Amounts(), ends_at=ends_at)
    too_long = answer.ends_at is not None and answer.ends_at > lawful + CLOCK_SKEW
    return [*moved, _entry(reading, EntryKind.CONTRADICTED, "term_too_long")] if too_long else moved


def prolonged_end(order: Order, instruction: Instruction, stop_hours: int) -> datetime | None:
    """The end to which an order may be put off from the one it has."""
    if order.ends_at is None:
        return None
    if order.kind is OrderKind.STOP:
        return hours_after(order.ends_at, stop_hours)
    last_instant = order.ends_at - timedelta(microseconds=1)  # a term ends as its last day does, not on the day after
    return months_after(last_instant, instruction.terms.months or 0)


def _released(reading: Reading) -> list[Entry]:
    """Part of what a freeze holds goes free, or all of it."""
    order, wanted = reading.order, reading.instruction.terms.release_fen
    if wanted is None or order.effect is Effect.WAITING or wanted >= order.holding_fen:
        return _checked(reading, Move.END, Amounts(more_released_fen=order.holding_fen))
    told = reading.answer.released_fen
    freed = Fen(min(told, order.holding_fen)) if told is not None else wanted
    moved = _checked(reading, Move.RELEASE_PART, Amounts(more_released_fen=freed))
    if freed == wanted:
        return moved
    return [*moved, _entry(reading, EntryKind.CONTRADICTED, "released_less" if freed < wanted else "released_more")]


def _checked(
    reading: Reading,
    move: Move,
    amounts: Amounts,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> list[Entry]:
    """The answer with its move; where the order has gone on meanwhile it is noted as out of order, without effect."""
    if not LIFECYCLES[reading.order.kind].can(reading.order.effect, move):
        return [_ended(reading, None), _entry(reading, EntryKind.CONTRADICTED, "out_of_order")]
    return [replace(_ended(reading, move), amounts=amounts, starts_at=starts_at, ends_at=ends_at)]


def _ended(reading: Reading, move: Move | None) -> Entry:
    """The answer that ends an instruction's way."""
    return replace(_entry(reading, EntryKind.ANSWERED), step=Step.ANSWER, move=move)


def _entry(reading: Reading, kind: EntryKind, code: str = "") -> Entry:
    return Entry(
        kind=kind,
        at=reading.now,
        by=reading.by,
        instruction=reading.instruction.id,
        code=code or reading.answer.result,
    )


def _code(same: bool, otherwise: str) -> str:
    return "" if same else otherwise


def _maybe(amount: int | None) -> Fen | None:
    return None if amount is None else Fen(amount)
