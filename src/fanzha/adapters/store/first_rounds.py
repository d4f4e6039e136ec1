"""What rounds of many incidents read and lock at once: their cases, and that nothing came to these yet."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, text

from fanzha.adapters.store.cases import case_row
from fanzha.cases.case import Case
from fanzha.kernel.ids import CaseId

_LOCKED = text("""
SELECT case_file.* FROM case_file
WHERE id IN (SELECT case_id FROM incident WHERE incident.id = ANY(CAST(:incidents AS uuid[])))
ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")
_UNTOUCHED = text("""
SELECT begun.id FROM unnest(CAST(:cases AS uuid[])) AS begun(id)
WHERE (SELECT count(*) FROM incident WHERE incident.case_id = begun.id) = 1
AND NOT EXISTS (SELECT FROM order_standing WHERE order_standing.case_id = begun.id)
AND NOT EXISTS (SELECT FROM statement_import WHERE statement_import.case_id = begun.id)
AND NOT EXISTS (SELECT FROM institution_fact WHERE institution_fact.case_id = begun.id)
AND NOT EXISTS (
  SELECT FROM case_file AS home JOIN case_entry AS told ON told.value = home.ref AND told.kind = 'joined'
  WHERE home.id = begun.id
)
""")


def locked_cases_of(connection: Connection, incident_ids: Collection[UUID]) -> dict[CaseId, Case]:
    """The cases in which these incidents were taken, alone until the transaction ends, locked in the order of ids.

    Without those that somebody else has now: no first stop of another report waits for them.
    """
    rows = connection.execute(_LOCKED, {"incidents": list(incident_ids)})
    return {CaseId(row.id): case_row(row) for row in rows}


def untouched(connection: Connection, cases: Collection[CaseId]) -> set[CaseId]:
    """Those of the cases with one incident, no order, no import, none joined, and of which no institution told."""
    return {CaseId(each) for each in connection.scalars(_UNTOUCHED, {"cases": list(cases)})}
