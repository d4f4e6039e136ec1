"""What the pages of a case show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fanzha.apps.web.views.imports import ImportProgress, RowAccount
from fanzha.apps.web.views.shown import Choice, Masked, Place
from fanzha.cases.subjects import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case as a row of the table of cases."""

    ref: str
    title: str
    state: str
    unit: Choice
    retention: Choice
    files: int
    movements: int
    accounts: int
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """The headline facts of a case: what stands above every one of its tabs; `moves` are the states it may go to.

    `held` says that a legal hold forbids its erasure; `current` is false while movements on show do not yet include
    the newest imports or exclusions.
    """

    ref: str
    title: str
    state: str
    unit: Choice
    retention: Choice
    opened_at: datetime
    opened_by: str
    rows: RowAccount
    files: int
    movements: int
    accounts: int
    people: int
    notes: int
    moves: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    current: bool = True
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What a person says when they open a case."""

    title: str
    retention: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody of the case: role, masked identifiers, and `source`: a file and row, or who added them and why.

    `link` names what was added by hand, and can be taken back; `victim` is the key by which it can be named a victim.
    """

    name: Masked | None
    role: str
    id_number: Masked | None
    phone: Masked | None
    number: Masked | None
    source: Place | str
    added_at: datetime
    link: str | None = None
    victim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Whom to add to a case, by one identifier (a name, an ID, a phone, an account), as what, and why."""

    text: str
    reason: str
    role: Role = Role.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A note on a case; notes are never edited."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One audit entry of a case: who did what when, for which purpose if personal data were revealed."""

    at: datetime
    by: str
    action: str
    object: str = ""
    rows: int | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Something that waits for a person: a failed import, files nobody could read, balances that do not close."""

    kind: str
    case: str
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """The first page: what runs, what waits, and the cases last worked on."""

    running: tuple[ImportProgress, ...]
    attention: tuple[Attention, ...]
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A case in sight in which what was searched occurs: as what kind of thing, in which role."""

    case: str
    title: str
    kind: str
    matched: Masked
    role: str = ""
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another unit knows what was searched: only whom to call."""

    unit: Choice
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """What a search found; `kinds` says what the text was understood as, `institutions` go by name or code."""

    hits: tuple[SearchHit, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    kinds: tuple[str, ...] = field(default=())
    institutions: tuple[Choice, ...] = ()
