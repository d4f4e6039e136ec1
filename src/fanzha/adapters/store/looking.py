"""Who looks when cases move: of each chase that they are part of, one incident."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import UnitPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """The incident whose chase looks, as its row of work names it."""

    id: UUID
    number: str
    unit_path: UnitPath


def looking_at(connection: Connection, cases: Collection[CaseId]) -> list[Looking]:
    """Of each case that stands for one of these, the incident in sight that looks for all that are chased with it.

    One that is closed looks only where all are; else the newest of the case itself, then of those joined to it.
    """
    return [Looking(**row._mapping) for row in connection.execute(_LOOKING, {"cases": list(cases)})]


_LOOKING = text("""
WITH home AS (
  SELECT DISTINCT coalesce(
    (
      SELECT taker.id FROM case_entry AS told JOIN case_file AS taker ON taker.ref = told.value
      WHERE told.case_id = moved.id AND told.kind = 'joined' ORDER BY told.number DESC LIMIT 1
    ),
    moved.id
  ) AS id FROM unnest(CAST(:cases AS uuid[])) AS moved(id)
),
chased AS (
  SELECT id AS home, id AS case_id, 0 AS place FROM home
  UNION ALL
  SELECT home.id, told.case_id, told.number FROM home JOIN case_file ON case_file.id = home.id
  JOIN case_entry AS told ON told.value = case_file.ref AND told.kind = 'joined'
  WHERE NOT EXISTS (
    SELECT FROM case_entry AS later
    WHERE later.case_id = told.case_id AND later.kind = 'joined' AND later.number > told.number
  )
)
SELECT DISTINCT ON (chased.home) incident.id, incident.number, incident.unit_path
FROM chased JOIN incident ON incident.case_id = chased.case_id
JOIN incident_standing AS stands ON stands.incident_id = incident.id
ORDER BY chased.home, stands.state = 'closed', chased.place, incident.taken_at DESC, incident.number DESC
""")
