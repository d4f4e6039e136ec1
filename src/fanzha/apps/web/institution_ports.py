"""What the console needs of institutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fanzha.apps.web.views.institutions import (
    ExchangeLine,
    InstitutionLine,
    InstitutionView,
    MessageLine,
    RefusalLine,
    TroubleLine,
)
from fanzha.apps.web.views.tables import Page, Query
from fanzha.kernel.units import Actor


class InstitutionData(Protocol):
    """Institutions: how they do, what went out, what came, what was turned away, and the kit that checks them."""

    def institutions(self, actor: Actor, query: Query) -> Page[InstitutionLine]:
        """Every institution, those first that cannot be used."""
        ...

    def institution(self, actor: Actor, name: str) -> InstitutionView:
        """One institution with everything that is not a list of its own."""
        ...

    def exchanges(self, actor: Actor, name: str, query: Query) -> Page[ExchangeLine]:
        """What went out to it lately, from the orders in sight."""
        ...

    def messages(self, actor: Actor, name: str, query: Query) -> Page[MessageLine]:
        """What it said, about orders in sight."""
        ...

    def refusals(self, actor: Actor, name: str, query: Query) -> Page[RefusalLine]:
        """Calls under its keys that were turned away; those of nobody's key for an empty name."""
        ...

    def check_institution(self, actor: Actor, name: str) -> None:
        """Wish for a run of the contract kit; one that is under way is enough."""
        ...

    def reveal_contacts(self, actor: Actor, name: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        """The numbers of desks in full by their ref; leaves a mark in the audit."""
        ...

    def troubled_institutions(self, actor: Actor) -> Sequence[TroubleLine]:
        """Those that cannot be used now; nothing for somebody who sees no orders."""
        ...
