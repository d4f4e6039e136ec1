"""What is to be done after the hour: file and freeze, gather, tell the victim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.incidents import IncidentLine
from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """A stop that holds money, and the freeze that takes its place, if one is drafted; `because` it could not be."""

    stop: OrderLine
    freeze: OrderLine | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """An account of the chase whose statement is here, asked for, or missing; `order` is what asks for it."""

    account: Masked
    institution: Choice | None
    layer: int
    state: str
    order: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """A piece of evidence that belongs to a report: where it lies and who said so, empty while it is not there."""

    code: str
    where: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """What the victim was told, when and by whom."""

    at: datetime
    by: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterView:
    """An incident after its hour; `drafts`: how many accounts a stop holds and nothing freezes yet."""

    line: IncidentLine
    case: str
    case_state: str
    filed_since: datetime | None
    held: Sequence[HeldLine]
    drafts: int
    statements: Sequence[StatementLine]
    evidence: Sequence[EvidenceLine]
    follow_ups: Sequence[FollowUpLine]
    follow_up_due: datetime | None
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterAct:
    """What somebody does: `file`, `evidence` of a code, or `told`, in their words."""

    act: str
    words: str
    code: str = ""
