"""What the pages of objections and of the holder's notice show, and what a person says in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionLine:
    """An objection as a row: who objects to which order, and what lapses next; `rings_at` None once it is answered."""

    number: str
    order_number: str
    kind: str
    target: Masked
    person: Masked | None
    institution: Choice
    state: str
    channel: str
    standing: str
    holding_fen: int
    received_at: datetime
    rings_at: datetime | None
    due_at: datetime
    answered_at: datetime | None
    handler: str
    unit: Choice
    case: str

    @property
    def starts_at(self) -> datetime:
        """From when its clock runs."""
        return self.received_at

    @property
    def objection_number(self) -> str:
        """Its number under the heading that objections have for it."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A file that somebody showed: its SHA-256, bytes, when and by whom it was kept."""

    sha256: str
    size: int
    kept_at: datetime
    kept_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionEntryLine:
    """One thing that happened to an objection."""

    at: datetime
    by: str
    move: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPaper:
    """A paper to the person whom an order restricts: its number, form, day and SHA-256."""

    id: str
    number: str
    form: str
    issued_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionView:
    """The record of an objection.

    `deciders` are those who may answer it, `moves` what this person may do now, `release` the instruction by which
    what was wrong is let go, empty where there is none.
    """

    line: ObjectionLine
    order: OrderLine
    order_reason: str
    says: str
    phone: Masked | None
    received_by: str
    alarm_at: datetime
    answer: str
    evidence: tuple[ShownLine, ...]
    entries: tuple[ObjectionEntryLine, ...]
    deciders: tuple[str, ...]
    moves: tuple[str, ...]
    release: str
    release_waits: bool
    papers: tuple[PersonPaper, ...]
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrders:
    """Orders that restrict what somebody asked about, and other units to call."""

    orders: tuple[OrderLine, ...]
    elsewhere: tuple[tuple[Choice, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenObjection:
    """What a person writes down when somebody objects."""

    order: str
    channel: str
    standing: str
    says: str
    name: str = ""
    phone: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """That whom an order restricts was told: when, by whom, through which channel, by which paper."""

    at: datetime
    by: str
    channel: str
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """What whom an order restricts may be told: title, paragraphs before, labels with lines, paragraphs after.

    `reasons` are those that may be told, by code; `reason` is the one in these words; nothing is `told` yet where
    nobody did.
    """

    order: OrderLine
    title: str
    opening: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    closing: tuple[str, ...]
    reason: str
    reasons: tuple[str, ...]
    told: tuple[ToldLine, ...]
    papers: tuple[PersonPaper, ...]
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionMoveTold:
    """What a person does about an objection, why, and how much of a freeze is let go (None: all of it)."""

    move: str
    reason: str
    release_fen: int | None = None
