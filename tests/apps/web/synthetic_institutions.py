"""A house that knows no institution; what they look like when there are some is looked at in a real house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fanzha.apps.web.views.institutions import (
    ExchangeLine,
    InstitutionLine,
    InstitutionView,
    MessageLine,
    RefusalLine,
    TroubleLine,
)
from fanzha.apps.web.views.tables import Page, Query
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor


class SyntheticInstitutions:
    """No institutions."""

    def institutions(self, actor: Actor, query: Query) -> Page[InstitutionLine]:
        return Page(rows=(), total=0)

    def institution(self, actor: Actor, name: str) -> InstitutionView:
        raise NotFound("institutions.none", institution=name)

    def exchanges(self, actor: Actor, name: str, query: Query) -> Page[ExchangeLine]:
        raise NotFound("institutions.none", institution=name)

    def messages(self, actor: Actor, name: str, query: Query) -> Page[MessageLine]:
        raise NotFound("institutions.none", institution=name)

    def refusals(self, actor: Actor, name: str, query: Query) -> Page[RefusalLine]:
        raise NotFound("institutions.none", institution=name)

    def check_institution(self, actor: Actor, name: str) -> None:
        raise NotFound("institutions.none", institution=name)

    def reveal_contacts(self, actor: Actor, name: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        raise NotFound("institutions.none", institution=name)

    def troubled_institutions(self, actor: Actor) -> Sequence[TroubleLine]:
        return ()
