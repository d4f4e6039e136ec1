"""Clocks of orders and of objections to them, as a board shows them: rows that wait to ring, and those that rang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, func, literal, select, text

from fanzha.adapters.store.schema.orders import order_entry
from fanzha.adapters.store.schema.work import work
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import OrderId
from fanzha.orders.clocks import ClockKind, Weight
from fanzha.orders.entries import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One clock of an order: what it calls for, how hard, when it was set and when it rings."""

    order_id: OrderId
    clock: str
    weight: str
    set_at: datetime
    rings_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """A clock that rang: what it called for, how hard; an end is what it did."""

    order_id: OrderId
    at: datetime
    clock: str
    weight: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Clocks of these kinds of work that wait to ring: of these names, after one instant, until another, as told."""

    kinds: Sequence[str]
    clocks: Sequence[str] = ()
    after: datetime | None = None
    until: datetime | None = None


def running_clocks(
    connection: Connection, wanted: Running, offset: int = 0, limit: int = 50
) -> tuple[int, list[ClockRow]]:
    """How many such clocks are in sight, and a page of them: what rings next comes first.

    Nobody is called to file what is filed, so that clock is none of them.
    """
    total = connection.scalar(select(func.count()).select_from(_waiting(wanted).subquery())) or 0
    return total, next_clocks(connection, wanted, offset, limit)


def next_clocks(connection: Connection, wanted: Running, offset: int = 0, limit: int = 50) -> list[ClockRow]:
    """A page of them, uncounted."""
    page = _waiting(wanted).order_by(work.c.due_at, work.c.id).offset(offset).limit(limit)
    return [_clock(row) for row in connection.execute(page)]


def count_clocks(connection: Connection, wanted: Running, *until: datetime) -> tuple[int, ...]:
    """How many such clocks ring until each instant, and how many there are in all: by one look at them."""
    every = _waiting(wanted).subquery()
    counts = [func.count().filter(every.c.due_at <= utc(each)) for each in until]
    return tuple(connection.execute(select(*counts, func.count()).select_from(every)).one())


def _waiting(wanted: Running) -> Select[Any]:
    waiting = select(work).where(work.c.kind.in_(list(wanted.kinds)), work.c.state == "waiting", ~_NEEDLESS)
    if wanted.clocks:
        waiting = waiting.where(_NAME.in_(list(wanted.clocks)))
    if wanted.after is not None:
        waiting = waiting.where(work.c.due_at > utc(wanted.after))
    if wanted.until is not None:
        waiting = waiting.where(work.c.due_at <= utc(wanted.until))
    return waiting


def rang_since(connection: Connection, since: datetime, limit: int) -> list[Rang]:
    """Clocks in sight that rang from an instant on, the last one first."""
    ringing: Select[Any] = select(order_entry).where(
        order_entry.c.kind.in_((EntryKind.RANG.value, EntryKind.LAPSED.value)), order_entry.c.at >= utc(since)
    )
    rows = connection.execute(ringing.order_by(order_entry.c.number.desc()).limit(limit))
    return [_rang(row) for row in rows]


_NAME = func.coalesce(work.c.payload["clock"].astext, literal("objection_") + work.c.payload["mark"].astext)
"""What a clock calls for: an order's own, or an objection's to the order, whose mark says which of its two it is."""


_FILED = text("""EXISTS (
  SELECT FROM order_file JOIN case_file AS own ON own.id = order_file.case_id
  LEFT JOIN LATERAL (
    SELECT value AS ref FROM case_entry WHERE case_id = own.id AND kind = 'joined' ORDER BY number DESC LIMIT 1
  ) AS joined ON true
  LEFT JOIN case_file AS home ON home.ref = joined.ref
  WHERE order_file.id = CAST(work.payload ->> 'order' AS uuid) AND 'filed' IN (own.state, home.state)
)""")
_NEEDLESS = and_(_NAME.in_((ClockKind.FILE_CASE.value,)), _FILED)
"""The call to file a case that is filed, or that was joined to one that is."""


def _rang(row: Any) -> Rang:
    weight, _, clock = str(row.told.get("code", "")).partition(".")
    if row.kind == EntryKind.LAPSED.value:
        weight, clock = Weight.END.value, ClockKind.LAPSE.value
    return Rang(order_id=OrderId(row.order_id), at=row.at, clock=clock, weight=weight)


def _clock(row: Any) -> ClockRow:
    return ClockRow(
        order_id=OrderId(UUID(str(row.payload["order"]))),
        clock=str(row.payload.get("clock") or f"objection_{row.payload['mark']}"),
        weight=str(row.payload.get("weight") or Weight.ALARM.value),
        set_at=row.created_at,
        rings_at=row.due_at,
    )
