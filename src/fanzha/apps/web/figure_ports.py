"""What the console needs of figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fanzha.apps.web.views.figures import FigureIncident, FigureOrder, FiguresAsked, FiguresView
from fanzha.apps.web.views.tables import Page, Query
from fanzha.kernel.units import Actor
from fanzha.wiring.figures import Wish


class FigureData(Protocol):
    """Figures in sight, and exactly the records behind each number."""

    def figures(self, actor: Actor, asked: FiguresAsked) -> FiguresView:
        """Figures of the hour; `Invalid` for a time that runs backwards."""
        ...

    def figures_json(self, actor: Actor, asked: FiguresAsked) -> Mapping[str, object]:
        """The same as JSON."""
        ...

    def figure_incidents(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureIncident]:
        """The incidents behind a number."""
        ...

    def figure_orders(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureOrder]:
        """The orders behind a number."""
        ...
