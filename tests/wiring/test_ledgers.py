"""A case's ledger is kept once, survives what breaks off, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from fanzha.adapters.store.imports import included_imports, list_imports
from fanzha.cases.case import Case
from fanzha.kernel.ids import CaseId, ImportId
from fanzha.kernel.units import Actor
from fanzha.wiring import ledgers
from fanzha.wiring.held_ledgers import LEDGER_ROWS, FreshImports, Held, HeldLedgers
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger, keep_ledger, ledger_alone, reconcile_and_keep
from fanzha.wiring.statements import import_files
from tests.wiring.statement import written


def kept(house: House, case: Case) -> set[str]:
    """The names of the files in the case's folder."""
    return {path.name for path in (house.evidence / "cases" / str(case.id)).iterdir()}


def current(house: House, actor: Actor) -> str:
    """The id of the one reconciliation that the database knows."""
    with house.act(actor) as connection:
        return str(connection.scalar(text("SELECT id FROM reconciliation")))


def never_committed(house: House, case: Case, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import whose computation was taken back, in a process that holds ledgers."""
    import_files(house, actor, case.ref, [written(folder)])
    monkeypatch.setattr(ledgers, "HELD", HeldLedgers())
    with house.act(actor) as connection:
        connection.execute(text("DELETE FROM reconciliation"))


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledgers are read from disk, as by another process."""
    monkeypatch.setattr(ledgers, "HELD", HeldLedgers(rows=0))
    monkeypatch.setattr(ledgers, "FRESH", FreshImports())


def test_a_computation_that_is_taken_back_costs_nobody_the_ledger_that_stands(
    house: House, case: Case, county_actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_files(house, county_actor, case.ref, [written(tmp_path)])
    standing = current(house, county_actor)
    with pytest.raises(RuntimeError), house.act(county_actor) as connection:
        reconcile_and_keep(house, connection, case.id)
        raise RuntimeError
    assert current(house, county_actor) == standing and standing in kept(house, case)
    monkeypatch.setattr(ledgers, "HELD", HeldLedgers())
    monkeypatch.setattr(ledgers, "reconcile_case", pytest.fail)
    with house.act(county_actor) as connection:
        assert len(case_ledger(house, connection, case)) == 1


def test_what_broke_off_or_was_replaced_is_gone_after_the_next_computation(
    house: House, case: Case, county_actor: Actor, tmp_path: Path
) -> None:
    import_files(house, county_actor, case.ref, [written(tmp_path)])
    for _ in range(2):
        with pytest.raises(RuntimeError), house.act(county_actor) as connection:
            reconcile_and_keep(house, connection, case.id)
            raise RuntimeError
    (house.evidence / "cases" / str(case.id) / str(uuid4())).write_bytes(b"")
    before = current(house, county_actor)
    with house.act(county_actor) as connection:
        reconcile_and_keep(house, connection, case.id)
    assert kept(house, case) == {before, current(house, county_actor)}


def test_a_ledger_whose_file_is_missing_is_computed_anew(
    house: House, case: Case, county_actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_files(house, county_actor, case.ref, [written(tmp_path)])
    monkeypatch.setattr(ledgers, "HELD", HeldLedgers())
    for path in (house.evidence / "cases" / str(case.id)).iterdir():
        path.unlink()
    with house.act(county_actor) as connection:
        assert len(case_ledger(house, connection, case)) == 1
        assert [each.state for each in list_imports(connection, case.id)] == ["done"]
    assert kept(house, case) == {current(house, county_actor)}


def test_a_ledger_whose_computation_was_taken_back_is_kept_by_whoever_looks_next(
    house: House, case: Case, county_actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in memory was perhaps never committed: the case's accounts would stay unknown to everybody else."""
    never_committed(house, case, county_actor, tmp_path, monkeypatch)
    with pytest.raises(RuntimeError), house.act(county_actor) as connection:
        case_ledger(house, connection, case)
        raise RuntimeError
    with house.act(county_actor) as connection:
        case_ledger(house, connection, case)
    assert current(house, county_actor) in kept(house, case)


def test_a_chase_looks_without_keeping_until_it_rests(
    house: House, case: Case, county_actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_committed(house, case, county_actor, tmp_path, monkeypatch)
    with house.act(county_actor) as connection:
        looked = [ledger_alone(house, connection, case, included_imports(connection, case.id)) for _ in range(2)]
        assert looked[0] is looked[1] and connection.scalar(text("SELECT count(*) FROM reconciliation")) == 0
        for _ in range(2):
            keep_ledger(house, connection, case, included_imports(connection, case.id))
        monkeypatch.setattr(ledgers, "HELD", HeldLedgers())
        monkeypatch.setattr(ledgers, "reconcile_case", pytest.fail)
        assert len(case_ledger(house, connection, case)) == len(looked[0]) == 1
    assert current(house, county_actor) in kept(house, case)


def test_so_many_rows_are_held_whosever_they_are(house: House, case: Case, county_actor: Actor, tmp_path: Path) -> None:
    import_files(house, county_actor, case.ref, [written(tmp_path)])
    with house.act(county_actor) as connection:
        ledger = case_ledger(house, connection, case)
    held = HeldLedgers(rows=2 * (LEDGER_ROWS + len(ledger.rows)))
    parts = [frozenset({(ImportId(uuid4()), "")}) for _ in range(4)]
    cases = [case.id, CaseId(uuid4())]
    for of, part in ((cases[0], parts[0]), (cases[0], parts[1]), (cases[1], parts[2]), (cases[1], parts[2] | parts[3])):
        held.put(Held(case_id=of, parts=part, ledger=ledger))
    assert held.get(cases[0], parts[0]) is None, "used longest ago"
    assert held.get(cases[1], parts[2]) is None, "grown into another"
    assert held.get(cases[0], parts[1]) and held.get(cases[1], parts[2] | parts[3])
