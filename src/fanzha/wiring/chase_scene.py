"""What may leave in a chase: a look at it, decided under the authorities that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fanzha.adapters.store.imports import Import
from fanzha.cases.joined import as_one
from fanzha.kernel.ids import CaseId
from fanzha.orders.authority import Authority
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.chase_cases import Chased, chased
from fanzha.wiring.chase_look import Look, looked, read_alone, read_case
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at
from fanzha.workflows.chase_funds import ChaseMove, Standing, chase


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A chase as it stands now: a look at it, every move with what it waits for, and the authorities that stand."""

    look: Look
    moves: tuple[ChaseMove, ...]
    authorities: Mapping[UUID, Authority]


def decided(look: Look, standing: Sequence[Standing]) -> Scene:
    """The scene in which these authorities stand: every move, each with the one under which it leaves."""
    incident, law = as_one(look.chased.together), law_at(look.now).authority
    return Scene(
        look=look,
        moves=chase(incident, look.accounts, look.orders, standing, law, look.now),
        authorities={each.authority.id: each.authority for each in standing},
    )


def scene(desk: Desk, number: str) -> Scene:
    """The chase of an incident as whoever is at the desk may see it; nothing is changed."""
    return scene_of(desk, chased(desk.connection, number))


def scene_of(desk: Desk, found: Chased) -> Scene:
    """The chase as it stands; nothing is changed."""
    return decided(looked(desk, found, read_case(desk, found)), standing_for(desk, found.together))


def first_scene(desk: Desk, found: Chased, imports: Mapping[CaseId, Sequence[Import]]) -> Scene:
    """The same for whoever holds the lock of the case, as first rounds see it: nobody else uses the authorities under
    which something leaves until the transaction ends, those of a shift included.

    Who uses one shift's authority takes all of them, always in one order; an incident's own are taken first, by its
    rounds only, which are alone on its case. What left under a shift's is counted only by whoever is about to use it:
    where nothing would leave under an unused one, nothing leaves under it.
    """
    (read,) = read_alone(desk, [found], imports)
    look, alone = looked(desk, found, read), frozenset[UUID]()
    while True:
        standing = standing_for(desk, found.together, alone)
        seen, shifts = decided(look, standing), _shifts(standing)
        if {each.authority_id for each in seen.moves} & shifts <= alone:
            return seen
        alone |= shifts


def scenes_alone(desk: Desk, some: Sequence[Chased], imports: Mapping[CaseId, Sequence[Import]]) -> list[Scene]:
    """The same of several chases of one unit, as all other rounds see them: nothing leaves under a shift's authority,
    what would waits for a first round. No round that gives way holds a shift's, for which the first stops of others
    would wait."""
    if not some:
        return []
    reads = read_alone(desk, some, imports)
    standing = standing_for(desk, [one for each in some for one in each.together], frozenset())
    return [_put_off(desk, looked(desk, each, read), standing) for each, read in zip(some, reads, strict=True)]


def _put_off(desk: Desk, look: Look, standing: Sequence[Standing]) -> Scene:
    """What may leave in a look, but for what would leave under a shift's authority."""
    together = look.chased.together
    own = {None, *(each.id for each in together)}
    standing = [each for each in standing if each.authority.incident_id in own]
    seen, shifts = decided(look, standing), _shifts(standing)
    if {each.authority_id for each in seen.moves}.isdisjoint(shifts):
        return seen
    mine = {each.authority.id for each in standing}
    counted = [each for each in standing_for(desk, together) if each.authority.id in mine]
    seen = decided(look, counted)
    return replace(seen, moves=tuple(each.put_off(shifts) for each in seen.moves))


def _shifts(standing: Sequence[Standing]) -> frozenset[UUID]:
    """Those of no incident of its own."""
    return frozenset(each.authority.id for each in standing if each.authority.incident_id is None)
