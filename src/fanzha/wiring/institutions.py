"""The register of institutions as people use it: seen by everybody, entered by whoever may, a version a change."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time

from fanzha.adapters.connectors.http import endpoint_of
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.institution_messages import Mark, refusals
from fanzha.adapters.store.institutions import (
    Profile,
    enter_profile,
    institution_called,
)
from fanzha.adapters.store.keys import Keys, add_institution_key, open_keys
from fanzha.adapters.store.roles import require
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.units import Actor
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.wire import from_json
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.house import House

LONGEST_PROFILE = 64 * 1024
"""Bytes of a profile file; an honest one has two thousand."""
LONGEST_REASON = 500
MOST_REFUSED = 1_000
"""Refusals that are shown, the newest of them."""


def institution(house: House, by: Actor, name: str) -> Profile:
    """One institution, by short name or code."""
    with house.act(by) as connection:
        return institution_called(connection, name)


def refused_calls(house: House, by: Actor) -> list[Mark]:
    """The newest messages of institutions, or in their name, that the centre did not take: newest first."""
    require(by, "institutions.manage")
    with house.act_as_house() as connection:
        return refusals(connection, MOST_REFUSED)


def enter_institution(house: House, by: Actor, told: Institution, reason: str) -> Profile:
    """The profile as a new version; `Illegal` for a real institution in an exercise, or a simulated one in life."""
    require(by, "institutions.manage")
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Invalid("institutions.no_reason", limit=LONGEST_REASON)
    if told.exercise != (house.instance.birth == "exercise"):
        raise Illegal("institutions.exercise" if told.exercise else "institutions.real", institution=told.name)
    if told.connector is ConnectorKind.HTTP:
        endpoint_of(told)
    with house.act(by) as connection:
        return enter_profile(connection, told, by, reason.strip(), house.now(), unit=by.scope)


def own_keys(house: House, by: Actor) -> list[tuple[datetime, SigningKey]]:
    """The keys that sign what institutions get, oldest first; the first is made where there is none."""
    keys = house.keys if house.keys.institution_keys() else _with_new_key(house, by, house.wall.now())
    return keys.institution_keys()


def renew_own_key(house: House, by: Actor, since: date) -> list[tuple[datetime, SigningKey]]:
    """The keys with a new one, which signs from a day on; institutions need its public half before that day."""
    require(by, "institutions.manage")
    return _with_new_key(house, by, datetime.combine(since, time(12), house.wall.now().tzinfo)).institution_keys()


def read_profile(text: str) -> Institution:
    """The profile that a TOML file describes; `Invalid` with the field that is wrong."""
    if len(text.encode()) > LONGEST_PROFILE:
        raise Invalid("protocol.too_large", path="", limit_bytes=LONGEST_PROFILE)
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("institutions.not_toml", reason=str(error)) from None
    return from_json(Institution, _as_json(told))


def _with_new_key(house: House, by: Actor, since: datetime) -> Keys:
    """The keys with one more, and the mark of who made it."""
    place = str(house.instance.id)
    act = Act(action="institution.key_made", object_kind="instance", object_id=place, unit_path=by.scope)
    with house.act(by) as connection:
        record(connection, act, by, house.now())
        add_institution_key(house.settings.keys, since)
    return open_keys(house.settings.keys)


def _as_json(told: object) -> object:
    """TOML as JSON has it: its times become text, a time without offset stays one and is refused later."""
    if isinstance(told, Mapping):
        return {name: _as_json(each) for name, each in told.items()}
    if isinstance(told, list):
        return [_as_json(each) for each in told]
    return told.isoformat() if isinstance(told, datetime | date | time) else told
