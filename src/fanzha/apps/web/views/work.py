"""What the pages about background work show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.apps.web.views.shown import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A row of work: what, for which unit and case, about what and where that is shown, due when, tried how often,
    why it stands, who sees to it; of a clock, what it calls for.

    `state` is stuck, running, waiting, cancelled or done; `error` is the code of what stopped it, with its fields.
    """

    id: str
    kind: str
    state: str
    unit: Choice
    case: str
    about: str
    about_at: str
    clock: str
    due_at: datetime
    tries: int
    handler: str
    error: str
    error_fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkActLine:
    """What somebody did about a row; `kind` is retried, handed_over (to `to`) or cancelled."""

    at: datetime
    by: str
    kind: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkView:
    """One row with everything about it; `may` names the acts that are open to the visitor now."""

    line: WorkLine
    not_before: datetime | None
    finished_at: datetime | None
    acts: tuple[WorkActLine, ...]
    may: tuple[str, ...]
    handlers: tuple[Choice, ...]
