"""What was computed from a case's imports: kept until the imports that count are others, and never longer than they."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.ledger.sealed import KEY_BYTES
from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.imports import Import
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.evidence import case_account, reconciliation, reconciliation_import
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import invariant
from fanzha.kernel.ids import CaseId, SubjectId
from fanzha.kernel.units import UnitPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One computation: `inputs` says from which rows, `counts` what came out; its arrays lie in the ledger."""

    id: UUID
    case_id: CaseId
    unit_path: UnitPath
    inputs: str
    made_at: datetime
    sha256: str
    size: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccount:
    """An account of a reconciliation by its node; `facts` hold numbers and nodes, never identifiers."""

    node: int
    subject_id: SubjectId
    has_statement: bool
    facts: Mapping[str, object]


def inputs_digest(imports: Iterable[Import]) -> str:
    """Says in one word which rows a computation was made from."""
    told = sorted(f"{each.id} {each.sha256}" for each in imports)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def keep_reconciliation(
    connection: Connection,
    keys: Keys,
    made: Reconciliation,
    key: bytes,
    imports: Sequence[Import],
    accounts: Sequence[CaseAccount],
) -> list[UUID]:
    """Put the computation in place of the case's earlier ones; returns those, whose files are to be removed."""
    invariant(len(key) == KEY_BYTES and made.inputs == inputs_digest(imports), "cases.other_inputs")
    of_case = delete(reconciliation).where(reconciliation.c.case_id == made.case_id)
    stale = list(connection.scalars(of_case.returning(reconciliation.c.id)))
    row = {name: getattr(made, name) for name in Reconciliation.__slots__}
    row |= {"made_at": utc(made.made_at), "counts": dict(made.counts), "wrapped_key": keys.wrap(key, _context(made.id))}
    connection.execute(insert(reconciliation).values(row))
    of = {"reconciliation_id": made.id, "unit_path": made.unit_path}
    add_all(connection, reconciliation_import, [{**of, "import_id": each.id} for each in imports])
    rows = [
        {
            **of,
            "case_id": made.case_id,
            "node": each.node,
            "subject_id": each.subject_id,
            "has_statement": each.has_statement,
            "facts": dict(each.facts),
        }
        for each in accounts
    ]
    add_all(connection, case_account, rows)
    return stale


def current_reconciliation(
    connection: Connection, keys: Keys, case_id: CaseId, inputs: str
) -> tuple[Reconciliation, bytes] | None:
    """The computation from exactly these inputs, with the key of its file, when there is one."""
    wanted = select(reconciliation).where(reconciliation.c.case_id == case_id, reconciliation.c.inputs == inputs)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    made = Reconciliation(**{name: getattr(row, name) for name in Reconciliation.__slots__})
    return made, keys.unwrap(row.wrapped_key, _context(made.id))


def kept_reconciliations(connection: Connection, case_id: CaseId) -> list[UUID]:
    """Every computation of the case whose file is wanted."""
    return list(connection.scalars(select(reconciliation.c.id).where(reconciliation.c.case_id == case_id)))


def _context(reconciliation_id: UUID) -> str:
    return f"reconciliation:{reconciliation_id}"
