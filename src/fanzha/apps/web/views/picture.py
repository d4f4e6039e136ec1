"""What a URL asks of a trace's picture, and what is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import QueryParams

from fanzha.apps.web.views.shown import AccountRef
from fanzha.apps.web.views.trace import TraceQuestion, read_question
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import MAX_FEN
from fanzha.tracing.follow.question import Method
from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.marks import Marks
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.trace_sums import Sums

OPENED = PictureLimits().layers + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuestion:
    """A trace's question and how to draw it: `beside` which other method, what is dust, which layers show theirs."""

    trace: TraceQuestion
    beside: Method | None = None
    dust_fen: int = 0
    opened: tuple[int, ...] = ()

    @property
    def picture(self) -> str:
        """What people's marks hang on: the same whatever the method, the horizon and the floor."""
        told = [*sorted(self.trace.starts), self.trace.account, self.trace.way, self.trace.direction.value]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def read_picture(params: QueryParams) -> PictureQuestion:
    """The question of a URL: the trace's own parameters, then `beside`, `dust_fen` and `open` (repeated, a layer).

    `Invalid` names the parameter that cannot be understood. The trace's own method beside itself is drawn once.
    """
    trace = read_question(params)
    if not trace.asks:
        raise Invalid("trace.no_start")
    told = params.get("beside")
    if told and told not in list(Method):
        raise Invalid("web.bad_filter", name="beside")
    return PictureQuestion(
        trace=trace,
        beside=Method(told) if told and told != trace.method else None,
        dust_fen=_number(params.get("dust_fen") or "0", "dust_fen", MAX_FEN),
        opened=tuple(sorted({_number(each, "open", OPENED) for each in params.getlist("open")})),
    )


def _number(told: str, name: str, most: int) -> int:
    if not (told.isascii() and told.isdigit() and len(told) <= len(str(most)) and int(told) <= most):
        raise Invalid("web.bad_filter", name=name)
    return int(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSums:
    """By one method: where the fen of all starts are, and what limits were reached on the way."""

    method: Method
    sums: Sums
    stop: str
    cut: tuple[AccountRef | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture with whose accounts it draws, and what is named about them, by number; nothing else is personal.

    `patterns_left_out` and `patterns_cut`: findings beyond the limit, and accounts not compared to their end.
    """

    question: PictureQuestion
    drawing: Drawing
    accounts: Mapping[str, AccountRef]
    totals: tuple[MethodSums, ...]
    patterns: Mapping[str, tuple[NamedPattern, ...]] = field(default_factory=dict)
    patterns_left_out: int = 0
    patterns_cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarksView:
    """What people put on a picture, and whether the visitor may."""

    picture: str
    marks: Marks
    may_mark: bool
