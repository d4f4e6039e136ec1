"""What the pages about traces need of the rest of the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fanzha.apps.web.views.picture import MarksView, PictureQuestion, PictureView
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.views.trace import (
    AskingLine,
    DisputeLine,
    HoldingLine,
    HopLine,
    MethodLine,
    PassageLine,
    StartLine,
    TraceQuestion,
    TraceView,
)
from fanzha.apps.web.views.trace_files import WantedFile
from fanzha.apps.web.views.victims import Proposals, VictimLine
from fanzha.i18n import Language
from fanzha.kernel.units import Actor
from fanzha.tracing.picture.marks import NewMark


class TraceData(Protocol):
    """Traces through a case; `Invalid` for a question that no trace can be asked with."""

    def trace(self, actor: Actor, ref: str, question: TraceQuestion) -> TraceView:
        """What the first page of a trace shows."""
        ...

    def trace_file(self, actor: Actor, ref: str, question: TraceQuestion, wanted: WantedFile) -> bytes:
        """The trace as a file; leaves a mark, and needs the permission to see in full where it is in full."""
        ...

    def trace_methods(self, actor: Actor, ref: str, question: TraceQuestion) -> Sequence[MethodLine]:
        """The same question by every method."""
        ...

    def trace_proposals(self, actor: Actor, ref: str) -> Proposals:
        """Payments to start from where nothing is chosen; none where nobody is named a victim."""
        ...

    def victims(self, actor: Actor, ref: str) -> Sequence[VictimLine]:
        """Whom people named victims of the case."""
        ...

    def mark_victim(self, actor: Actor, ref: str, subject: str, reason: str) -> None:
        """Name as a victim whom the case tells of; `Conflict` when they are named so already."""
        ...

    def trace_starts(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[StartLine]:
        """The starting payments, each with what became of it."""
        ...

    def trace_holdings(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HoldingLine]:
        """Where traced money lies now; filters `lies`, `conclusive`, `start`, `at_least`."""
        ...

    def every_trace_holding(
        self, actor: Actor, ref: str, question: TraceQuestion, query: Query
    ) -> Listing[HoldingLine]:
        """All of it in one pass."""
        ...

    def trace_hops(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HopLine]:
        """Payments that carried traced money; filters as `pages.trace.HOPS` lists them."""
        ...

    def every_trace_hop(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Listing[HopLine]:
        """All of them in one pass."""
        ...

    def trace_asking(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[AskingLine]:
        """Statements worth asking for."""
        ...

    def trace_passages(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[PassageLine]:
        """How traced money went through each account."""
        ...

    def trace_disputes(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[DisputeLine]:
        """Where the rules disagree."""
        ...

    def picture(self, actor: Actor, ref: str, question: PictureQuestion) -> PictureView:
        """A trace, or one by two methods, laid out to be drawn."""
        ...

    def picture_svg(self, actor: Actor, ref: str, question: PictureQuestion, purpose: str, language: Language) -> str:
        """The picture as an SVG file, in full for a purpose, masked without one; that it left is on record."""
        ...

    def picture_taken(self, actor: Actor, ref: str, question: PictureQuestion) -> None:
        """Leave the mark of a picture that a browser makes a file of: as many places as it draws, whoever asks."""
        ...

    def marks(self, actor: Actor, ref: str, picture: str) -> MarksView:
        """What people put on a picture."""
        ...

    def add_mark(self, actor: Actor, ref: str, picture: str, made: NewMark) -> MarksView:
        """The same with one more; `Conflict` when somebody marked meanwhile."""
        ...
