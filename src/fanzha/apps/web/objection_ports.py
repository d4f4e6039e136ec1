"""What the console needs of objections and of notices to whom an order restricts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fanzha.apps.web.views.objections import (
    FoundOrders,
    NoticeView,
    ObjectionLine,
    ObjectionMoveTold,
    ObjectionView,
    TakenObjection,
)
from fanzha.apps.web.views.tables import Page, Query
from fanzha.i18n import Language
from fanzha.kernel.units import Actor


class ObjectionData(Protocol):
    """Objections and notices. What is not the actor's to see is `NotFound`."""

    def objections(self, actor: Actor, query: Query) -> Page[ObjectionLine]:
        """Objections in sight, what lapses next first, then those that are answered."""
        ...

    def objections_of(self, actor: Actor, order: str) -> Sequence[ObjectionLine]:
        """Those to one order, open ones first."""
        ...

    def objection(self, actor: Actor, number: str) -> ObjectionView:
        """One objection with everything that happened to it."""
        ...

    def restricting(self, actor: Actor, text: str) -> FoundOrders:
        """Orders that restrict now what somebody types; the look-up is on record."""
        ...

    def take_objection(self, actor: Actor, told: TakenObjection) -> str:
        """The number of the objection now received."""
        ...

    def answer_objection(self, actor: Actor, number: str, told: ObjectionMoveTold) -> ObjectionView:
        """The objection after somebody checked, upheld, rejected it or wrote down that it is withdrawn."""
        ...

    def objection_evidence(self, actor: Actor, number: str, sha256: str, purpose: str) -> bytes:
        """A file that was shown with an objection; the audit says who took it, and for what."""
        ...

    def notice(self, actor: Actor, number: str, reason: str, language: Language) -> NoticeView:
        """The notice as it would be read out now, by the code of its reason, and when it was told."""
        ...

    def tell_holder(self, actor: Actor, number: str, reason: str, channel: str) -> None:
        """Record that it was told, through which channel, and issue its paper."""
        ...

    def person_paper(self, actor: Actor, number: str, paper: str, purpose: str, language: Language) -> bytes:
        """A paper to whom the order restricts, as PDF; the audit says who took it, and for what."""
        ...
