"""Whose name stands on a message to an institution: an officer's document and telephone, an organ's code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.schema.orders import officer_card, organ_card
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath

LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerCard:
    """An officer as institutions know them: kind and number of the document they show, and their telephone."""

    user_id: UserId
    unit_path: UnitPath
    document_type: str
    document_number: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganCard:
    """A unit as institutions know it: the organ's twelve characters and its name."""

    unit_path: UnitPath
    code: str
    name: str


def keep_officer(connection: Connection, card: OfficerCard, actor: Actor, now: datetime) -> None:
    """From now on this is the officer's card; the old ones stay on record."""
    require(actor, "people.manage")
    _require_short(card.document_type, card.document_number, card.phone)
    row = {name: getattr(card, name) for name in OfficerCard.__slots__}
    connection.execute(officer_card.insert().values(id=uuid7(now), at=utc(now), by=actor.name, **row))
    act = Act(action="officer.card_given", object_kind="person", object_id=str(card.user_id), unit_path=card.unit_path)
    record(connection, act, actor, now)


def keep_organ(connection: Connection, card: OrganCard, actor: Actor, now: datetime) -> None:
    """From now on institutions know the unit by this."""
    require(actor, "units.manage")
    _require_short(card.code, card.name)
    row = {name: getattr(card, name) for name in OrganCard.__slots__}
    connection.execute(organ_card.insert().values(id=uuid7(now), at=utc(now), by=actor.name, **row))
    act = Act(action="unit.organ_named", object_kind="unit", object_id=card.unit_path, unit_path=card.unit_path)
    record(connection, act, actor, now)


def officer_of(connection: Connection, user_id: UserId) -> OfficerCard:
    """The officer's card; `NotFound` where nobody gave one: institutions refuse a message without."""
    wanted = select(officer_card).where(officer_card.c.user_id == user_id).order_by(officer_card.c.at.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("orders.no_officer_card")
    return _card(row)


def has_card(connection: Connection, user_id: UserId) -> bool:
    """Whether the officer has a card."""
    return connection.scalar(select(officer_card.c.id).where(officer_card.c.user_id == user_id).limit(1)) is not None


def cards_of(connection: Connection, user_ids: Collection[UserId]) -> dict[UserId, OfficerCard]:
    """The newest card of each of these officers who has one."""
    wanted = select(officer_card).where(officer_card.c.user_id.in_(user_ids)).order_by(officer_card.c.at)
    return {row.user_id: _card(row) for row in connection.execute(wanted)}


def _card(row: Row[Any]) -> OfficerCard:
    return OfficerCard(**{name: getattr(row, name) for name in OfficerCard.__slots__})


def organ_of(connection: Connection, path: UnitPath) -> OrganCard:
    """The organ in whose name a unit acts: its own card, or that of the nearest unit above."""
    above = ["."] + [path.rsplit(".", depth)[0] for depth in range(path.count(".") + 1)]
    wanted = select(organ_card).where(organ_card.c.unit_path.in_(above)).order_by(organ_card.c.at)
    latest = {row.unit_path: row for row in connection.execute(wanted)}
    if not latest:
        raise NotFound("orders.no_organ_card", unit=path)
    row = latest[max(latest, key=len)]
    return OrganCard(unit_path=row.unit_path, code=row.code, name=row.name)


def _require_short(*texts: str) -> None:
    if not all(1 <= len(each.strip()) <= LONGEST for each in texts):
        raise Invalid("orders.bad_card", limit=LONGEST)
