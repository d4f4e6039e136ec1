"""The contract kit run against one institution, by a person at once or as a row of work, kept with every finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from fanzha.adapters.connectors.http import HttpConnector
from fanzha.adapters.connectors.kit import Finding, Trial, run_kit
from fanzha.adapters.connectors.kit_requests import Subject
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.institution_checks import Checked, NewCheck, keep_check
from fanzha.adapters.store.institutions import Profile, every_institution, institution_called, the_institution
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.wishes import waiting_keys
from fanzha.adapters.store.work import NewWork, Work, enqueue
from fanzha.kernel.errors import FanzhaError, Illegal, Unavailable
from fanzha.kernel.ids import InstitutionId
from fanzha.kernel.units import Actor
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.connectors import connector_to
from fanzha.wiring.house import House
from fanzha.wiring.uploads import whoever_wished

CHECK_WORK = "institution_check"
LONGEST_SILENCE = timedelta(minutes=10)
"""One trial asks an institution again and again for half a minute, and waits each time as long as a line may take."""

Tell = Callable[[Mapping[str, object]], None]


def try_institution(
    house: House, by: Actor, told: Institution, subject: Subject, address: str | None = None
) -> Iterator[Finding]:
    """Every finding of the kit against an institution, at its own address or another; `Illegal` where it has none.

    A run against a registered profile at its own address is kept, one that ends early too.
    """
    require(by, "institutions.manage")
    trial = _trial(house, told if address is None else replace(told, endpoint=address), subject)
    found: list[Finding] = []
    try:
        for finding in run_kit(trial):
            found.append(finding)
            yield finding
    except FanzhaError as failure:
        _keep(house, by, told, found, address, failure)
        raise
    _keep(house, by, told, found, address, None)


def wish_check(house: House, by: Actor, name: str) -> None:
    """A row of work that will check an institution; while one is under way another is not needed."""
    require(by, "institutions.manage")
    with house.act(by) as connection:
        profile = institution_called(connection, name)
        _trial(house, profile.institution, Subject())
        if waiting_keys(connection, CHECK_WORK, [f"{profile.id}:"]):
            return
        new = NewWork(
            kind=CHECK_WORK,
            key=f"{profile.id}:{uuid4()}",
            unit_path=by.scope,
            due_at=house.now(),
            payload={"institution": str(profile.id), "user": str(by.user_id), "scope": by.scope},
        )
        enqueue(connection, new, house.now())


def is_checked_now(house: House, by: Actor, institution_id: InstitutionId) -> bool:
    """Whether a check that this person's unit sees is waiting or under way."""
    with house.act(by) as connection:
        return bool(waiting_keys(connection, CHECK_WORK, [f"{institution_id}:"]))


def do_check(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
    """Run the kit as the person who wished for it; that the institution cannot be reached is a result, no failure."""
    with house.act_as_house() as connection:
        by = whoever_wished(connection, house, work)
    with house.act(by) as connection:
        profile = the_institution(connection, InstitutionId(UUID(str(work.payload["institution"]))))
    done, broken = 0, 0
    try:
        for each in try_institution(house, by, profile.institution, Subject()):
            done, broken = done + 1, broken + (each.holds is False)
            tell({"done": done, "broken": broken})
    except Unavailable as failure:
        return {"done": done, "broken": broken, "failure": failure.code}
    return {"done": done, "broken": broken}


def told_of_check(house: House, work: Work, error: FanzhaError) -> Mapping[str, object]:
    """What the row may know of a failure."""
    return {"code": error.code, **{name: str(value) for name, value in error.fields.items()}}


def is_silent(house: House, progress: Mapping[str, object], told_at: datetime) -> bool:
    """Whether a check has said nothing for longer than one trial can take."""
    return house.wall.now() - told_at > LONGEST_SILENCE


def end_check(house: House, work: Work, progress: Mapping[str, object]) -> FanzhaError:
    """Why a check that says nothing any more is given up."""
    return Unavailable("institutions.check_silent", minutes=LONGEST_SILENCE // timedelta(minutes=1))


def forget_check(house: House, work: Work) -> None:
    """A check leaves nothing behind but its record."""


def _trial(house: House, told: Institution, subject: Subject) -> Trial:
    """`Illegal` where nothing can be tried: only what is asked over a line can show that it keeps the protocol."""
    if told.connector is not ConnectorKind.HTTP:
        raise Illegal("institutions.not_checkable", institution=told.name, connector=told.connector.value)
    connector = connector_to(house, told)
    if not isinstance(connector, HttpConnector):
        raise Illegal("institutions.not_checkable", institution=told.name, connector=told.connector.value)
    quiet = replace(connector, log=structlog.wrap_logger(structlog.ReturnLogger()))
    return Trial(connector=quiet, subject=subject, now=house.now)


def _keep(
    house: House,
    by: Actor,
    told: Institution,
    found: list[Finding],
    address: str | None,
    failure: FanzhaError | None,
) -> None:
    broken = sum(each.holds is False for each in found)
    act = Act(
        action="institution.checked",
        object_kind="institution",
        object_id=told.name,
        unit_path=by.scope,
        detail={"broken": broken},
    )
    with house.act(by) as connection:
        record(connection, act, by, house.now())
        profile = next((each for each in every_institution(connection) if each.institution == told), None)
        if profile is not None and address is None:
            keep_check(connection, _check(profile, found, failure), by, house.now())


def _check(profile: Profile, found: list[Finding], failure: FanzhaError | None) -> NewCheck:
    return NewCheck(
        institution_id=profile.id,
        version=profile.version,
        findings=[Checked(check=each.check, holds=each.holds, said=each.said) for each in found],
        failure="" if failure is None else failure.code,
        reason="" if failure is None else str(failure.fields.get("reason", "")),
    )
