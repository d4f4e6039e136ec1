"""Standing authorities in the database: drafted once, moved by entries, and each order that left under one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select, text

from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.among import among, any_of
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.orders import counted
from fanzha.adapters.store.schema.incidents import authority, authority_entry, authority_use
from fanzha.adapters.store.unmoved import Unmoved, last_entry
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import OrderId, UserId, uuid7
from fanzha.kernel.money import Fen
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.authority import (
    NOTHING_USED,
    AccountSort,
    Authority,
    AuthorityEntry,
    AuthorityEntryKind,
    Limits,
    Reach,
    Use,
    Used,
    authority_after,
)
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import By, Capacity

MOST_SHOWN = 200
_LOCK_THESE = text("""
SELECT id, pg_advisory_xact_lock(hashtextextended('authority:' || mine.id, 0)) FROM (
  SELECT id FROM authority WHERE incident_id = ANY(CAST(:incidents AS uuid[])) OR id = ANY(CAST(:ids AS uuid[]))
  ORDER BY id
) AS mine
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_LOCK_SHIFTS = text("""
SELECT id, pg_advisory_xact_lock(hashtextextended('authority:' || id, 0)) FROM (
  SELECT id FROM authority WHERE incident_id IS NULL AND unit_path = ANY(CAST(:above AS text[])) AND until > :now
  ORDER BY id OFFSET 0
) AS shifts
""")


def next_authority_number(connection: Connection, now: datetime) -> str:
    """The number of the year's next authority; numbers are never used again."""
    year, number = counted(connection, "authority", now)
    return f"A{year}-{number:06d}"


def keep_drafted(connection: Connection, new: Authority, actor: Actor, now: datetime) -> None:
    """Write an authority as it was put forward for signature."""
    row = {
        "id": new.id,
        "number": new.number,
        "unit_path": new.unit_path,
        "reach": new.reach.value,
        "incident_id": new.incident_id,
        "kinds": sorted(new.kinds),
        "limits": _limits_told(new.limits),
        "since": utc(new.since),
        "until": utc(new.until),
        "drafted_at": utc(new.drafted_at),
        "drafted_by_id": new.drafted_by.user_id,
        "drafted_by": new.drafted_by.name,
        "reason": new.reason,
        "needs": list(new.needs),
    }
    connection.execute(authority.insert().values(row))
    _record(connection, new, "authority.drafted", actor, now)


def keep_authority_entry(
    connection: Connection, old: Authority, entry: AuthorityEntry, actor: Actor, now: datetime
) -> Authority:
    """The authority after one more entry, written and audited; the caller holds its lock."""
    changed = authority_after(old, [entry])
    row = {
        "id": uuid7(now),
        "authority_id": old.id,
        "unit_path": old.unit_path,
        "kind": entry.kind.value,
        "at": utc(entry.at),
        "actor_id": entry.by.user_id,
        "actor_name": entry.by.name,
        "capacity": entry.capacity,
        "limits": None if entry.limits is None else _limits_told(entry.limits),
        "reason": entry.reason,
    }
    connection.execute(authority_entry.insert().values(row))
    _record(connection, changed, f"authority.{entry.kind.value}", actor, now)
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptUse:
    """What an order that left used up of an authority, in which layer."""

    authority: Authority
    order_id: OrderId
    use: Use
    layer: int


def keep_uses(connection: Connection, uses: Sequence[KeptUse], now: datetime) -> None:
    """That orders left under authorities, in the transaction that makes them."""
    rows = [
        {
            "order_id": each.order_id,
            "authority_id": each.authority.id,
            "unit_path": each.authority.unit_path,
            "at": utc(now),
            "kind": each.use.kind.value,
            "account": each.use.account,
            "layer": each.layer,
            "traceable_fen": each.use.traceable_fen,
        }
        for each in uses
    ]
    add_all(connection, authority_use, rows)


def authority_for_change(connection: Connection, number: str, actor: Actor) -> Authority:
    """The authority, alone until the transaction ends, for somebody whose unit may change it."""
    found = authority_numbered(connection, number)
    lock_authority(connection, found.id)
    if not covers(actor.scope, found.unit_path):
        raise Forbidden("orders.only_shared", unit=found.unit_path)
    return authority_numbered(connection, number)


def lock_authority(connection: Connection, authority_id: UUID) -> None:
    """Whoever counts what an authority has used does it alone, so that two never use up the same rest."""
    connection.execute(_LOCK, {"name": f"authority:{authority_id}"})


def lock_authorities(connection: Connection, incident_ids: Collection[UUID], ids: Collection[UUID]) -> frozenset[UUID]:
    """The same for every authority of these incidents and for these others, in the order of their ids; those that are
    locked."""
    rows = connection.execute(_LOCK_THESE, {"incidents": list(incident_ids), "ids": list(ids)})
    return frozenset(row.id for row in rows)


def lock_shifts(connection: Connection, unit: UnitPath, now: datetime) -> frozenset[UUID]:
    """The same for every authority of shifts that may cover a unit now, in the order in which everybody takes them;
    those that are locked: one that is drafted a moment later is not among them."""
    rows = connection.execute(_LOCK_SHIFTS, {"above": _above(unit), "now": utc(now)})
    return frozenset(row.id for row in rows)


def authority_numbered(connection: Connection, number: str) -> Authority:
    """The authority of that number; `NotFound` when there is none in sight."""
    found = _authorities(connection, authority.c.number == number, 1)
    if not found:
        raise NotFound("authority.not_found")
    return found[0]


def authorities_of_orders(
    connection: Connection, order_ids: Sequence[OrderId], known: Mapping[UUID, Authority] = MappingProxyType({})
) -> dict[OrderId, Authority]:
    """The authority under which each of these orders left, as it was then; those that people signed one by one are left
    out.

    `known` are authorities as this transaction has read them.
    """
    uses = connection.execute(_USES, {"ids": list(order_ids)}).all()
    unknown = {row.authority_id for row in uses} - set(known)
    found = _authorities(connection, authority.c.id.in_(unknown), len(unknown)) if unknown else []
    by_id = {**known, **{each.id: each for each in found}}
    return {OrderId(row.order_id): by_id[row.authority_id].when_left(utc(row.at)) for row in uses}


_USES = text("SELECT order_id, authority_id, at FROM authority_use WHERE order_id = ANY(CAST(:ids AS uuid[]))")


def authorities(connection: Connection, limit: int = MOST_SHOWN) -> list[Authority]:
    """Authorities in sight, newest first."""
    return _authorities(connection, authority.c.id.is_not(None), limit)


def unexpired_authorities(connection: Connection, now: datetime) -> list[Authority]:
    """Authorities in sight whose time is not over, newest first."""
    return _authorities(connection, authority.c.until > utc(now), MOST_SHOWN)


def authorities_for(
    connection: Connection, incident_ids: Sequence[UUID], unit: UnitPath, now: datetime
) -> list[Authority]:
    """Those that may cover incidents of a unit and whose time is not over: their own, then the shifts'."""

    def read(moved: Sequence[Row[Any]]) -> Mapping[UUID, Authority]:
        ids = [row.id for row in moved]
        return {each.id: each for each in _authorities(connection, among(authority.c.id, ids), len(ids))}

    asked = {"ids": list(incident_ids), "above": _above(unit), "now": utc(now), "most": MOST_SHOWN}
    found = _AUTHORITIES.all(connection.execute(_FOR, asked).all(), read)
    return sorted(found, key=lambda each: (each.incident_id is None, each.number))


_NEWEST = select(authority).order_by(authority.c.drafted_at.desc(), authority.c.number.desc())
_AUTHORITIES = Unmoved[Authority]()
_FOR = text(f"""
SELECT newest.id, told.many, told.last FROM (
  SELECT id FROM authority
  WHERE (incident_id = ANY(CAST(:ids AS uuid[])) OR incident_id IS NULL)
  AND unit_path = ANY(CAST(:above AS text[])) AND until > :now
  ORDER BY drafted_at DESC, number DESC LIMIT :most
) AS newest {last_entry("authority_entry", "authority_id", "newest")}
""")


def uses_of(connection: Connection, authority_ids: Sequence[UUID]) -> Mapping[UUID, Used]:
    """What left under each of these authorities and uses up of it by now."""
    if not authority_ids:
        return {}
    found = {row.authority_id: row for row in connection.execute(_USED, {"ids": list(authority_ids)})}
    used = {each: Used(accounts=frozenset(row.accounts), stopped_fen=int(row.fen)) for each, row in found.items()}
    return dict.fromkeys(authority_ids, NOTHING_USED) | used


_USED = text("""
SELECT used.authority_id, array_agg(DISTINCT used.account) AS accounts,
  sum(CASE WHEN stands.code IS NULL THEN used.traceable_fen
    ELSE least(used.traceable_fen, coalesce(stands.held_fen, 0)) END) AS fen
FROM authority_use AS used LEFT JOIN order_standing AS stands ON stands.order_id = used.order_id
WHERE used.authority_id = ANY(CAST(:ids AS uuid[])) AND used.kind = 'stop' GROUP BY used.authority_id
""")
"""Summed where it lies: a shift's authority has a thousand uses. What was answered counts as `Use.answered` says."""


def _above(unit: UnitPath) -> list[str]:
    """The unit and all above it: an authority of a city covers its counties."""
    labels = unit.split(".")
    return [".".join(labels[:depth]) for depth in range(len(labels), 0, -1)]


def _authorities(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Authority]:
    return _after(connection, connection.execute(_NEWEST.where(which).limit(limit)))


def _after(connection: Connection, drafted: Iterable[Row[Any]]) -> list[Authority]:
    rows = list(drafted)
    history: dict[UUID, list[AuthorityEntry]] = defaultdict(list)
    for row in connection.execute(_HISTORY, {"ids": [row.id for row in rows]}):
        history[row.authority_id].append(_entry(row))
    return [authority_after(_drafted(row), history[row.id]) for row in rows]


_HISTORY = select(authority_entry).where(any_of(authority_entry.c.authority_id)).order_by(authority_entry.c.number)


def _drafted(row: Row[Any]) -> Authority:
    return Authority(
        id=row.id,
        number=row.number,
        unit_path=UnitPath(row.unit_path),
        reach=Reach(row.reach),
        incident_id=row.incident_id,
        kinds=frozenset(map(OrderKind, row.kinds)),
        limits=_limits(row.limits),
        since=utc(row.since),
        until=utc(row.until),
        drafted_at=utc(row.drafted_at),
        drafted_by=By(user_id=UserId(row.drafted_by_id), name=row.drafted_by),
        reason=row.reason,
        needs=tuple(map(Capacity, row.needs)),
    )


def _entry(row: Row[Any]) -> AuthorityEntry:
    return AuthorityEntry(
        kind=AuthorityEntryKind(row.kind),
        at=utc(row.at),
        by=By(user_id=row.actor_id, name=row.actor_name),
        capacity=None if row.capacity is None else Capacity(row.capacity),
        limits=None if row.limits is None else _limits(row.limits),
        reason=row.reason,
    )


def _limits_told(limits: Limits) -> dict[str, object]:
    return {
        "layers": limits.layers,
        "accounts": limits.accounts,
        "total_fen": limits.total_fen,
        "least_traceable_fen": limits.least_traceable_fen,
        "least_share_ppm": limits.least_share_ppm,
        "excluded": sorted(limits.excluded),
    }


def _limits(row: Mapping[str, Any]) -> Limits:
    return Limits(
        layers=row["layers"],
        accounts=row["accounts"],
        total_fen=Fen(row["total_fen"]),
        least_traceable_fen=Fen(row["least_traceable_fen"]),
        least_share_ppm=row["least_share_ppm"],
        excluded=frozenset(map(AccountSort, row["excluded"])),
    )


def _record(connection: Connection, of: Authority, action: str, actor: Actor, now: datetime) -> None:
    detail = {"authority": of.number, "state": of.state.value}
    act = Act(action=action, object_kind="authority", object_id=str(of.id), unit_path=of.unit_path, detail=detail)
    record(connection, act, actor, now)
