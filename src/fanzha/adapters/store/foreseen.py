"""Everything that messages about orders tell of others, by one statement: people, cases, institutions, papers."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from fanzha.adapters.store.cases import case_row
from fanzha.adapters.store.institutions import profile_told
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, clear_of
from fanzha.cases.case import Case, CaseEntry, EntryKind
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, InstitutionId, SubjectId
from fanzha.registers.institutions import Institution

_FORESEEN = text("""
SELECT 'subject' AS what, NULL::uuid AS id, id AS number, ARRAY[kind] AS texts, NULL::timestamptz[] AS times,
  wrapped_key, identifier
FROM subject WHERE id = ANY(CAST(:subjects AS bigint[])) AND wrapped_key IS NOT NULL
UNION ALL
SELECT 'case', id, CAST(held AS int), ARRAY[ref, title, unit_path, state, retention, opened_by],
  ARRAY[since, opened_at], NULL, NULL
FROM case_file WHERE id = ANY(CAST(:cases AS uuid[]))
UNION ALL
SELECT 'moved', case_id, number, ARRAY[CAST(id AS text), actor_name, value, reason], ARRAY[at], NULL, NULL
FROM case_entry WHERE case_id = ANY(CAST(:cases AS uuid[])) AND kind = 'moved'
UNION ALL
SELECT 'paper', instruction, NULL, NULL, NULL, NULL, NULL
FROM order_paper WHERE instruction = ANY(CAST(:instructions AS uuid[]))
UNION ALL
(
  SELECT DISTINCT ON (told.institution_id) 'institution', told.institution_id, NULL, ARRAY[CAST(told.profile AS text)],
    NULL, NULL, NULL
  FROM institution_profile AS told JOIN institution ON institution.id = told.institution_id
  WHERE institution.id = ANY(CAST(:institutions AS uuid[])) ORDER BY told.institution_id, told.version DESC
)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of whom: identifiers of the vault, cases, institutions, instructions that may have their paper already."""

    subjects: Collection[SubjectId]
    cases: Collection[CaseId]
    institutions: Collection[InstitutionId]
    instructions: Collection[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What the actor may see of them: identifiers in full, cases and how they moved, profiles that count, and the
    instructions that have their paper."""

    clear: Mapping[SubjectId, Identifier]
    cases: Mapping[CaseId, Case]
    moves: Mapping[CaseId, list[CaseEntry]]
    institutions: Mapping[InstitutionId, Institution]
    on_paper: Collection[UUID]


def foreseen(connection: Connection, keys: Keys, asked: Asked) -> Foreseen:
    """All of it, read at once."""
    found = connection.execute(
        _FORESEEN,
        {
            "subjects": list(asked.subjects),
            "cases": list(asked.cases),
            "institutions": list(asked.institutions),
            "instructions": list(asked.instructions),
        },
    )
    told: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in found:
        told[row.what].append(row)
    moves: dict[CaseId, list[CaseEntry]] = {each: [] for each in asked.cases}
    for row in sorted(told["moved"], key=lambda each: each.number):
        moves[CaseId(row.id)].append(_moved(row))
    return Foreseen(
        clear={
            SubjectId(row.number): clear_of(keys, row.number, row.texts[0], row.wrapped_key, row.identifier)
            for row in told["subject"]
        },
        cases={CaseId(row.id): _case(row) for row in told["case"]},
        moves=moves,
        institutions={InstitutionId(row.id): profile_told(row.texts[0]) for row in told["institution"]},
        on_paper={row.id for row in told["paper"]},
    )


_Columns = namedtuple(
    "_Columns", ("id", "ref", "title", "unit_path", "state", "retention", "opened_by", "held", "since", "opened_at")
)


def _case(row: Row[Any]) -> Case:
    return case_row(_Columns._make([row.id, *row.texts, bool(row.number), *row.times]))


def _moved(row: Row[Any]) -> CaseEntry:
    entry, actor_name, value, reason = row.texts
    return CaseEntry(
        id=UUID(entry), at=utc(row.times[0]), actor_name=actor_name, kind=EntryKind.MOVED, value=value, reason=reason
    )
