"""What figures of the hour are made of: incidents with their times, answers by code, stops that ended, money let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, InstitutionId
from fanzha.kernel.units import UnitPath
from fanzha.statistics.hour import Answered, IncidentTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Over what figures are told: reports taken and orders sent from `since`, included, until `until`, in one unit and
    below or in all in sight, at one institution or at all."""

    since: datetime
    until: datetime
    unit: UnitPath | None = None
    institution_id: InstitutionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A stop that lapsed, or money that was let go as unrelated: the order, when, how many fen, for how many seconds
    they had been held."""

    order: str
    institution_id: InstitutionId
    unit_path: UnitPath
    at: datetime
    fen: int
    held_s: int

    @property
    def fen_hours(self) -> int:
        """The fen times the hours for which they were held, whole ones."""
        return self.fen * self.held_s // 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrder:
    """An order that went out: its number, where, when it was sent and first answered, with which code."""

    number: str
    institution_id: InstitutionId
    unit_path: UnitPath
    kind: str
    sent_at: datetime
    answered_at: datetime | None
    code: str


_UNIT = "CAST(:unit AS text)"
_IN_UNIT = f"({_UNIT} IS NULL OR {{0}}.unit_path = {_UNIT} OR starts_with({{0}}.unit_path, {_UNIT} || '.'))"
_BANK = "CAST(:institution AS uuid)"
_AT_BANK = f"({_BANK} IS NULL OR {{0}}.institution_id = {_BANK})"

_SOME = f"""
WITH reported AS MATERIALIZED (
  SELECT incident.id, incident.number, incident.unit_path, incident.reported_at, incident.case_id,
    standing.lost_fen, standing.paid_at, coalesce(joined.case_id, incident.case_id) AS stands_in
  FROM incident JOIN incident_standing AS standing ON standing.incident_id = incident.id LEFT JOIN LATERAL (
    SELECT value::uuid AS case_id FROM incident_entry AS entry
    WHERE entry.incident_id = incident.id AND entry.kind = 'joined' ORDER BY entry.number DESC LIMIT 1
  ) AS joined ON true
  WHERE incident.taken_at >= :since AND incident.taken_at < :until AND {_IN_UNIT.format("incident")}
)
"""  # each incident's own entries by their index: joined as a whole, every incident was compared with every joined one

_INCIDENTS = text(f"""{_SOME}
SELECT reported.number, reported.unit_path, reported.reported_at, reported.paid_at, reported.lost_fen,
  reported.stands_in, stood.order_at, stood.first_at, stood.last_at
FROM reported CROSS JOIN LATERAL (
  SELECT count(*) AS orders, min(standing.sent_at) AS order_at,
    min(standing.began_at) FILTER (WHERE standing.kind IN ('stop', 'freeze')) AS first_at,
    max(standing.began_at) FILTER (WHERE standing.kind IN ('stop', 'freeze')) AS last_at
  FROM order_standing AS standing
  WHERE standing.case_id IN (reported.case_id, reported.stands_in) AND standing.sent_at >= reported.reported_at
    AND {_AT_BANK.format("standing")}
) AS stood
WHERE {_BANK} IS NULL OR stood.orders > 0
ORDER BY reported.reported_at DESC, reported.number DESC
""")  # pieces of this file only; joined to every incident's orders at once, all of them would be sorted again

_HELD = text(f"""{_SOME},
both_cases AS (SELECT case_id, stands_in FROM reported UNION SELECT stands_in, stands_in FROM reported),
accounts AS (
  SELECT both_cases.stands_in, standing.target,
    max(least(standing.held_fen, coalesce(standing.traceable_fen, standing.held_fen))) AS fen
  FROM both_cases JOIN order_standing AS standing ON standing.case_id = both_cases.case_id
  WHERE standing.kind IN ('stop', 'freeze') AND standing.held_fen > 0 AND {_AT_BANK.format("standing")}
  GROUP BY both_cases.stands_in, standing.target
)
SELECT stands_in, sum(fen)::bigint AS fen FROM accounts GROUP BY stands_in
""")  # pieces of this file only

_SENT = f"""
  FROM order_standing AS standing
  WHERE standing.sent_at >= :since AND standing.sent_at < :until
    AND {_IN_UNIT.format("standing")} AND {_AT_BANK.format("standing")}
"""
_ANSWERS = text(f"""
SELECT standing.institution_id, standing.kind, coalesce(standing.code, '') AS code, count(*) AS orders,
  array_remove(array_agg(extract(epoch FROM standing.answered_at - standing.sent_at)::int), NULL) AS seconds
{_SENT} GROUP BY 1, 2, 3
""")  # pieces of this file only

_ORDERS = text(f"""
SELECT file.number, standing.institution_id, standing.unit_path, standing.kind, standing.sent_at,
  standing.answered_at, coalesce(standing.code, '') AS code
FROM (SELECT * {_SENT}) AS standing JOIN order_file AS file ON file.id = standing.order_id
WHERE standing.kind = :kind ORDER BY standing.sent_at DESC, file.number DESC
""")  # pieces of this file only

_LAPSED = text(f"""
SELECT file.number, standing.institution_id, standing.unit_path, standing.ends_at AS at,
  coalesce(standing.held_fen, 0) AS fen, extract(epoch FROM standing.ends_at - standing.began_at)::bigint AS held_s
FROM order_standing AS standing JOIN order_file AS file ON file.id = standing.order_id
WHERE standing.kind = 'stop' AND standing.effect = 'lapsed' AND standing.ends_at >= :since AND standing.ends_at < :until
  AND {_IN_UNIT.format("standing")} AND {_AT_BANK.format("standing")}
ORDER BY standing.ends_at DESC, file.number DESC
""")  # pieces of this file only

_RELEASED = text(f"""
SELECT file.number, standing.institution_id, standing.unit_path, entry.at,
  (entry.told -> 'amounts' ->> 'more_released_fen')::bigint AS fen,
  extract(epoch FROM entry.at - standing.began_at)::bigint AS held_s
FROM order_standing AS standing JOIN order_file AS file ON file.id = standing.order_id
JOIN order_entry AS entry ON entry.order_id = standing.order_id AND entry.at >= standing.unrelated_at
  AND entry.told -> 'amounts' ? 'more_released_fen'
WHERE standing.unrelated_at IS NOT NULL AND entry.at >= :since AND entry.at < :until
  AND {_IN_UNIT.format("standing")} AND {_AT_BANK.format("standing")}
ORDER BY entry.at DESC, file.number DESC
""")  # pieces of this file only


def incident_times(connection: Connection, over: Over) -> list[IncidentTimes]:
    """Incidents in sight, the last reported first; with an institution those of which an order went there."""
    return [
        IncidentTimes(
            number=row.number,
            unit_path=UnitPath(row.unit_path),
            case_id=CaseId(row.stands_in),
            reported_at=row.reported_at,
            paid_at=row.paid_at,
            first_order_at=row.order_at,
            first_hold_at=row.first_at,
            last_hold_at=row.last_at,
            lost_fen=row.lost_fen,
        )
        for row in connection.execute(_INCIDENTS, _asked(over)).all()
    ]


def held_of_victims(connection: Connection, over: Over) -> Mapping[CaseId, int]:
    """How much of victims' money was ever held, by the case that stands for its incidents: each account once."""
    return {CaseId(row.stands_in): row.fen for row in connection.execute(_HELD, _asked(over)).all()}


def answers_by_code(connection: Connection, over: Over) -> list[Answered]:
    """Orders in sight that went out, by institution, kind and the code of their first answer."""
    return [
        Answered(
            institution_id=InstitutionId(row.institution_id),
            kind=row.kind,
            code=row.code,
            count=row.orders,
            seconds=tuple(row.seconds),
        )
        for row in connection.execute(_ANSWERS, _asked(over))
    ]


def sent_orders(connection: Connection, over: Over, kind: str) -> list[SentOrder]:
    """The orders of a kind that `answers_by_code` counts, the last sent first."""
    return [
        SentOrder(
            number=row.number,
            institution_id=InstitutionId(row.institution_id),
            unit_path=UnitPath(row.unit_path),
            kind=row.kind,
            sent_at=row.sent_at,
            answered_at=row.answered_at,
            code=row.code,
        )
        for row in connection.execute(_ORDERS, {**_asked(over), "kind": kind})
    ]


def lapsed_stops(connection: Connection, over: Over) -> list[Ended]:
    """Stops in sight that ended by themselves in this time, with what they had held."""
    return [_ended(row) for row in connection.execute(_LAPSED, _asked(over))]


def released_unrelated(connection: Connection, over: Over) -> list[Ended]:
    """Money let go in this time because a person found it unrelated, each part with how long it had been held."""
    return [_ended(row) for row in connection.execute(_RELEASED, _asked(over))]


def _asked(over: Over) -> dict[str, datetime | UUID | str | None]:
    return {
        "since": utc(over.since),
        "until": utc(over.until),
        "unit": over.unit,
        "institution": over.institution_id,
    }


def _ended(row: Row[Any]) -> Ended:
    return Ended(
        order=row.number,
        institution_id=InstitutionId(row.institution_id),
        unit_path=UnitPath(row.unit_path),
        at=row.at,
        fen=row.fen,
        held_s=max(0, row.held_s or 0),
    )
