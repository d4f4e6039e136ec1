"""Whom a clock calls when it rings: the officer of the order, the chief above, and further up whom nobody answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanzha.kernel.ids import UserId
from fanzha.kernel.units import UnitPath, covers
from fanzha.orders.clocks import Weight
from fanzha.orders.order import Capacity, Order
from fanzha.orders.signing import Delegation

UNSEEN = timedelta(minutes=15)
"""An alarm that nobody has seen after so long goes one unit further up."""


class Part(StrEnum):
    """As what somebody is called."""

    OFFICER = "officer"
    CHIEF = "chief"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who may be called: at work in this unit as an officer or as a chief."""

    user_id: UserId
    name: str
    unit_path: UnitPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Those who answer for orders of one unit, their own and above, and who stands in for whom."""

    officers: Sequence[Colleague]
    chiefs: Sequence[Colleague]
    lent: Sequence[tuple[Delegation, Colleague]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A named person who is called, as what, and for whom while that person is away; nobody is there: `user_id` None.

    `level` is the unit that is called; who did not answer there is called from above it next.
    """

    user_id: UserId | None
    name: str
    part: Part
    level: UnitPath
    for_name: str = ""


def called(order: Order, weight: Weight, staff: Staff, now: datetime) -> list[Called]:
    """The drafter, or else the officers next to the order; for an alarm and an end the nearest chiefs too."""
    drafter = [each for each in staff.officers if each.user_id == order.opened_by.user_id]
    found = [_as(each, Part.OFFICER) for each in drafter[:1] or _nearest(staff.officers)]
    if weight is not Weight.REMINDER:
        found += _chiefs(_nearest(staff.chiefs), staff, now)
    return _each_once(found) or [_anybody(order.unit_path)]


def called_above(below: UnitPath, staff: Staff, now: datetime) -> list[Called]:
    """The nearest chiefs of a unit above this one; none where there is nobody above."""
    above = [each for each in staff.chiefs if each.unit_path != below and covers(each.unit_path, below)]
    return _each_once(list(_chiefs(_nearest(above), staff, now)))


def level_of(calls: Iterable[Called]) -> UnitPath:
    """The highest unit that was called."""
    return min((each.level for each in calls), key=len)


def _chiefs(chiefs: Sequence[Colleague], staff: Staff, now: datetime) -> Iterator[Called]:
    """Each chief, or whoever signs for them while they are away."""
    for chief in chiefs:
        stands_in = [
            each
            for held, each in staff.lent
            if held.from_user == chief.user_id and held.capacity in _AS_CHIEF and held.holds(now)
        ]
        if not stands_in:
            yield _as(chief, Part.CHIEF)
        for each in stands_in:
            yield Called(
                user_id=each.user_id, name=each.name, part=Part.CHIEF, level=chief.unit_path, for_name=chief.name
            )


_AS_CHIEF = frozenset({Capacity.COUNTY_CHIEF, Capacity.CITY_CHIEF})


def _nearest(colleagues: Sequence[Colleague]) -> list[Colleague]:
    """Those of the lowest unit: all of them lie on one line above the order."""
    lowest = max((len(each.unit_path) for each in colleagues), default=0)
    return [each for each in colleagues if len(each.unit_path) == lowest]


def _as(colleague: Colleague, part: Part) -> Called:
    return Called(user_id=colleague.user_id, name=colleague.name, part=part, level=colleague.unit_path)


def _anybody(unit: UnitPath) -> Called:
    return Called(user_id=None, name="", part=Part.ANYBODY, level=unit)


def _each_once(calls: Sequence[Called]) -> list[Called]:
    """The first call of each person: an officer who stands in for the chief is called once."""
    return list({each.user_id: each for each in reversed(calls)}.values())[::-1]
