"""A simulated city is founded once in its folder: accounts, first incidents, keys; a later start finds it as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fanzha.kernel.errors import Conflict
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.folder import Plan, has_plan, read_plan
from fanzha.simulation.institutions.journal import Journal
from fanzha.simulation.institutions.kept import JOURNAL, KeptInstitution
from fanzha.simulation.institutions.roster import holders
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.laundering import Incident, incident
from fanzha.simulation.parameters import Parameters

FIRST_AFTER, APART = timedelta(minutes=2), timedelta(minutes=10)
"""When the first victim pays after the founding, and each next one after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What is founded: so many accounts at each institution, so many incidents, by one seed."""

    accounts: int
    incidents: int
    parameters: Parameters
    seed: int


def incidents_of(city: City, setups: Iterable[Setup], at: datetime) -> list[Incident]:
    """The incidents of a city, whose money runs through its banks."""
    banks = [each for each in setups if each.kind is InstitutionKind.BANK]
    numbers = range(city.incidents if banks else 0)
    return [incident(each, at + FIRST_AFTER + each * APART, banks, city.parameters, city.seed) for each in numbers]


def is_founded(folder: Path) -> bool:
    """Whether the institution of this folder has begun."""
    return (folder / JOURNAL).exists()


def require_free(folder: Path) -> None:
    """`Conflict` while a process runs the institution of this folder."""
    if is_founded(folder):
        Journal(folder / JOURNAL).close()


def require_same(folder: Path, plan: Plan) -> None:
    """`Conflict` when the folder is another institution's, or another seed's: its past would not be its own."""
    if has_plan(folder):
        before = read_plan(folder)
        if (before.setup, before.seed) != (plan.setup, plan.seed):
            raise Conflict("simulation.other_city", name=plan.setup.id, seed=before.seed)


def found(folder: Path, setup: Setup, city: City, cases: Sequence[Incident], at: datetime) -> list[Opening]:
    """Open the accounts and plan the payments of one institution; the accounts, those of incidents last."""
    known = list(holders(setup, city.accounts, city.parameters, city.seed, at))
    known += [each for case in cases for each in case.openings.get(setup.code, ())]
    payments: list[Payment] = [each for case in cases for each in case.payments.get(setup.code, ())]
    kept = KeptInstitution(folder, setup, city.parameters, city.seed)
    try:
        kept.apply(Arrival(at=at, opened=tuple(known), planned=tuple(payments)))
    finally:
        kept.close()
    return known
