"""Figures as people ask for them: within their sight, each with the records that make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fanzha.adapters.store.hour_figures import (
    Ended,
    Over,
    SentOrder,
    answers_by_code,
    held_of_victims,
    incident_times,
    lapsed_stops,
    released_unrelated,
    sent_orders,
)
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.roles import require
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.statistics.hour import (
    Band,
    BankAnswers,
    HeldByDelay,
    IncidentTimes,
    Measure,
    UnitTimes,
    by_bank,
    by_delay,
    by_unit,
    fails,
    of_band,
)

PERIOD = timedelta(days=30)
"""Over what figures are told when nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOver:
    """Over what somebody asks for figures: days or hours, a unit with those below it, an institution by its name."""

    since: datetime | None = None
    until: datetime | None = None
    unit: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFigures:
    """Figures of the hour: how soon by unit, held ÷ loss by delay, answers by bank, stops lapsed, money let go."""

    over: Over
    units: tuple[UnitTimes, ...]
    delays: tuple[HeldByDelay, ...]
    banks: tuple[BankAnswers, ...]
    lapsed: tuple[Ended, ...]
    released: tuple[Ended, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which number's records are wanted: exactly one unit's, of a measure or a band; or orders of a kind, all, those
    answered, without an answer, or refused with a code."""

    unit: str = ""
    measure: Measure | None = None
    band: Band | None = None
    kind: str = ""
    outcome: str = ""
    code: str = ""


def over_of(connection: Connection, asked: AskedOver, now: datetime) -> Over:
    """Over what figures are told; `Invalid` for a time that runs backwards."""
    until = asked.until or _next_minute(now)
    since = asked.since or until - PERIOD
    if since >= until:
        raise Invalid("figures.backwards")
    return Over(
        since=since,
        until=until,
        unit=UnitPath(asked.unit) if asked.unit else None,
        institution_id=institution_called(connection, asked.institution).id if asked.institution else None,
    )


def _next_minute(now: datetime) -> datetime:
    """So that an address with times to the minute opens exactly what a page counted."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def hour_figures(connection: Connection, actor: Actor, over: Over) -> HourFigures:
    """All of them, of what the actor may see: a county its own, a city its counties."""
    require(actor, "orders.see")
    incidents = incident_times(connection, over)
    return HourFigures(
        over=over,
        units=by_unit(incidents),
        delays=by_delay(incidents, held_of_victims(connection, over)),
        banks=by_bank(answers_by_code(connection, over)),
        lapsed=tuple(lapsed_stops(connection, over)),
        released=tuple(released_unrelated(connection, over)),
    )


def incidents_behind(connection: Connection, actor: Actor, over: Over, wish: Wish) -> Sequence[IncidentTimes]:
    """Exactly the incidents that make a number."""
    require(actor, "orders.see")
    found = incident_times(connection, over)
    if wish.band is not None:
        return of_band(found, wish.band)
    return [
        each
        for each in found
        if (not wish.unit or each.unit_path == wish.unit)
        and (wish.measure is None or each.seconds(wish.measure) is not None)
    ]


def held_behind(connection: Connection, over: Over, found: Sequence[IncidentTimes]) -> Mapping[str, int]:
    """What was held for each incident, by its number: of joined ones at the first reported, so that it adds up."""
    held = held_of_victims(connection, over)
    first: dict[CaseId, str] = {}
    for each in sorted(found, key=lambda one: one.reported_at):
        first.setdefault(each.case_id, each.number)
    return {number: held.get(case_id, 0) for case_id, number in first.items()}


def orders_behind(connection: Connection, actor: Actor, over: Over, wish: Wish) -> Sequence[SentOrder]:
    """Exactly the orders that make a number of an institution's answers."""
    require(actor, "orders.see")
    return [each for each in sent_orders(connection, over, wish.kind) if _came_to(each, wish)]


def _came_to(order: SentOrder, wish: Wish) -> bool:
    match wish.outcome:
        case "answered":
            return order.answered_at is not None
        case "unanswered":
            return not order.code
        case "failed":
            return order.code == wish.code if wish.code else fails(order.code)
    return True


def ended_behind(connection: Connection, actor: Actor, over: Over, outcome: str) -> Sequence[Ended]:
    """The stops that lapsed, or the money that was let go as unrelated."""
    require(actor, "orders.see")
    return lapsed_stops(connection, over) if outcome == "lapsed" else released_unrelated(connection, over)
