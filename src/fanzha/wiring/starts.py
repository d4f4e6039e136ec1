"""What a trace of a case cannot start from, and why: as clearly as the case's files tell, naming nobody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from fanzha.adapters.store.imports import included_imports, list_imports
from fanzha.cases.case import Case
from fanzha.kernel.errors import NotFound
from fanzha.tracing.movements.tellings import row_ids
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import excluded_rows
from fanzha.workflows.case_ledger import CaseLedger, movement_id
from fanzha.workflows.trace_starts import VICTIMS, is_id, starting_movement, told_in


def require_starts(house: House, connection: Connection, case: Case, ledger: CaseLedger, starts: Sequence[str]) -> None:
    """`NotFound` where the case has no files, no movements, or not all payments that these name.

    Its fields count the payments and give (`known`) the ids that can be followed.
    """
    require_movements(connection, case, ledger)
    missing = [each for each in starts if each != VICTIMS and not _is_there(ledger, each)]
    if not missing:
        return
    excluded = excluded_rows(house, connection, case)
    was = [each for each in missing if told_in(excluded, each)]
    _require_told_once(ledger, missing)
    known = tuple(each for each in starts if is_id(each) and each not in missing)
    gone = {"whole": len(starts), "known": known}
    unknown = len(missing) - len(was)
    if was and unknown:
        raise NotFound("trace.starts_excluded_and_unknown", excluded=len(was), unknown=unknown, **gone)
    if was:
        raise NotFound("trace.starts_excluded", count=len(was), **gone)
    for each in missing:
        if not is_id(each):
            starting_movement(ledger, each)  # says what the account has instead
    raise NotFound("trace.starts_unknown", count=unknown, **gone)


def require_movements(connection: Connection, case: Case, ledger: CaseLedger) -> None:
    """`NotFound` where there is no money to follow: no files, all of them excluded, or no movement read from them."""
    if len(ledger):
        return
    if included_imports(connection, case.id):
        raise NotFound("trace.no_movements")
    is_excluded = any(each.state == "done" and each.excluded for each in list_imports(connection, case.id))
    raise NotFound("trace.all_excluded" if is_excluded else "trace.no_files")


def _is_there(ledger: CaseLedger, told: str) -> bool:
    if is_id(told):
        return ledger.has(told)
    try:
        starting_movement(ledger, told)
    except NotFound:
        return False
    return True


def _require_told_once(ledger: CaseLedger, missing: Sequence[str]) -> None:
    """`NotFound` with today's ids where rows that counted as payments tell of others since more files came."""
    ids = row_ids(ledger.rows)
    numbers = {int(each, 16) for each in missing if is_id(each)}
    rows = [row for row, each in enumerate(ids.tolist()) if each in numbers]
    today = [movement_id(int(ledger.found.movements.id[ledger.found.movement[row]])) for row in rows]
    if today:
        raise NotFound("trace.starts_retold", count=len(today), ids=", ".join(today))
