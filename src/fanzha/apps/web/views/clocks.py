"""What the clock board and the queue of signatures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.orders import InstructionView, OrderLine
from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """A clock as a row: when it rings, what it calls for, the fen at stake, on whose order or for whose signature.

    `let_go` is the order's number where the reader may find it unrelated and release it in one act, else empty.
    """

    rings_at: datetime
    starts_at: datetime
    clock: str
    weight: str
    number: str
    kind: str
    target: Masked
    institution: Choice
    holding_fen: int
    whose: Choice
    unit: Choice
    case: str
    let_go: str = ""

    @property
    def order_number(self) -> str:
        """The order's number under the heading that orders have for it."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """A person called by a clock that rang; `seen_at` None while nobody has seen it."""

    id: str
    at: datetime
    clock: str
    weight: str
    order: OrderLine
    name: str
    part: str
    for_name: str
    seen_at: datetime | None = None
    seen_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RangLine:
    """A clock that rang today, and who was called by it."""

    at: datetime
    clock: str
    weight: str
    order: OrderLine
    calls: Sequence[CallLine] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextClocks:
    """What the first page shows of the clocks: those that are overdue and whose, and the next ones within `days`.

    `rest` is how many run beside those that are shown, and how many of these are overdue or ring within the days.
    """

    overdue: Sequence[ClockLine] = ()
    coming: Sequence[ClockLine] = ()
    days: int = 0
    rest: int = 0
    rest_overdue: int = 0
    rest_coming: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """An instruction that waits for this person's signature."""

    order: OrderLine
    instruction: InstructionView
