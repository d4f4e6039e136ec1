"""What stands in the headline of a case, added up by the database: no file is opened for it, however long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, func, select

from fanzha.adapters.store.schema.evidence import import_file, import_source, statement_import
from fanzha.apps.web.views.imports import RowAccount
from fanzha.cases.case import Case
from fanzha.rulebook import load_formats

_TOLD = ("accepted", "rejected", "preamble", "header", "blank", "total")
_REPEATED = ("rows_duplicate_entry", "rows_duplicate_telling")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSums:
    """The row account of the imports that count, how many files came in, and how many rows tell of people."""

    rows: RowAccount
    files: int
    people: int


def case_sums(connection: Connection, case: Case, counts: Mapping[str, int]) -> CaseSums:
    """The sums of a case; which of its rows repeat others only its ledger's `counts` know."""
    counted = (statement_import.c.state == "done", ~statement_import.c.excluded, statement_import.c.erased_at.is_(None))
    sums = [func.coalesce(func.sum(import_source.c[name]), 0).label(name) for name in _TOLD]
    of_people = func.sum(import_source.c.accepted).filter(import_source.c.format_id.in_(_telling_of_people()))
    told = connection.execute(
        select(*sums, func.coalesce(of_people, 0).label("people"))
        .join(statement_import, statement_import.c.id == import_source.c.import_id)
        .where(import_source.c.case_id == case.id, *counted)
    ).one()
    files = connection.scalar(
        select(func.count())
        .select_from(import_file)
        .join(statement_import, statement_import.c.id == import_file.c.import_id)
        .where(import_file.c.case_id == case.id, statement_import.c.state == "done")
    )
    repeated = sum(counts.get(name, 0) for name in _REPEATED)
    rows = RowAccount(
        accepted=told.accepted - repeated,
        duplicates=repeated,
        **{name: getattr(told, name) for name in _TOLD if name != "accepted"},
    )
    return CaseSums(rows=rows, files=files or 0, people=told.people)


@cache
def _telling_of_people() -> tuple[str, ...]:
    """The formats whose rows name an account's holder or a person."""
    kinds = ("accounts", "sub_accounts", "persons")
    return tuple(name for name, table in load_formats().items() if table.get("kind") in kinds)
