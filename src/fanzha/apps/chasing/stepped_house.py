"""One simulated incident chased twice by one seed: by the house itself on a database, and by the desk in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.chasing.alike import AlikeInstitutions
from fanzha.apps.chasing.fates import books_of
from fanzha.apps.chasing.held_share import scene_of
from fanzha.apps.chasing.one_incident import BEGINS, INTAKE, Scene, chased, ends_at, staged_case
from fanzha.apps.measured import Result, report
from fanzha.apps.stepped import SteppedRun
from fanzha.apps.stories.cast import Cast
from fanzha.apps.stories.stage import CHASING, Stage, passing, peopled
from fanzha.cases.incident import Source
from fanzha.kernel.clock import SetClock
from fanzha.orders.effects import OrderKind
from fanzha.registers.institutions import ConnectorKind
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.laundering import Told
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.incidents import NewPaid, NewReport

MINUTE = timedelta(minutes=1)
COMPARED = 15 * MINUTE
"""How long after the payment the compared incidents are reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of an account: when it was first stopped by its bank's books, and what lies there stopped."""

    stopped_at: datetime
    held_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An incident by the house and by the desk in memory: its stopped accounts, by number."""

    number: int
    loss_fen: int
    house: Mapping[str, Account]
    memory: Mapping[str, Account]

    @property
    def alike(self) -> bool:
        """Whether both stopped the same accounts at the same instant and hold the same fen on each."""
        return self.house == self.memory


def compare(scene: Scene, numbers: range, delay: timedelta) -> Iterator[Compared]:
    """Incidents chased both ways, each in a house of its own that is founded for it."""
    for number in numbers:
        with passing() as settings, open_house(settings, "exercise") as house:
            yield compared(house, scene, number, delay)


def compared(house: House, scene: Scene, number: int, delay: timedelta) -> Compared:
    """One incident chased by this house and by the desk in memory."""
    done, world = chased(scene, number, delay), _in_house(house, scene, number, delay)
    return Compared(number=number, loss_fen=done.gang.loss_fen, house=_stopped(world), memory=_stopped(done.desk.world))


def comparison(classes: Sequence[str], seed: int, count: int, show: Callable[[int], None]) -> dict[str, object]:
    """How many of the first incidents of each class come to the same both ways, and the fen held, as one object."""
    results: list[Result] = []
    for place, banks in enumerate(classes):
        both = []
        for each in compare(scene_of(banks, seed), range(count), COMPARED):
            both.append(each)
            show(place * count + len(both))
        at, alike = f"{banks}@{COMPARED // MINUTE}min", sum(each.alike for each in both)
        house = sum(one.held_fen for each in both for one in each.house.values())
        memory = sum(one.held_fen for each in both for one in each.memory.values())
        results += [
            Result(name=f"{at}_alike_count", value=alike, unit="incidents", aim=count, aim_op=">="),
            Result(name=f"{at}_stopped_accounts_count", value=sum(len(each.house) for each in both), unit="accounts"),
            Result(
                name=f"{at}_held_fen", value=memory, unit="fen", baseline=house, baseline_name="the house", aim_op=">="
            ),
        ]
    return report("chase_compared", {"incidents": count, "seed": seed}, results, ("numpy", "numba"))


def _in_house(house: House, scene: Scene, number: int, delay: timedelta) -> AlikeInstitutions:
    clock = SetClock(BEGINS - timedelta(seconds=1))
    house = replace(house, clock=clock, chance=Random(number).randbytes)  # noqa: S311  # a comparison repeats
    case, _, world = staged_case(scene, number, clock)
    with house.act(operator()) as connection:
        for each in scene.banks.known:
            known = replace(each, connector=ConnectorKind.FOLDER, endpoint="stepped", keys=())
            enter_profile(connection, known, operator(), "evaluate", house.now(), unit=CENTRE)
    run = SteppedRun(house, world, clock)
    stage = peopled(house, run, Cast(banks=(), accounts=()), scene.banks.setups, began=BEGINS)
    run.until(BEGINS + delay + INTAKE)
    stage.allow(frozenset({OrderKind.STOP}))
    told = stage.report(_report(stage, case.told))
    stage.allow(CHASING, told)
    run.until(ends_at(scene, case, delay))
    return world


def _report(stage: Stage, told: Told) -> NewReport:
    paid = NewPaid(
        institution=told.payee_code,
        payee=told.payee_number,
        payee_name=told.payee_name,
        amount_fen=told.amount_fen,
        at=told.paid_at,
    )
    return NewReport(source=Source.EMERGENCY, reported_at=stage.now - INTAKE, payments=(paid,), identity_checked=True)


def _stopped(world: SteppedInstitutions) -> dict[str, Account]:
    now = world.clock.now()
    return {
        each.number: Account(stopped_at=each.stops[0].starts_at, held_fen=each.balance_fen)
        for each in books_of(world)
        if each.stopped_by(now) is not None
    }
