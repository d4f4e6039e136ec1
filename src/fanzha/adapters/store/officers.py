"""Whose name stands on a message to an institution: an officer's document and telephone, an organ's code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select, text

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.schema.orders import officer_card, organ_card
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath

T = TypeVar("T")
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


def has_card(connection: Connection, user_id: UserId) -> bool:
    """Whether the officer has a card."""
    return connection.scalar(select(officer_card.c.id).where(officer_card.c.user_id == user_id).limit(1)) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAs:
    """As whom institutions know a unit and some officers: every card with when it was given, oldest first, and the
    officers' names."""

    unit_path: UnitPath
    organs: Sequence[tuple[datetime, OrganCard]]
    officers: Sequence[tuple[datetime, OfficerCard]]
    names: Mapping[UserId, str]

    def organ(self, until: datetime | None = None) -> OrganCard:
        """The organ in whose name the unit acts, by `until` if told: its card, or that of the nearest unit above."""
        latest = {each.unit_path: each for each in _by(self.organs, until) or [one for _, one in reversed(self.organs)]}
        if not latest:
            raise NotFound("orders.no_organ_card", unit=self.unit_path)
        return latest[max(latest, key=len)]

    def cards(self, until: datetime | None = None) -> dict[UserId, OfficerCard]:
        """The newest card of each of the officers who has one; with `until`, as it was then."""
        first_ones = [each for _, each in reversed(self.officers)]
        return {each.user_id: each for each in [*first_ones, *_by(self.officers, until)]}


def known_as(connection: Connection, path: UnitPath, user_ids: Collection[UserId]) -> KnownAs:
    """Everything by which institutions know a unit and these officers, read at once."""
    above = [path.rsplit(".", depth)[0] for depth in range(path.count(".") + 1)]
    rows = connection.execute(_KNOWN_AS, {"above": above, "ids": list(user_ids)}).all()
    return KnownAs(
        unit_path=path,
        organs=[
            (utc(row.at), OrganCard(unit_path=row.unit_path, code=row.code, name=row.name))
            for row in rows
            if row.what == "organ"
        ],
        officers=[(utc(row.at), _card(row)) for row in rows if row.what == "officer"],
        names={UserId(row.user_id): row.name for row in rows if row.what == "name"},
    )


_KNOWN_AS = text("""
SELECT 'organ' AS what, at, unit_path, code, name, NULL::uuid AS user_id,
  NULL AS document_type, NULL AS document_number, NULL AS phone FROM organ_card WHERE unit_path = ANY(:above)
UNION ALL
SELECT 'officer', at, unit_path, NULL, NULL, user_id, document_type, document_number, phone
FROM officer_card WHERE user_id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT 'name', NULL, NULL, NULL, name, id, NULL, NULL, NULL FROM user_account WHERE id = ANY(CAST(:ids AS uuid[]))
ORDER BY at
""")


def organ_of(connection: Connection, path: UnitPath, until: datetime | None = None) -> OrganCard:
    """The organ in whose name a unit acts, by `until` if told: its card, or that of the nearest unit above."""
    return known_as(connection, path, []).organ(until)


def _by(given: Sequence[tuple[datetime, T]], until: datetime | None) -> list[T]:
    """Those that were there by `until`; none where a clock was set back since, when the first ones must do."""
    return [each for at, each in given if until is None or at <= utc(until)]


def _card(row: Row[Any]) -> OfficerCard:
    return OfficerCard(**{name: getattr(row, name) for name in OfficerCard.__slots__})


def _require_short(*texts: str) -> None:
    if not all(1 <= len(each.strip()) <= LONGEST for each in texts):
        raise Invalid("orders.bad_card", limit=LONGEST)
