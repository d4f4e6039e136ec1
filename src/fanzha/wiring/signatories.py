"""Who may sign what today at each unit in sight, by the rules of a signature itself (`wiring.orders.signer_of`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fanzha.adapters.store.delegations import GivenDelegation, living_given
from fanzha.adapters.store.people import people_in_sight
from fanzha.adapters.store.roles import permissions_at
from fanzha.adapters.store.units import Unit, every_unit
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Level, UnitPath, covers
from fanzha.orders.law import LawPack, Signing
from fanzha.orders.order import Capacity
from fanzha.orders.signatories import Signatory, unsigned
from fanzha.wiring.answerers import Answerer, answerers, in_office
from fanzha.wiring.delegating import still_theirs
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at

SEE = "orders.see"
"""Without it nobody opens an order, so nobody signs one."""
MOST = 10_000
_ORDER = tuple(Capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSigners:
    """Who signs the orders of a unit now, and the acts that nobody there can sign; `alike` units have the same."""

    unit: Unit
    signers: tuple[Signatory, ...]
    unsigned: tuple[Signing, ...]
    alike: tuple[Unit, ...] = ()


def signing_today(desk: Desk) -> list[UnitSigners]:
    """The actor's unit and those below it in the order of the tree; one that is as the one above it stands with it."""
    law, people = law_at(desk.now), in_office(desk, {SEE})
    with desk.as_house() as connection:
        given, tree = living_given(connection, desk.now), every_unit(connection)
    lent = still_theirs(desk, given)
    levels = {each.path: each.level for each in tree}
    found: list[UnitSigners] = []
    for unit in (each for each in tree if covers(desk.actor.scope, each.path)):
        there = tuple(_signers(law, people, lent, unit.path, levels))
        above = next((at for at, each in enumerate(found) if _is_alike(each, unit, there)), None)
        if above is None:
            found.append(UnitSigners(unit=unit, signers=there, unsigned=tuple(unsigned(law, there))))
        else:
            found[above] = replace(found[above], alike=(*found[above].alike, unit))
    return found


def who_may_stand_in(desk: Desk) -> list[Answerer]:
    """Colleagues in sight to whom the actor may lend a capacity: those who see orders at the actor's unit."""
    mine = {each.id for each in people_in_sight(desk.connection, MOST)} - {desk.actor.user_id}
    return [each for each in answerers(desk, {SEE}, desk.actor.scope) if each.user_id in mine]


def _is_alike(known: UnitSigners, unit: Unit, there: Sequence[Signatory]) -> bool:
    """Whether a unit lies below one with the same signers: what is said of the one is said of the other."""
    parent = unit.path.rpartition(".")[0]
    return parent in {known.unit.path, *(each.path for each in known.alike)} and known.signers == tuple(there)


def _signers(
    law: LawPack,
    people: Sequence[Answerer],
    lent: Sequence[GivenDelegation],
    unit: UnitPath,
    levels: Mapping[UnitPath, Level],
) -> list[Signatory]:
    """In their own right first, then for others, capacity by capacity."""
    there = {each.user_id: each for each in people if each.at(unit).held}
    own = {each.user_id: _own(law, each, unit, levels) for each in there.values()}
    found = [Signatory(user_id=who, capacity=each) for who, held in own.items() for each in held]
    for each in lent:
        held = each.held
        if covers(each.unit_path, unit) and _works_at(there, each) and held.capacity not in own[held.to_user]:
            found.append(
                Signatory(user_id=held.to_user, capacity=held.capacity, stands_for=held.from_user, until=held.until)
            )
    return sorted(found, key=lambda each: (_ORDER.index(each.capacity), each.stands_for is not None))


def _own(law: LawPack, who: Answerer, unit: UnitPath, levels: Mapping[UnitPath, Level]) -> frozenset[Capacity]:
    """Whoever has a role above may work as that unit or as any on the way down: at each it counts by that level."""
    parts = unit.split(".")
    way = [UnitPath(".".join(parts[: at + 1])) for at in range(len(parts))]
    held = list(who.held)
    found = (law.signs_as(permissions_at(held, each), levels[each]) for each in way if each in levels)
    return frozenset(Capacity(name) for each in found for name in each)


def _works_at(there: Mapping[UserId, Answerer], lent: GivenDelegation) -> bool:
    """Only who works at the unit of a delegation, or above it, sees it and can use it."""
    who = there.get(lent.held.to_user)
    return who is not None and bool(who.at(lent.unit_path).held)
