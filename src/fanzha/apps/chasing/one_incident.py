"""One simulated incident: reported so long after its payment, chased in memory, and what its fen came to in truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fanzha.apps.chasing.alike import AlikeInstitutions
from fanzha.apps.chasing.memory_case import Vault
from fanzha.apps.chasing.memory_desk import PAPERWORK, MemoryDesk
from fanzha.apps.chasing.standing_people import CASE, DRAFTER, UNIT, Banks, authorities, bank_id
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind, Source, ToldPayment, told
from fanzha.kernel.clock import SetClock
from fanzha.kernel.money import fen
from fanzha.simulation.bystanders import among_bystanders
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
    """Where incidents happen: banks, what goes wrong by which rate, the seed, and how long after its report each is
    watched at most."""

    banks: Banks
    parameters: Parameters
    seed: int
    watched: timedelta = WATCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """An incident with its chase done: the gang's payments, the accounts of people who know nothing, and the desk."""

    gang: Laundered
    bystanders: frozenset[str]
    desk: MemoryDesk


def chased(scene: Scene, number: int, delay: timedelta) -> Chased:
    """The so manieth incident of a seed, reported so long after it was paid."""
    clock = SetClock(BEGINS - timedelta(seconds=1))
    gang, bystanders, world = staged_case(scene, number, clock)
    clock.at = BEGINS + delay + INTAKE
    world.advance()
    desk = _desk(gang, world, clock, Chance(scene.seed, "desk", number))
    desk.until(ends_at(scene, gang, delay))
    if desk.waits:
        desk.until(BEGINS + delay + scene.watched)
    return Chased(gang=gang, bystanders=bystanders, desk=desk)


def staged_case(scene: Scene, number: int, clock: SetClock) -> tuple[Laundered, frozenset[str], AlikeInstitutions]:
    """The gang's payments, the accounts of people who know nothing, and the institutions where all will happen."""
    gang = laundered(number, BEGINS, scene.banks.setups, scene.parameters, scene.seed)
    street = Chance(scene.seed, "bystanders", number)
    case, bystanders = among_bystanders(gang, BEGINS, scene.banks.setups, scene.parameters, street)
    world = AlikeInstitutions(scene.banks.setups, scene.parameters, scene.seed + number, clock)
    world.open(case.openings)
    world.plan(case.payments)
    return gang, bystanders, world


def ends_at(scene: Scene, gang: Laundered, delay: timedelta) -> datetime:
    """When nothing more of it is to be expected: half an hour after the gang's last payment and the report."""
    last = max(each.at for paid in gang.payments.values() for each in paid)
    return min(BEGINS + delay + scene.watched, max(last, BEGINS + delay + INTAKE) + AFTERWARDS)


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
