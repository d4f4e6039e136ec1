"""Orders are what their entries add up to: nothing of an order is ever edited (house law 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanzha.kernel.ids import UserId
from fanzha.kernel.money import Fen
from fanzha.orders.deliveries import TRAVEL, Delivery, Step
from fanzha.orders.effects import LIFECYCLES, Act, Effect, Move
from fanzha.orders.order import NO_FEN, By, Capacity, Instruction, Order, Paper, PriorFreeze, Signature, Terms


class EntryKind(StrEnum):
    """What an entry tells; most also move the order's effect or an instruction's delivery."""

    DRAFTED = "drafted"
    SIGNED = "signed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    QUEUED = "queued"
    SENT = "sent"
    RECEIPT = "receipt"
    LOST = "lost"
    ASKED = "asked"
    ANSWERED = "answered"
    PART = "part"
    REPEATED = "repeated"
    DEAD = "dead"
    REVIVED = "revived"
    LAPSED = "lapsed"
    CONVERTED = "converted"
    ACTIVATED = "activated"
    UNRELATED = "unrelated"
    CONTRADICTED = "contradicted"
    RANG = "rang"
    PAPER = "paper"
    LOOKED = "looked"
    TOLD = "told"
    TRACED = "traced"
    CONFIRMED = "confirmed"
    PAPERS_DUE = "papers_due"
    PAPERS_CAME = "papers_came"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an instruction is before anybody signed it."""

    act: Act
    terms: Terms
    needs: tuple[Capacity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Fen that an entry tells; None leaves what was known."""

    requested_fen: Fen | None = None
    balance_fen: Fen | None = None
    victim_traceable_fen: Fen | None = None
    held_fen: Fen | None = None
    more_released_fen: Fen = NO_FEN
    more_returned_fen: Fen = NO_FEN


class HeardBy(StrEnum):
    """How an answer came that no line brought."""

    FAX = "fax"
    TELEPHONE = "telephone"
    VISIT = "visit"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who of the institution told an answer, how, when, and under which number of theirs."""

    by: str
    way: HeardBy
    at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to an order: who, when, about which instruction, and what it changes.

    `code` is the institution's result or a code of ours; `reason` a person's words; `starts_at` and `ends_at` the
    term that an answer gives; `heard` where the answer came from when a person tells it.
    """

    kind: EntryKind
    at: datetime
    by: By
    instruction: UUID | None = None
    move: Move | None = None
    step: Step | None = None
    code: str = ""
    reason: str = ""
    draft: Draft | None = None
    capacity: Capacity | None = None
    for_user: UserId | None = None
    amounts: Amounts = Amounts()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    prior: tuple[PriorFreeze, ...] = ()
    heard: Heard | None = None


def folded(order: Order, entries: Iterable[Entry]) -> Order:
    """The order after these entries; `Illegal` when one of them makes a move that its lifecycle forbids."""
    for each in entries:
        order = after(order, each)
    return order


def as_signed(order: Order, entries: Iterable[Entry], instruction_id: UUID) -> Order | None:
    """The order as the last needed signature of an instruction left it; None while these entries lack one."""
    for entry in entries:
        order = after(order, entry)
        if entry.instruction == instruction_id and order.instruction(instruction_id).paper is Paper.SIGNED:
            return order
    return None


def after(order: Order, entry: Entry) -> Order:
    """The order after one more entry."""
    order = _instructed(order, entry)
    if entry.move is not None:
        order = _moved(order, entry, entry.move)
    if entry.kind is EntryKind.UNRELATED:
        order = replace(order, unrelated_at=entry.at)
    if entry.kind in {EntryKind.PAPERS_DUE, EntryKind.PAPERS_CAME}:
        order = replace(order, papers_due=entry.ends_at)
    if entry.kind is EntryKind.CONFIRMED:
        order = replace(order, confirmed_at=entry.at)
    if entry.kind is EntryKind.RANG and entry.code == NOTHING_CAME:
        order = replace(order, nothing_came_at=entry.at)
    if entry.kind is EntryKind.RANG and entry.code == OUT_OF_PROPORTION:
        order = replace(order, out_of_proportion_at=entry.at)
    if entry.kind is EntryKind.CONTRADICTED:
        order = replace(order, contradicted=(*order.contradicted, entry.code))
    return _paid(_seen(order, entry), entry.amounts)


def _seen(order: Order, entry: Entry) -> Order:
    """The order with what a person must look at: answers that fail or lie, until somebody looks or instructs anew."""
    if entry.kind in _LOOKS:
        return replace(order, unseen=()) if order.unseen else order
    if order.unseen and _is_heard(entry):
        over = _ENDS.get(entry.kind, _SPOKE)
        if any(each.delivery is Delivery.DEAD for each in order.instructions):
            over -= {TRIES_USED_UP}
        order = replace(order, unseen=tuple(each for each in order.unseen if each not in over))
    rings_hard = entry.kind is EntryKind.RANG and entry.code.startswith(ALARM)
    fails = (
        rings_hard or entry.kind in _FAILS or (entry.kind is EntryKind.ANSWERED and entry.move in {None, Move.REFUSE})
    )
    return replace(order, unseen=(*order.unseen, entry.code)) if fails else order


ALARM = "alarm."
"""With this begins what an alarm's entry says: a person must look."""
OUT_OF_PROPORTION = f"{ALARM}share"
"""What an entry says once a bank told a balance of which too little is traced: a person is called at once."""
NOT_LET_GO = f"{ALARM}release"
"""What an entry says where a stop was to be let go and no signature reaches: a person does it."""
SILENT = f"{ALARM}silent"
"""What an entry says while an institution says nothing: a person rings it up; over as soon as it is heard."""
LATE = f"{ALARM}late"
"""What an entry says of a request that the institution has and has not answered in time; over with its answer."""
NOTHING_CAME = "end.nothing_came"
"""What an entry says once the time of a stop that was made before money came is over."""
_LOOKS = frozenset({EntryKind.LOOKED, EntryKind.DRAFTED, EntryKind.REVIVED, EntryKind.CONFIRMED, EntryKind.PAPERS_CAME})
_FAILS = frozenset({EntryKind.CONTRADICTED, EntryKind.DEAD})
_HEARD = frozenset({EntryKind.RECEIPT, EntryKind.ANSWERED, EntryKind.PART, EntryKind.REPEATED})
TRIES_USED_UP = "tries_used_up"
"""What an entry says of a message that was given up; over with its whole answer, by line or told by a person."""
_SPOKE = frozenset({SILENT})
_ANSWER = frozenset({SILENT, LATE, TRIES_USED_UP})
_ENDS = {EntryKind.ANSWERED: _ANSWER, EntryKind.PART: _ANSWER, EntryKind.DEAD: frozenset({SILENT, LATE})}
"""What a person need not look at any more, by what the institution said."""
UNHEARD = "silent"
"""What an entry tells of a question that was not answered."""


def _is_heard(entry: Entry) -> bool:
    """Whether the institution said something, or was given up, which calls a person by itself."""
    answered = entry.kind is EntryKind.ASKED and entry.code != UNHEARD
    return answered or entry.kind in _HEARD or entry.kind is EntryKind.DEAD


def _instructed(order: Order, entry: Entry) -> Order:
    if entry.instruction is None:
        return order
    if entry.draft is not None:
        return replace(order, instructions=(*order.instructions, _drafted(entry.instruction, entry, entry.draft)))
    changed = _changed(order.instruction(entry.instruction), entry)
    return replace(order, instructions=tuple(changed if each.id == changed.id else each for each in order.instructions))


def _drafted(instruction_id: UUID, entry: Entry, draft: Draft) -> Instruction:
    return Instruction(
        id=instruction_id,
        act=draft.act,
        terms=draft.terms,
        reason=entry.reason,
        drafted_at=entry.at,
        drafted_by=entry.by,
        needs=draft.needs,
    )


def _changed(instruction: Instruction, entry: Entry) -> Instruction:
    """The instruction with one more signature, its paper's fate, or a step on its way."""
    if entry.capacity is not None:
        made = Signature(by=entry.by, capacity=entry.capacity, at=entry.at, for_user=entry.for_user, under=entry.code)
        instruction = replace(instruction, signatures=(*instruction.signatures, made))
        if not instruction.missing:
            instruction = replace(instruction, paper=Paper.SIGNED)
    if entry.kind is EntryKind.ASKED:
        instruction = replace(instruction, asked=instruction.asked + 1)
    if entry.kind in _PAPERS:
        instruction = replace(instruction, paper=_PAPERS[entry.kind])
    if _is_heard(entry):
        silent_since = None
    elif entry.kind in _DOUBTS:
        silent_since = instruction.silent_since or entry.at
    else:
        silent_since = instruction.silent_since
    if silent_since != instruction.silent_since:
        instruction = replace(instruction, silent_since=silent_since)
    if entry.step is None:
        return instruction
    return _stepped(replace(instruction, delivery=TRAVEL.after(instruction.delivery, entry.step)), entry)


def _stepped(instruction: Instruction, entry: Entry) -> Instruction:
    """What else a step on its way changes: tries and questions count from it on, an answer tells its time."""
    match entry.step:
        case Step.SEND:
            first = instruction.first_sent_at or entry.at
            tried = instruction.tries + 1
            instruction = replace(
                instruction, tries=tried, asked=0, was_found=False, first_sent_at=first, sent_at=entry.at
            )
        case Step.REVIVE:
            instruction = replace(instruction, tries=0, asked=0, was_found=False)
        case Step.FOUND if not instruction.was_found:  # once: who falls silent between two words is not asked for ever
            instruction = replace(instruction, asked=0, was_found=True)
    if instruction.delivery is Delivery.ANSWERED:
        return replace(instruction, answered_at=entry.at, code=entry.code)
    return instruction


_DOUBTS = frozenset({EntryKind.LOST, EntryKind.ASKED})
_PAPERS = {EntryKind.REJECTED: Paper.REJECTED, EntryKind.CANCELLED: Paper.CANCELLED}
_COUNTED = frozenset({Move.TAKE_EFFECT, Move.PROLONG})


def _moved(order: Order, entry: Entry, move: Move) -> Order:
    """The order in the effect that a move brings, with its term; `times` counts terms, not waiting."""
    effect = LIFECYCLES[order.kind].after(order.effect, move)
    counts = move in _COUNTED and effect is not Effect.WAITING
    return replace(
        order,
        effect=effect,
        times=order.times + 1 if counts else order.times,
        starts_at=entry.starts_at or order.starts_at,
        ends_at=entry.ends_at or order.ends_at,
        prior=entry.prior or order.prior,
    )


def _paid(order: Order, told: Amounts) -> Order:
    """The order with the fen that an entry tells; each kind of fen stays its own."""
    if told == _NOTHING:
        return order

    def known(new: Fen | None, old: Fen | None) -> Fen | None:
        return old if new is None else new

    return replace(
        order,
        requested_fen=known(told.requested_fen, order.requested_fen),
        balance_fen=known(told.balance_fen, order.balance_fen),
        victim_traceable_fen=known(told.victim_traceable_fen, order.victim_traceable_fen),
        held_fen=known(told.held_fen, order.held_fen),
        released_fen=Fen(order.released_fen + told.more_released_fen),
        returned_fen=Fen(order.returned_fen + told.more_returned_fen),
    )


_NOTHING = Amounts()
