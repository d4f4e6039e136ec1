"""Figures of the hour, from the house."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from fanzha.adapters.store.hour_figures import Ended, Over, SentOrder
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.units import units_below
from fanzha.apps.figures_told import figures_told
from fanzha.apps.web.views.figures import EndedSum, FigureIncident, FigureOrder, FiguresAsked, FiguresView
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.opening import unit_choice
from fanzha.apps.web.wired.order_record import result_of
from fanzha.kernel.units import Actor, UnitPath
from fanzha.statistics.hour import IncidentTimes, Measure
from fanzha.wiring.figures import (
    AskedOver,
    Wish,
    ended_behind,
    held_behind,
    hour_figures,
    incidents_behind,
    orders_behind,
    over_of,
)

T = TypeVar("T")
ENDED = frozenset({"lapsed", "released"})


class WiredFigures(HouseParts):
    """Figures in sight, and the records behind each number."""

    def figures(self, actor: Actor, asked: FiguresAsked) -> FiguresView:
        """Figures of the hour with names."""
        with self._over(actor, asked) as (connection, over):
            found = hour_figures(connection, actor, over)
            units = [
                Choice(code=each.path, zh=each.name_zh, en=each.name_en)
                for each in units_below(connection, actor.scope)
            ]
            named = {each.code: each for each in units}
            paths = [each.unit_path for each in found.units if each.unit_path is not None]
            shared = {each: unit_choice(connection, each) for each in paths if each not in named}
            banks = _banks(connection)
        return FiguresView(
            since=over.since,
            until=over.until,
            units=found.units,
            unit_names=named | shared,
            delays=found.delays,
            banks=found.banks,
            bank_names=banks,
            results={code: result_of(code) for each in found.banks for code in each.failures},
            lapsed=_sum(found.lapsed),
            released=_sum(found.released),
            may_choose_units=units if len(units) > 1 else [],
            may_choose_banks=list(banks.values()),
        )

    def figures_json(self, actor: Actor, asked: FiguresAsked) -> Mapping[str, object]:
        """The same as JSON."""
        with self._over(actor, asked) as (connection, over):
            found = hour_figures(connection, actor, over)
            return figures_told(found, {each.id: each.institution.name for each in every_institution(connection)})

    def figure_incidents(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureIncident]:
        """The incidents behind a number."""
        with self._over(actor, asked) as (connection, over):
            found = incidents_behind(connection, actor, over, wish)
            held = held_behind(connection, over, found)
            lines = [_incident(connection, each, held.get(each.number)) for each in _shown(found, query)]
        return Page(rows=lines, total=len(found), page=query.page, size=query.size)

    def figure_orders(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureOrder]:
        """The orders behind a number."""
        with self._over(actor, asked) as (connection, over):
            told: Sequence[Ended] | Sequence[SentOrder]
            if wish.outcome in ENDED:
                told = ended_behind(connection, actor, over, wish.outcome)
            else:
                told = orders_behind(connection, actor, over, wish)
            line = partial(_order, connection, _banks(connection))
            lines = [line(each) for each in _shown([*told], query)]
        return Page(rows=lines, total=len(told), page=query.page, size=query.size)

    @contextmanager
    def _over(self, actor: Actor, asked: FiguresAsked) -> Iterator[tuple[Connection, Over]]:
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            wanted = AskedOver(since=asked.since, until=asked.until, unit=asked.unit, institution=asked.institution)
            yield connection, over_of(connection, wanted, self.house.now())


def _shown(found: Sequence[T], query: Query) -> Sequence[T]:
    """A page of what comes newest first."""
    told = found if query.descending else found[::-1]
    return told[query.offset : query.offset + query.size]


def _banks(connection: Connection) -> dict[str, Choice]:
    return {
        str(each.id): Choice(code=each.institution.name, zh=each.institution.name_zh, en=each.institution.name_en)
        for each in every_institution(connection)
    }


def _sum(ended: Iterable[Ended]) -> EndedSum:
    told = list(ended)
    return EndedSum(count=len(told), fen=sum(each.fen for each in told), fen_hours=sum(each.fen_hours for each in told))


def _incident(connection: Connection, of: IncidentTimes, held_fen: int | None) -> FigureIncident:
    return FigureIncident(
        order_number=of.number,
        unit=unit_choice(connection, of.unit_path),
        first_paid_at=of.paid_at,
        reported_at=of.reported_at,
        to_order_s=of.seconds(Measure.ORDER),
        to_first_hold_s=of.seconds(Measure.FIRST_HOLD),
        to_last_hold_s=of.seconds(Measure.LAST_HOLD),
        lost_fen=of.lost_fen,
        ever_held_fen=held_fen,
    )


def _order(connection: Connection, banks: Mapping[str, Choice], of: Ended | SentOrder) -> FigureOrder:
    unit = unit_choice(connection, UnitPath(of.unit_path))
    bank = banks.get(str(of.institution_id), Choice(code="", zh="", en=""))
    if isinstance(of, Ended):
        return FigureOrder(
            order_number=of.order,
            institution=bank,
            unit=unit,
            at=of.at,
            took_or_held_s=of.held_s,
            result="",
            code="",
            fen=of.fen,
        )
    took = None if of.answered_at is None else round((of.answered_at - of.sent_at).total_seconds())
    return FigureOrder(
        order_number=of.number,
        institution=bank,
        unit=unit,
        at=of.sent_at,
        took_or_held_s=took,
        result=result_of(of.code),
        code=of.code,
        fen=None,
    )
