"""Cases with their sums, a page at a time, and what in them waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, func, literal, select, union_all

from fanzha.adapters.store.cases import case_row
from fanzha.adapters.store.imports import INTERRUPTED
from fanzha.adapters.store.schema.evidence import (
    case_account,
    case_entry,
    case_file,
    import_file,
    import_source,
    reconciliation,
    statement_import,
)
from fanzha.cases.case import Case
from fanzha.kernel.clock import utc
from fanzha.tracing.movements.movements import BalanceProof


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case with the sums a list shows; `changed_at` is the last entry or import."""

    case: Case
    files: int
    movements: int
    accounts: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Which cases: a state, opened within a time; by which column (of `SORTS`), which page."""

    state: str = ""
    after: datetime | None = None
    until: datetime | None = None
    sort: str = "changed_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """So many of one kind of thing in a case that wait for a person."""

    kind: str
    ref: str
    title: str
    count: int


def _of_case(column: ColumnElement[Any], owner: ColumnElement[Any]) -> ColumnElement[Any]:
    return select(column).where(owner == case_file.c.id).correlate(case_file).scalar_subquery()


def _counted(name: str) -> ColumnElement[Any]:
    told = cast(reconciliation.c.counts[name].astext, Integer)
    return func.coalesce(_of_case(func.max(told), reconciliation.c.case_id), 0).label(name)


_FILES = func.coalesce(_of_case(func.count(), import_file.c.case_id), 0).label("files")
_ENTERED = _of_case(func.max(case_entry.c.at), case_entry.c.case_id)
_IMPORTED = _of_case(
    func.max(func.coalesce(statement_import.c.finished_at, statement_import.c.at)), statement_import.c.case_id
)
_CHANGED = func.greatest(case_file.c.opened_at, _ENTERED, _IMPORTED).label("changed_at")

SORTS: dict[str, ColumnElement[Any]] = {
    "ref": case_file.c.ref,
    "title": case_file.c.title,
    "state": case_file.c.state,
    "opened_at": case_file.c.opened_at,
    "changed_at": _CHANGED,
    "files": _FILES,
    "movements": _counted("movements"),
    "accounts": _counted("accounts"),
}


def case_lines(connection: Connection, lines: Lines) -> tuple[int, list[CaseLine]]:
    """How many cases in sight fit, and a page of them."""
    fitting = _fitting(lines)
    total = connection.execute(select(func.count()).select_from(fitting.subquery())).scalar_one()
    order = SORTS[lines.sort]
    page = fitting.add_columns(_FILES, _counted("movements"), _counted("accounts"), _CHANGED)
    page = page.order_by(order.desc() if lines.descending else order, case_file.c.id.desc())
    return total, [_line(row) for row in connection.execute(page.offset(lines.offset).limit(lines.limit))]


def _fitting(lines: Lines) -> Select[Any]:
    fitting = select(case_file)
    if lines.state:
        fitting = fitting.where(case_file.c.state == lines.state)
    if lines.after is not None:
        fitting = fitting.where(case_file.c.opened_at >= utc(lines.after))
    if lines.until is not None:
        fitting = fitting.where(case_file.c.opened_at < utc(lines.until))
    return fitting


def _line(row: Any) -> CaseLine:
    return CaseLine(
        case=case_row(row),
        files=row.files,
        movements=row.movements,
        accounts=row.accounts,
        changed_at=utc(row.changed_at),
    )


def waiting_things(connection: Connection, limit: int) -> list[Waiting]:
    """What in open cases waits for a person: failed imports, sheets nobody recognised, balances that break."""
    failed = _waits(
        "import_failed", statement_import.c.case_id, statement_import.c.state == "failed", ~_imported_since()
    )
    unread = _waits(
        "unrecognised",
        import_source.c.case_id,
        import_source.c.format_id == "",
        import_source.c.fault != "files.empty_sheet",
        ~_read_since(),
    )
    broken = cast(case_account.c.facts["proof"].astext, Integer) == int(BalanceProof.BROKEN)
    told = union_all(failed, unread, _waits("balance_broken", case_account.c.case_id, broken)).subquery()
    found = (
        select(told.c.kind, told.c.count, case_file.c.ref, case_file.c.title)
        .join(case_file, case_file.c.id == told.c.case_id)
        .where(case_file.c.state.in_(("preliminary", "filed")))
        .order_by(case_file.c.opened_at.desc(), told.c.kind)
    )
    return [
        Waiting(kind=row.kind, ref=row.ref, title=row.title, count=row[1])
        for row in connection.execute(found.limit(limit))
    ]


def _waits(kind: str, case_id: ColumnElement[Any], *which: ColumnElement[bool]) -> Select[Any]:
    counted = select(literal(kind).label("kind"), case_id.label("case_id"), func.count().label("count"))
    return counted.where(*which).group_by(case_id)


def _imported_since() -> ColumnElement[bool]:
    """Whether an import that was only interrupted was followed by another one: it has been done again by then."""
    later = statement_import.alias("later")
    same = (later.c.case_id == statement_import.c.case_id) & (later.c.at > statement_import.c.at)
    again = select(later.c.id).where(same, later.c.state != "failed").exists()
    return (statement_import.c.fault == INTERRUPTED) & again


def _read_since() -> ColumnElement[bool]:
    """Whether the same sheet was understood by another import of the case."""
    again = import_source.alias("again")
    same = (again.c.case_id == import_source.c.case_id) & (again.c.leaf_sha256 == import_source.c.leaf_sha256)
    return select(again.c.path).where(same, again.c.path == import_source.c.path, again.c.format_id != "").exists()
