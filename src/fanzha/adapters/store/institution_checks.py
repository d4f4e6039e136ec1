"""Contract checks as they were run: never edited, the newest counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import distinct_on

from fanzha.adapters.store.schema.checks import institution_check
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import InstitutionId, uuid7
from fanzha.kernel.units import Actor

MOST_CHECKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One trial of one check: `holds` None where it could not be tried, `said` the other side's code."""

    check: str
    holds: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """One run of the contract kit; `failure` is the code, and `reason` the fault of the line, that ended it early."""

    id: UUID
    institution_id: InstitutionId
    version: int
    at: datetime
    actor_name: str
    findings: Sequence[Checked]
    failure: str
    reason: str

    @property
    def broken(self) -> int:
        """How many checks do not hold."""
        return sum(each.holds is False for each in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCheck:
    """A run to keep."""

    institution_id: InstitutionId
    version: int
    findings: Sequence[Checked]
    failure: str = ""
    reason: str = ""


def keep_check(connection: Connection, new: NewCheck, by: Actor, now: datetime) -> UUID:
    """The id under which the run is now on record."""
    check_id = uuid7(now)
    row = {
        "id": check_id,
        "institution_id": new.institution_id,
        "version": new.version,
        "unit_path": by.scope,
        "at": utc(now),
        "actor_id": by.user_id,
        "actor_name": by.name,
        "findings": [{"check": each.check, "holds": each.holds, "said": each.said} for each in new.findings],
        "failure": new.failure or None,
        "reason": new.reason,
    }
    connection.execute(institution_check.insert().values(row))
    return check_id


def checks_of(connection: Connection, institution_id: InstitutionId) -> list[KeptCheck]:
    """The newest runs against an institution, newest first."""
    own = institution_check.c
    wanted = (
        select(institution_check).where(own.institution_id == institution_id).order_by(own.at.desc(), own.id.desc())
    )
    return [_kept(row) for row in connection.execute(wanted.limit(MOST_CHECKS))]


def last_checks(connection: Connection) -> Mapping[InstitutionId, KeptCheck]:
    """The last run against each institution that was ever checked."""
    own = institution_check.c
    wanted = select(institution_check).ext(distinct_on(own.institution_id))
    rows = connection.execute(wanted.order_by(own.institution_id, own.at.desc(), own.id.desc()))
    return {InstitutionId(row.institution_id): _kept(row) for row in rows}


def _kept(row: Row[Any]) -> KeptCheck:
    return KeptCheck(
        id=row.id,
        institution_id=InstitutionId(row.institution_id),
        version=row.version,
        at=row.at,
        actor_name=row.actor_name,
        findings=tuple(Checked(**each) for each in row.findings),
        failure=row.failure or "",
        reason=row.reason,
    )
