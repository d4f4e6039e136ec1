"""What the console needs of who signs in whose place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fanzha.apps.web.views.delegations import DelegationsView, LendForm, StandingIn
from fanzha.kernel.units import Actor
from fanzha.wiring.delegating import Lent


class DelegationData(Protocol):
    """Delegations: who may sign, lend, take back. What is not the actor's to see is `NotFound`."""

    def delegations(self, actor: Actor) -> DelegationsView:
        """Who may sign what today, and the delegations in sight."""
        ...

    def lend_form(self, actor: Actor) -> LendForm:
        """What this person may lend and to whom; empty for who may not."""
        ...

    def standing_in(self, actor: Actor) -> Sequence[StandingIn]:
        """For whom this person signs now."""
        ...

    def lend(self, actor: Actor, lent: Lent) -> None:
        """Lend one's own capacity."""
        ...

    def end_delegation(self, actor: Actor, delegation: str) -> None:
        """Take a delegation back from now on."""
        ...
