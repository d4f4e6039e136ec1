"""One simulated incident: reported so long after its payment, chased in memory, and what its fen came to in truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fanzha.apps.chasing.memory_case import Vault
from fanzha.apps.chasing.memory_desk import PAPERWORK, MemoryDesk
from fanzha.apps.chasing.standing_people import CASE, DRAFTER, UNIT, Banks, authorities, bank_id
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind, Source, ToldPayment, told
from fanzha.kernel.clock import SetClock
from fanzha.kernel.money import fen
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.laundering import Incident as Laundered
from fanzha.simulation.laundering import incident as laundered
from fanzha.simulation.parameters import Parameters

BEGINS = datetime(2026, 8, 3, 1, 30, tzinfo=UTC)
INTAKE = timedelta(minutes=2)
"""From the call to the report taken with authority in hand, as the design paper's row of the product has it."""
WATCHED = timedelta(hours=6)
"""So long after its report an incident is watched; by then nearly all that leaves has left."""
AFTERWARDS = timedelta(minutes=30)
"""So long after the last payment that anybody planned, when no bank owes an answer any more, nothing moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where incidents happen: banks, what goes wrong by which rate, and the seed."""

    banks: Banks
    parameters: Parameters
    seed: int


def chased(scene: Scene, number: int, delay: timedelta) -> tuple[Laundered, MemoryDesk]:
    """The so manieth incident of a seed, reported so long after it was paid, with its chase done."""
    case = laundered(number, BEGINS, scene.banks.setups, scene.parameters, scene.seed)
    clock = SetClock(BEGINS - timedelta(seconds=1))
    world = SteppedInstitutions(scene.banks.setups, scene.parameters, scene.seed + number, clock)
    world.open(case.openings)
    world.plan(case.payments)
    clock.at = BEGINS + delay + INTAKE
    world.advance()
    desk = _desk(case, world, clock, Chance(scene.seed, "desk", number))
    end = BEGINS + delay + WATCHED
    last = max(each.at for paid in case.payments.values() for each in paid)
    desk.until(min(end, max(last, desk.now) + AFTERWARDS))
    if desk.waits:
        desk.until(end)
    return case, desk


def _desk(case: Laundered, world: SteppedInstitutions, clock: SetClock, chance: Chance) -> MemoryDesk:
    vault, now = Vault(), clock.now()
    payment = ToldPayment(
        institution_id=bank_id(case.told.payee_code),
        payee=vault.id(case.told.payee_number),
        payee_name=vault.id(case.told.payee_name),
        amount_fen=fen(case.told.amount_fen),
        at=case.told.paid_at,
    )
    taken = Incident(
        id=UUID(chance.uuid()),
        number="JQ1",
        case_id=CASE,
        unit_path=UNIT,
        source=Source.EMERGENCY,
        reported_at=now - INTAKE,
        taken_at=now,
        taken_by_id=DRAFTER.user_id,
        taken_by=DRAFTER.name,
        victim=None,
        scam_type="",
        paperwork_due=now + PAPERWORK,
    )
    entry = IncidentEntry(
        kind=IncidentEntryKind.PAYMENT, at=now, by_id=DRAFTER.user_id, by_name=DRAFTER.name, payment=payment
    )
    taken = told(taken, [entry])
    return MemoryDesk(
        world,
        clock,
        taken,
        vault,
        Banks(tuple(each.setup for each in world.institutions.values())),
        authorities(taken.id, now),
        chance,
    )
