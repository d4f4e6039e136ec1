"""Who answers for an instruction: signatures in the capacities that the law asks, never one's own draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.kernel.errors import Forbidden, Illegal
from fanzha.kernel.ids import UserId
from fanzha.orders.deliveries import Delivery, Step
from fanzha.orders.effects import ENDING_MOVES, Act, Move
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import By, Capacity, Instruction, Order, Paper

_UNSENT = frozenset({Delivery.UNSENT, Delivery.QUEUED})
"""Where an instruction is that nobody outside can have heard of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """That one person signs for another in one capacity, from and until business times, because of an absence."""

    from_user: UserId
    to_user: UserId
    capacity: Capacity
    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.since <= now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person who signs: the capacities their own roles give, and those that others gave them for now."""

    by: By
    own: frozenset[Capacity]
    lent: tuple[Delegation, ...] = ()

    def standing_for(self, capacity: Capacity, now: datetime) -> UserId | None:
        """Whom this person stands for in a capacity that is not their own; `Forbidden` when for nobody."""
        if capacity in self.own:
            return None
        for each in self.lent:
            if each.capacity is capacity and each.to_user == self.by.user_id and each.holds(now):
                return each.from_user
        raise Forbidden("orders.capacity_missing", capacity=capacity.value)


def signed(order: Order, instruction: Instruction, signer: Signer, now: datetime) -> list[Entry]:
    """The entries of a signature; with the last one that is needed the instruction is queued, in the same moment.

    Nobody signs what they drafted, nor twice in two capacities, nor for the person who drafted it.
    """
    if instruction.paper is not Paper.DRAFT:
        raise Illegal("orders.not_to_sign", paper=instruction.paper.value)
    _require_other_person(instruction, signer)
    capacity, stands_for = _capacity(instruction, signer, now)
    if stands_for is not None and stands_for in _people(instruction):
        raise Forbidden("orders.own_draft")
    is_last = len(instruction.missing) == 1
    begins = is_last and instruction.act is Act.APPLY
    made = Entry(
        kind=EntryKind.SIGNED,
        at=now,
        by=signer.by,
        instruction=instruction.id,
        capacity=capacity,
        for_user=stands_for,
        move=Move.APPROVE if begins else None,
    )
    return [made, queued(instruction, signer.by, now)] if is_last else [made]


def queued(instruction: Instruction, by: By, now: datetime) -> Entry:
    """That an instruction which needs nobody's signature any more waits to be sent."""
    return Entry(kind=EntryKind.QUEUED, at=now, by=by, instruction=instruction.id, step=Step.QUEUE)


def rejected(order: Order, instruction: Instruction, signer: Signer, reason: str, now: datetime) -> Entry:
    """Whoever could sign says no, and why."""
    if instruction.paper is not Paper.DRAFT:
        raise Illegal("orders.not_to_sign", paper=instruction.paper.value)
    _require_other_person(instruction, signer)
    _capacity(instruction, signer, now)
    move = Move.REJECT if instruction.act is Act.APPLY else None
    return Entry(kind=EntryKind.REJECTED, at=now, by=signer.by, instruction=instruction.id, move=move, reason=reason)


def cancelled(order: Order, instruction: Instruction, by: By, reason: str, now: datetime) -> Entry:
    """A draft or an instruction that has not left yet is taken back; one that may have left needs another one."""
    if instruction.delivery not in _UNSENT or not instruction.open:
        raise Illegal("orders.already_out", delivery=instruction.delivery.value)
    move = Move.CANCEL if instruction.act is Act.APPLY else None
    return Entry(
        kind=EntryKind.CANCELLED,
        at=now,
        by=by,
        instruction=instruction.id,
        move=move,
        step=Step.WITHDRAW,
        reason=reason,
    )


def fallen_with(order: Order, ending: Sequence[Entry], by: By, now: datetime) -> list[Entry]:
    """What falls when these entries end the order: whatever nobody signed or sent yet of what should change it."""
    if not any(each.move in ENDING_MOVES for each in ending):
        return []
    ended_by = {each.instruction for each in ending}  # which may be answered before we believe that it left
    left = [each for each in order.instructions if each.open and each.delivery in _UNSENT and each.id not in ended_by]
    return [
        Entry(kind=EntryKind.CANCELLED, at=now, by=by, instruction=each.id, step=Step.WITHDRAW, code="order_ended")
        for each in left
    ]


def _capacity(instruction: Instruction, signer: Signer, now: datetime) -> tuple[Capacity, UserId | None]:
    """The first missing capacity in which this person may sign, their own before a lent one."""
    own = [each for each in instruction.missing if each in signer.own]
    if own:
        return own[0], None
    refusal = Forbidden("orders.capacity_missing", capacity=",".join(instruction.missing))
    for capacity in instruction.missing:
        try:
            return capacity, signer.standing_for(capacity, now)
        except Forbidden:
            continue
    raise refusal


def _require_other_person(instruction: Instruction, signer: Signer) -> None:
    if signer.by.user_id is None or signer.by.user_id in _people(instruction):
        raise Forbidden("orders.own_draft")


def _people(instruction: Instruction) -> set[UserId]:
    """Whoever answers for it already: the drafter, who signed, and for whom they signed."""
    people: Iterable[UserId | None] = (
        instruction.drafted_by.user_id,
        *(each.by.user_id for each in instruction.signatures),
        *(each.for_user for each in instruction.signatures),
    )
    return {each for each in people if each is not None}
