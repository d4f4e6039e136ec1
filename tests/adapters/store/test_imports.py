"""Imports are accounted for to the row, counted once, and taken out or brought back by entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.ledger.sealed import new_key
from fanzha.adapters.ledger.writing import ImportDigest
from fanzha.adapters.store.case_lines import waiting_things
from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.imports import (
    INTERRUPTED,
    ImportedFile,
    ImportResult,
    begin_import,
    fail_import,
    faults_of,
    files_of,
    finish_import,
    import_key,
    import_of,
    included_imports,
    known_leaves,
    list_imports,
    set_excluded,
    sheets_of,
    standings_of,
)
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.reconciliations import (
    CaseAccount,
    Reconciliation,
    current_reconciliation,
    inputs_digest,
    keep_reconciliation,
)
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case
from fanzha.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from fanzha.kernel.ids import SubjectId, uuid7
from fanzha.kernel.units import Actor
from tests.adapters.store.evidence import imported, plant, sheet

LEAF, OTHER_LEAF = "a" * 64, "d" * 64


@pytest.fixture
def case(engine: Engine, county_actor: Actor, now: datetime) -> Case:
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        return open_case(connection, "x", "incident", county_actor, now)


def test_an_import_comes_back_as_it_was_told(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    sheets = [
        sheet(),
        sheet(
            "note.csv",
            OTHER_LEAF,
            format_id="",
            fault="statements.unrecognised_columns",
            draft="[columns]",
            fault_fields={"n": 3},
        ),
    ]
    files = [ImportedFile(name="b.zip", sha256="c" * 64, size=10**11), ImportedFile(name="a.csv", sha256=LEAF, size=0)]
    faults = [Fault(code="files.encrypted", place="b.zip/x.xlsx", fields={"limit_mib": 5}, lost=True)]
    digest = ImportDigest(rows=5, sha256="b" * 64, size=1234)
    with unit_of_work(engine, county_actor, now) as connection:
        begun = begin_import(connection, keys, case.id, county_actor, now)
        assert (begun.state, begun.excluded, begun.unit_path) == ("running", False, case.unit_path)
    later = now + timedelta(seconds=9)
    with unit_of_work(engine, county_actor, later) as connection:
        result = ImportResult(digest=digest, files=files, sheets=sheets, faults=faults)
        done = finish_import(connection, begun.id, result, county_actor, later)
    with unit_of_work(engine, county_actor, later) as connection:
        assert import_of(connection, begun.id) == done
        assert list_imports(connection, case.id) == included_imports(connection, case.id) == [done]
        assert (done.state, done.rows, done.sha256, done.size, done.finished_at) == ("done", 5, "b" * 64, 1234, later)
        assert sheets_of(connection, begun.id) == sheets
        assert files_of(connection, begun.id) == files
        assert faults_of(connection, begun.id) == faults


def test_an_import_ends_once(engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        begun = begin_import(connection, keys, case.id, county_actor, now)
        failed = fail_import(connection, begun.id, Invalid("files.empty", place="a.csv"), county_actor, now)
        assert (failed.state, failed.fault, failed.fault_fields) == ("failed", "files.empty", {"place": "a.csv"})
        assert included_imports(connection, case.id) == []
        with pytest.raises(Conflict, match="import_ended"):
            fail_import(connection, begun.id, Invalid("files.empty", place="a.csv"), county_actor, now)


def test_an_interrupted_import_waits_for_a_person_until_another_was_begun(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    def waits(connection: Connection) -> list[tuple[str, int]]:
        return [(each.kind, each.count) for each in waiting_things(connection, 9)]

    with unit_of_work(engine, county_actor, now) as connection:
        for error in (Invalid("files.empty", place="a.csv"), Unavailable(INTERRUPTED)):
            begun = begin_import(connection, keys, case.id, county_actor, now)
            fail_import(connection, begun.id, error, county_actor, now)
        assert waits(connection) == [("import_failed", 2)]
        begin_import(connection, keys, case.id, county_actor, now + timedelta(seconds=1))
        assert waits(connection) == [("import_failed", 1)], "what nobody could read still waits"


def test_each_import_has_a_key_of_its_own(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        first, second = (begin_import(connection, keys, case.id, county_actor, now) for _ in range(2))
        assert len(import_key(connection, keys, first.id)) == 32
        assert import_key(connection, keys, first.id) == import_key(connection, keys, first.id)
        assert import_key(connection, keys, first.id) != import_key(connection, keys, second.id)
    with unit_of_work(engine, other_actor, now) as connection, pytest.raises(NotFound):
        import_key(connection, keys, first.id)


def test_a_known_leaf_is_told_so_that_a_repeat_changes_nothing(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        unread = sheet("x.csv", OTHER_LEAF, format_id="", fault="statements.unrecognised_columns")
        first = imported(connection, keys, case, county_actor, now, sheet(), unread)
        known = known_leaves(connection, case.id, [LEAF, OTHER_LEAF, "e" * 64])
        assert (known[LEAF].import_id, known[LEAF].excluded, known[LEAF].understood) == (first.id, False, True)
        assert set(known) == {LEAF, OTHER_LEAF} and not known[OTHER_LEAF].understood
        set_excluded(connection, first.id, True, "wrong file", county_actor, now)
        assert known_leaves(connection, case.id, [LEAF])[LEAF].excluded
        assert known_leaves(connection, case.id, [OTHER_LEAF]) == {}, "nobody minds if it is tried again"
        second = imported(connection, keys, case, county_actor, now)
        assert known_leaves(connection, case.id, [LEAF])[LEAF].import_id == second.id, "the one that counts"
        other = open_case(connection, "y", "incident", county_actor, now)
        assert known_leaves(connection, other.id, [LEAF]) == {}


def test_an_import_is_excluded_and_brought_back_by_entries(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        before = inputs_digest(included_imports(connection, case.id))
        with pytest.raises(Conflict, match="import_standing"):
            set_excluded(connection, done.id, False, "x", county_actor, now)
        set_excluded(connection, done.id, True, "another person's card", county_actor, now)
        assert included_imports(connection, case.id) == []
        assert inputs_digest([]) != before
        set_excluded(connection, done.id, False, "it was theirs", county_actor, now)
        assert inputs_digest(included_imports(connection, case.id)) == before
        assert [(each.excluded, each.reason) for each in standings_of(connection, done.id)] == [
            (True, "another person's card"),
            (False, "it was theirs"),
        ]
    for change in ("UPDATE import_standing SET excluded = true", "DELETE FROM import_standing"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            unit_of_work(engine, county_actor, now) as connection,
        ):
            connection.execute(text(change))


def test_nothing_of_an_import_is_seen_elsewhere_on_a_connection_used_before(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    tables = ["case_file", "case_entry", "case_subject", "statement_import", "import_file", "import_source", "subject"]
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        assert all(connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
        assert [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables] == [0] * len(tables)
    with unit_of_work(engine, other_actor, now) as connection:
        assert [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables] == [0] * len(tables)
        assert known_leaves(connection, case.id, [LEAF]) == {}
        with pytest.raises(NotFound):
            set_excluded(connection, done.id, True, "x", other_actor, now)
        with pytest.raises(NotFound):
            begin_import(connection, keys, case.id, other_actor, now)


def test_a_reconciliation_lives_as_long_as_its_inputs_are_those_that_count(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    key = new_key()
    with unit_of_work(engine, county_actor, now) as connection:
        done = [imported(connection, keys, case, county_actor, now)]
        made = Reconciliation(
            id=uuid7(now),
            case_id=case.id,
            unit_path=case.unit_path,
            inputs=inputs_digest(done),
            made_at=now,
            sha256="e" * 64,
            size=99,
            counts={"movements": 4},
        )
        accounts = [CaseAccount(node=0, subject_id=SubjectId(2**62), has_statement=True, facts={"in_fen": 10**15})]
        assert keep_reconciliation(connection, keys, made, key, done, accounts) == []
        assert current_reconciliation(connection, keys, case.id, inputs_digest(done)) == (made, key)
        assert current_reconciliation(connection, keys, case.id, inputs_digest([])) is None
        assert _kept(connection, made.id) == [(0, 2**62, True, {"in_fen": 10**15})]
        set_excluded(connection, done[0].id, True, "x", county_actor, now)
        emptied = replace(made, id=uuid7(now), inputs=inputs_digest([]))
        assert keep_reconciliation(connection, keys, emptied, key, [], []) == [made.id]
        assert _kept(connection, made.id) == []


def _kept(connection: Connection, made_id: UUID) -> list[tuple[object, ...]]:
    """The accounts kept with a computation."""
    told = "SELECT node, subject_id, has_statement, facts FROM case_account WHERE reconciliation_id = :id ORDER BY node"
    return [tuple(row) for row in connection.execute(text(told), {"id": made_id})]
