"""Objections of people whose account, number, site or app an order restricts: lifecycle and clocks (反诈法 32)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import OrderId, SubjectId
from fanzha.kernel.legal_days import Holidays, working_days_after
from fanzha.kernel.lifecycle import Lifecycle
from fanzha.kernel.units import UnitPath
from fanzha.orders.law import ObjectionLaw
from fanzha.orders.order import By

TEXT_CHARACTERS = 2_000


class ObjectionState(StrEnum):
    """Where an objection stands."""

    RECEIVED = "received"
    CHECKING = "checking"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ObjectionMove(StrEnum):
    """What happens to it."""

    CHECK = "check"
    UPHOLD = "uphold"
    REJECT = "reject"
    WITHDRAW = "withdraw"


OBJECTION: Lifecycle[ObjectionState, ObjectionMove] = Lifecycle(
    name="objection",
    start=ObjectionState.RECEIVED,
    moves={
        (ObjectionState.RECEIVED, ObjectionMove.CHECK): ObjectionState.CHECKING,
        (ObjectionState.RECEIVED, ObjectionMove.WITHDRAW): ObjectionState.WITHDRAWN,
        (ObjectionState.RECEIVED, ObjectionMove.UPHOLD): ObjectionState.UPHELD,
        (ObjectionState.CHECKING, ObjectionMove.UPHOLD): ObjectionState.UPHELD,
        (ObjectionState.CHECKING, ObjectionMove.REJECT): ObjectionState.REJECTED,
        (ObjectionState.CHECKING, ObjectionMove.WITHDRAW): ObjectionState.WITHDRAWN,
    },
    ends=frozenset({ObjectionState.UPHELD, ObjectionState.REJECTED, ObjectionState.WITHDRAWN}),
)
"""What is plain is upheld at once; nothing is rejected that nobody checked."""


class Channel(StrEnum):
    """How the person reached the centre."""

    VISIT = "visit"
    TELEPHONE = "telephone"
    LETTER = "letter"
    INSTITUTION = "institution"


class Standing(StrEnum):
    """As what somebody objects: for themselves, or for whom the order restricts."""

    HOLDER = "holder"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An objection as it stands: about which order, who makes it, what was said and shown, when an answer is due.

    `person` and `phone` are known to the vault; `words` is the SHA-256 of what was said and `evidence` of each file
    that was shown, all kept with the order's case; `says` the words of one that came before they were sealed.
    """

    id: UUID
    number: str
    order_id: OrderId
    unit_path: UnitPath
    channel: Channel
    words: str
    evidence: tuple[str, ...]
    received_at: datetime
    received_by: By
    alarm_at: datetime
    due_at: datetime
    standing: Standing = Standing.HOLDER
    person: SubjectId | None = None
    phone: SubjectId | None = None
    state: ObjectionState = ObjectionState.RECEIVED
    handler: By | None = None
    answered_at: datetime | None = None
    answer: str = ""
    says: str = ""

    @property
    def open(self) -> bool:
        """Whether the person still waits for an answer."""
        return not OBJECTION.is_over(self.state)

    def rings_at(self, now: datetime) -> datetime:
        """What lapses next: the warning to a chief while it is still to come, then the day of the answer."""
        return self.alarm_at if now < self.alarm_at else self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionEntry:
    """One thing that happened to an objection."""

    move: ObjectionMove
    at: datetime
    by: By
    reason: str


def answer_due(received_at: datetime, law: ObjectionLaw, holidays: Holidays) -> tuple[datetime, datetime]:
    """When a chief is told that it is not answered, and when the answer is due: by working days."""
    alarm = working_days_after(received_at, law.alarm_working_days, holidays)
    return alarm, working_days_after(received_at, law.answer_working_days, holidays)


def moved(objection: Objection, entries: Iterable[ObjectionEntry]) -> Objection:
    """The objection after these entries; `Illegal` when one makes a move that the table does not have."""
    for each in entries:
        objection = _after(objection, each)
    return objection


def _after(objection: Objection, entry: ObjectionEntry) -> Objection:
    if not 1 <= len(entry.reason.strip()) <= TEXT_CHARACTERS:
        raise Invalid("objections.reason_length", limit=TEXT_CHARACTERS)
    state = OBJECTION.after(objection.state, entry.move)
    if OBJECTION.is_over(state):
        return replace(objection, state=state, answered_at=entry.at, answer=entry.reason, handler=entry.by)
    return replace(objection, state=state, handler=entry.by)
