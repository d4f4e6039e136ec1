"""What to do next with an instruction on its way, and the entries that tell what happened to it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanzha.orders.deliveries import Delivery, Step
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import By, Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long an institution may take, and how often it is asked until a person must act.

    What it took is asked after when `answer` is over, what nobody knows to have arrived after `between`; each question
    doubles the pause, up to `longest`.
    """

    answer: timedelta = timedelta(seconds=60)
    between: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=5)
    sends: int = 5
    questions: int = 12

    def rest(self, instruction: Instruction) -> timedelta:
        """The pause before the next question: a bank that has it answers by itself, and is not hurried meanwhile."""
        first = self.answer if instruction.delivery is Delivery.SENT else self.between
        doubled: int = 2 ** min(instruction.asked, 16)
        return min(self.longest, first * doubled)


class Next(StrEnum):
    """What an instruction needs now."""

    SEND = "send"
    ASK = "ask"
    GIVE_UP = "give_up"
    NOTHING = "nothing"


def next_step(instruction: Instruction, patience: Patience) -> Next:
    """What to do with an instruction whose time has come; one that may have arrived is asked after, never sent."""
    match instruction.delivery:
        case Delivery.QUEUED:
            return Next.SEND if instruction.tries < patience.sends else Next.GIVE_UP
        case Delivery.SENT | Delivery.UNKNOWN:
            return Next.ASK if instruction.asked < patience.questions else Next.GIVE_UP
    return Next.NOTHING


def sent(instruction: Instruction, by: By, now: datetime) -> Entry:
    """It goes out now; written and committed before the first byte, so that a crash leaves no doubt unseen."""
    return Entry(kind=EntryKind.SENT, at=now, by=by, instruction=instruction.id, step=Step.SEND)


def received(instruction: Instruction, by: By, now: datetime, receipt: str) -> Entry:
    """The institution has it and will answer."""
    return Entry(kind=EntryKind.RECEIPT, at=now, by=by, instruction=instruction.id, code=receipt)


def lost(instruction: Instruction, by: By, now: datetime, code: str) -> Entry:
    """Nobody knows whether it arrived."""
    return Entry(kind=EntryKind.LOST, at=now, by=by, instruction=instruction.id, step=Step.LOSE, code=code)


def asked(instruction: Instruction, by: By, now: datetime, known: str) -> Entry:
    """What the institution says of the application id: only one it never saw is sent again.

    `known` is not_known, received, working or silent (it did not say).
    """
    step = None
    if instruction.delivery is Delivery.UNKNOWN and known == "not_known":
        step = Step.RESEND
    elif instruction.delivery is Delivery.SENT and known == "not_known":
        step = Step.LOSE
    elif instruction.delivery is Delivery.UNKNOWN and known in {"received", "working"}:
        step = Step.FOUND
    return Entry(kind=EntryKind.ASKED, at=now, by=by, instruction=instruction.id, step=step, code=known)


def given_up(instruction: Instruction, by: By, now: datetime, code: str) -> Entry:
    """Tries are used up: a person must act, by telephone or on paper."""
    return Entry(kind=EntryKind.DEAD, at=now, by=by, instruction=instruction.id, step=Step.GIVE_UP, code=code)


def revived(instruction: Instruction, by: By, now: datetime, reason: str) -> Entry:
    """A person says try again: it is asked after first."""
    return Entry(kind=EntryKind.REVIVED, at=now, by=by, instruction=instruction.id, step=Step.REVIVE, reason=reason)


def doubted(instruction: Instruction, by: By, now: datetime) -> Entry:
    """After a restore: whether it went out since the copy was made, nobody knows."""
    return lost(instruction, by, now, "restored")
