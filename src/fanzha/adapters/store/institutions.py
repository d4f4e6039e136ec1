"""The register of institutions: every version of every profile stays, the newest counts (law 6)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, bindparam, cast, select, text
from sqlalchemy.dialects.postgresql import distinct_on, insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.schema.institutions import institution, institution_key, institution_profile
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, NotFound
from fanzha.kernel.ids import InstitutionId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.protocol.wire import as_json, fingerprint, from_json
from fanzha.registers.institutions import Institution


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One version of an institution's profile: who entered it, when and why; `id` is the institution's for ever."""

    id: InstitutionId
    institution: Institution
    unit_path: UnitPath
    version: int
    at: datetime
    actor_name: str
    reason: str


_VERSION: Select[Any] = select(
    *(each for each in institution_profile.c if each.name != "profile"),
    cast(institution_profile.c.profile, Text).label("profile"),
)
_NEWEST = _VERSION.ext(distinct_on(institution_profile.c.institution_id)).order_by(
    institution_profile.c.institution_id, institution_profile.c.version.desc()
)
_JOINED = _NEWEST.join(institution, institution.c.id == institution_profile.c.institution_id)
_OF_ID = _JOINED.where(institution.c.id == bindparam("wanted"))
VERSION = """told.institution_id, told.version, told.unit_path, CAST(told.profile AS text) AS profile, told.reason,
  told.at, told.actor_name"""
"""What `profile_of` reads of a version of a profile, where a statement calls it `told`."""
_OF_IDS = text(f"""
SELECT {VERSION} FROM unnest(CAST(:wanted AS uuid[])) AS one(id) CROSS JOIN LATERAL (
  SELECT * FROM institution_profile WHERE institution_id = one.id ORDER BY version DESC LIMIT 1
) AS told
""")
_EVERY = text("""
SELECT DISTINCT ON (institution_id) institution_id, version, unit_path, CAST(profile AS text) AS profile, reason, at,
  actor_name
FROM institution_profile ORDER BY institution_id, version DESC
""")
_CALLED = _JOINED.where((institution.c.name == bindparam("wanted")) | (institution.c.code == bindparam("wanted")))
MOST_READ = 2_000
"""Versions of profiles that a process keeps as it read them: each stays as it was entered (law 6)."""


def enter_profile(
    connection: Connection, told: Institution, actor: Actor, reason: str, now: datetime, *, unit: UnitPath
) -> Profile:
    """The profile as a new version; `Conflict` when nothing changed, or when its code or a key id is another's."""
    before = _newest(connection, _JOINED.where(institution.c.name == told.name))
    if before is None:
        new = Profile(
            id=_add(connection, told, now, unit),
            institution=told,
            unit_path=unit,
            version=1,
            at=now,
            actor_name=actor.name,
            reason=reason,
        )
    elif before.institution == told:
        raise Conflict("institutions.unchanged", institution=told.name, version=before.version)
    elif before.institution.code != told.code:
        raise Conflict("institutions.code_changed", institution=told.name)
    else:
        new = replace(
            before,
            institution=told,
            unit_path=unit,
            version=before.version + 1,
            at=now,
            actor_name=actor.name,
            reason=reason,
        )
    _claim_keys(connection, new, unit)
    _insert(connection, new, actor, unit)
    detail = {"version": new.version, "sha256": fingerprint(told)}
    act = Act(
        action="institution.entered", object_kind="institution", object_id=str(new.id), unit_path=unit, detail=detail
    )
    record(connection, act, actor, now)
    return new


def institution_called(connection: Connection, name: str) -> Profile:
    """The newest profile of an institution, by its short name or its code; `NotFound` when there is none."""
    found = _newest(connection, _CALLED, name)
    if found is None:
        raise NotFound("institutions.none", institution=name)
    return found


def the_institution(connection: Connection, institution_id: InstitutionId) -> Profile:
    """The newest profile of an institution, by its id; `NotFound` when there is none."""
    found = _newest(connection, _OF_ID, institution_id)
    if found is None:
        raise NotFound("institutions.none", institution=institution_id)
    return found


def the_institutions(connection: Connection, ids: Collection[InstitutionId]) -> dict[InstitutionId, Profile]:
    """The newest profile of each of these institutions, by their ids."""
    return {row.institution_id: profile_of(row) for row in connection.execute(_OF_IDS, {"wanted": list(ids)})}


def every_institution(connection: Connection) -> list[Profile]:
    """The newest profile of each institution, by short name."""
    found = [profile_of(row) for row in connection.execute(_EVERY)]
    return sorted(found, key=lambda each: each.institution.name)


def versions_of(connection: Connection, institution_id: InstitutionId) -> list[Profile]:
    """Every version of a profile, newest first."""
    wanted = _VERSION.where(institution_profile.c.institution_id == institution_id)
    return [profile_of(row) for row in connection.execute(wanted.order_by(institution_profile.c.version.desc()))]


def institution_of_key(connection: Connection, key_id: str) -> Profile | None:
    """Whose key this is, or was; the newest profile says whether it still holds."""
    return caller_of(connection, key_id, "")[0]


def caller_of(connection: Connection, key_id: str, nonce: str) -> tuple[Profile | None, bool]:
    """The same, and whether this nonce of the key is known already: told to the house itself."""
    row = connection.execute(_CALLER, {"key": key_id, "nonce": nonce}).one_or_none()
    return (None, False) if row is None else (profile_of(row), bool(row.was_seen))


_CALLER = text(f"""
SELECT {VERSION}, EXISTS (SELECT FROM institution_nonce WHERE key_id = :key AND nonce = :nonce) AS was_seen
FROM institution_key AS own JOIN institution_profile AS told ON told.institution_id = own.institution_id
WHERE own.key_id = :key ORDER BY told.version DESC LIMIT 1
""")


def _newest(connection: Connection, which: Select[Any], wanted: object = None) -> Profile | None:
    row = connection.execute(which, {"wanted": wanted}).one_or_none()
    return None if row is None else profile_of(row)


def _add(connection: Connection, told: Institution, now: datetime, unit: UnitPath) -> InstitutionId:
    row = {"id": uuid7(now), "name": told.name, "code": told.code, "unit_path": unit, "added_at": utc(now)}
    added = insert(institution).values(row).on_conflict_do_nothing().returning(institution.c.id)
    found: InstitutionId | None = connection.scalar(added)
    if found is None:
        raise Conflict("institutions.code_taken", code=told.code)
    return found


def _claim_keys(connection: Connection, new: Profile, unit: UnitPath) -> None:
    """A key id belongs to whoever registered it first, for ever: an old message keeps its sender."""
    for key in new.institution.keys:
        row = {"key_id": key.key_id, "institution_id": new.id, "unit_path": unit}
        connection.execute(insert(institution_key).values(row).on_conflict_do_nothing())
        owner = select(institution_key.c.institution_id).where(institution_key.c.key_id == key.key_id)
        if connection.scalar(owner) != new.id:
            raise Conflict("institutions.key_taken", key=key.key_id)


def _insert(connection: Connection, new: Profile, actor: Actor, unit: UnitPath) -> None:
    values = {
        "institution_id": new.id,
        "version": new.version,
        "unit_path": unit,
        "profile": as_json(new.institution),
        "sha256": fingerprint(new.institution),
        "reason": new.reason,
        "at": utc(new.at),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
    }
    added = insert(institution_profile).values(values).on_conflict_do_nothing()
    if connection.scalar(added.returning(institution_profile.c.version)) is None:
        raise Conflict("institutions.entered_meanwhile", institution=new.institution.name)


def profile_of(row: Row[Any]) -> Profile:
    """The version of a profile that a row holds."""
    return Profile(
        id=row.institution_id,
        institution=profile_told(row.profile),
        unit_path=row.unit_path,
        version=row.version,
        at=row.at,
        actor_name=row.actor_name,
        reason=row.reason,
    )


@lru_cache(maxsize=MOST_READ)
def profile_told(profile: str) -> Institution:
    """The institution that the text of a profile describes."""
    return from_json(Institution, json.loads(profile))
