"""What the console needs of the rest of the house to show and handle background work."""

from __future__ import annotations

from typing import Protocol

from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.views.work import WorkLine, WorkView
from fanzha.kernel.units import Actor


class WorkData(Protocol):
    """Background work in sight; who may handle it is asked, and each act is on record."""

    def work(self, actor: Actor, query: Query) -> Page[WorkLine]:
        """Rows in sight, those first that wait for a person; filters `state`, `kind`, `handler`."""
        ...

    def one_work(self, actor: Actor, work: str) -> WorkView:
        """One row with everything about it."""
        ...

    def retry_work(self, actor: Actor, work: str, reason: str) -> None:
        """Try the row again at once; `Illegal` where nothing failed."""
        ...

    def hand_over_work(self, actor: Actor, work: str, login: str, reason: str) -> None:
        """Give the row to a named person, who must see it themselves."""
        ...

    def cancel_work(self, actor: Actor, work: str, reason: str) -> None:
        """The row is not done any more; `Illegal` for what ends by its own lifecycle only."""
        ...
