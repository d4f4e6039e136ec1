"""A case and its lifecycle: an incident opens one as preliminary, filing (立案) is a move, and its id never changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import UnitPath

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,31}")
TITLE_CHARACTERS = 200
NOTE_CHARACTERS = 20_000


class CaseState(StrEnum):
    """Where a case stands."""

    PRELIMINARY = "preliminary"
    FILED = "filed"
    DISMISSED = "dismissed"
    CLOSED = "closed"
    ERASED = "erased"


MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.PRELIMINARY: frozenset({CaseState.FILED, CaseState.DISMISSED}),
    CaseState.FILED: frozenset({CaseState.CLOSED, CaseState.DISMISSED}),
    CaseState.DISMISSED: frozenset({CaseState.PRELIMINARY, CaseState.FILED}),
    CaseState.CLOSED: frozenset({CaseState.FILED}),
    CaseState.ERASED: frozenset(),
}
"""From where a case may go where: a dismissed or closed one can be taken up again, an erased one never."""

ENDED = frozenset({CaseState.DISMISSED, CaseState.CLOSED})
"""States from which the time of keeping counts."""


class EntryKind(StrEnum):
    """What an entry of a case's history says; its `value` is a state, a retention class, a unit, the note's text, or
    the reference of the case that it is joined to or that was joined to it."""

    OPENED = "opened"
    MOVED = "moved"
    RETENTION = "retention"
    NOTE = "note"
    HOLD = "hold"
    RELEASE = "release"
    SHARED = "shared"
    UNSHARED = "unshared"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_REFUSED = "erasure_refused"
    ERASED = "erased"
    JOINED = "joined"
    TOOK_IN = "took_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it stands: `since` is when it came into its state, `held` whether a legal hold forbids erasure."""

    id: CaseId
    ref: str
    title: str
    unit_path: UnitPath
    state: CaseState
    since: datetime
    retention: str
    held: bool
    opened_at: datetime
    opened_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """One entry of a case's history, never edited."""

    id: UUID
    at: datetime
    actor_name: str
    kind: EntryKind
    value: str
    reason: str


def require_move(state: CaseState, to: CaseState) -> None:
    """`Illegal` unless a case in `state` may go to `to`."""
    if to not in MOVES[state]:
        raise Illegal("cases.no_such_move", state=state.value, to=to.value)


def case_ref(text: str) -> str:
    """The text as a case reference that a person chose; `Invalid` unless 2–32 of A–Z, a–z, 0–9, `-`, `_`."""
    if not _REF.fullmatch(text):
        raise Invalid("cases.bad_ref")
    return text


def made_ref(year: int, number: int) -> str:
    """The reference of the nth case of a year: `C2026-000012`."""
    return f"C{year}-{number:06d}"


def text_of_person(text: str, limit: int) -> str:
    """What a person wrote, trimmed; `Invalid` when nothing is left or it is longer than `limit` characters."""
    text = text.strip()
    if not text:
        raise Invalid("cases.empty_text")
    if len(text) > limit:
        raise Invalid("cases.long_text", limit=limit)
    return text
