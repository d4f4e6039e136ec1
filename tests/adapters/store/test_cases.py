"""Cases keep their history, their numbers and their secrets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import (
    CaseQuery,
    add_note,
    case_by_ref,
    case_entries,
    case_of,
    list_cases,
    move_case,
    open_case,
    set_hold,
    set_retention,
)
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import CaseState, EntryKind
from fanzha.kernel.errors import Conflict, Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import Actor
from tests.adapters.store.evidence import plant
from tests.conftest import COUNTY, STATION


@pytest.fixture(autouse=True)
def tree(engine: Engine, now: datetime) -> None:
    plant(engine, now)


def test_a_case_is_opened_preliminary_and_found_by_reference_and_id(
    engine: Engine, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        opened = open_case(connection, "  刷单返利  ", "incident", county_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        assert case_by_ref(connection, "C2026-000001") == opened
        assert case_by_ref(connection, str(opened.id)) == opened
        assert (opened.title, opened.state, opened.unit_path) == ("刷单返利", CaseState.PRELIMINARY, COUNTY)
        assert [each.kind for each in case_entries(connection, opened.id)] == [EntryKind.OPENED]
        assert [each.act.action for each in entries_of(connection, "case", str(opened.id), 9)] == ["case.opened"]


def test_numbers_run_through_the_instance_and_start_anew_each_shanghai_year(
    engine: Engine, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    refs = []
    new_year = now.replace(year=2026, month=12, day=31, hour=16, minute=0)
    for actor, at in [(county_actor, now), (other_actor, now), (county_actor, new_year), (county_actor, now)]:
        with unit_of_work(engine, actor, at) as connection:
            refs.append(open_case(connection, "x", "incident", actor, at).ref)
    assert refs == ["C2026-000001", "C2026-000002", "C2027-000001", "C2026-000003"]


def test_a_chosen_reference_is_taken_once_even_out_of_sight(
    engine: Engine, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        open_case(connection, "x", "incident", county_actor, now, ref="C2026-000001")
    with pytest.raises(Conflict, match="ref_taken"), unit_of_work(engine, other_actor, now) as connection:
        open_case(connection, "x", "incident", other_actor, now, ref="C2026-000001")
    with unit_of_work(engine, other_actor, now) as connection:
        assert open_case(connection, "x", "incident", other_actor, now).ref == "C2026-000002", "passed over"


def test_people_who_open_cases_at_once_get_different_numbers(
    engine: Engine, county_actor: Actor, now: datetime
) -> None:
    def one(_: int) -> str:
        with unit_of_work(engine, county_actor, now) as connection:
            return open_case(connection, "x", "incident", county_actor, now).ref

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(12))) == [f"C2026-{number:06d}" for number in range(1, 13)]


@pytest.mark.parametrize("ref", ["", "a", "a b", "../etc", "案件1", "x" * 33])
def test_a_bad_reference_is_refused(engine: Engine, county_actor: Actor, now: datetime, ref: str) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        if ref:
            with pytest.raises(Invalid, match="bad_ref"):
                open_case(connection, "x", "incident", county_actor, now, ref=ref)
        with pytest.raises(NotFound):
            case_by_ref(connection, ref)


def test_the_lifecycle_is_kept(engine: Engine, county_actor: Actor, now: datetime) -> None:
    later = now + timedelta(days=1)
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
        with pytest.raises(Illegal, match="no_such_move"):
            move_case(connection, case.id, CaseState.CLOSED, "done", county_actor, now)
        with pytest.raises(Invalid, match="empty_text"):
            move_case(connection, case.id, CaseState.FILED, "  ", county_actor, now)
        filed = move_case(connection, case.id, CaseState.FILED, "立案决定书", county_actor, later)
        assert case_of(connection, case.id) == filed == replace(case, state=CaseState.FILED, since=later)
        entry = case_entries(connection, case.id, EntryKind.MOVED)[0]
        assert (entry.value, entry.reason, entry.at, entry.actor_name) == ("filed", "立案决定书", later, "tester2")


def test_retention_and_holds_leave_entries(engine: Engine, county_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
        set_retention(connection, case.id, "criminal", "filed", county_actor, now)
        set_hold(connection, case.id, True, "court order", county_actor, now)
        with pytest.raises(Illegal, match="hold_unchanged"):
            set_hold(connection, case.id, True, "again", county_actor, now)
        changed = case_of(connection, case.id)
        assert (changed.retention, changed.held) == ("criminal", True)
        assert [(each.kind, each.value) for each in case_entries(connection, case.id)] == [
            (EntryKind.OPENED, "incident"),
            (EntryKind.RETENTION, "criminal"),
            (EntryKind.HOLD, ""),
        ]


def test_notes_stay_out_of_the_audit_and_cannot_be_edited(engine: Engine, county_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
        add_note(connection, case.id, "甲的电话 12000000001", county_actor, now)
        assert [each.value for each in case_entries(connection, case.id, EntryKind.NOTE)] == ["甲的电话 12000000001"]
        assert all("12000000001" not in str(each) for each in entries_of(connection, "case", str(case.id), 9))
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        unit_of_work(engine, county_actor, now) as connection,
    ):
        connection.execute(text("UPDATE case_entry SET value = ''"))


def test_lists_filter_page_and_take_words_literally(engine: Engine, city_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, city_actor, now) as connection:
        for number, title in enumerate(["50%返利", "50元返利", "a_b", "axb"]):
            at = now + timedelta(minutes=number)
            open_case(connection, title, "incident", replace(city_actor, scope=STATION), at)

        def found(query: CaseQuery = CaseQuery()) -> list[str]:
            return [each.title for each in list_cases(connection, query)[1]]

        assert found() == ["axb", "a_b", "50元返利", "50%返利"]
        assert found(CaseQuery(words="50%")) == ["50%返利"]
        assert found(CaseQuery(words="A_B")) == ["a_b"]
        assert found(CaseQuery(words="c2026-000001")) == ["50%返利"]
        assert found(CaseQuery(offset=1, limit=2)) == ["a_b", "50元返利"]
        assert found(CaseQuery(states=(CaseState.FILED,))) == []
        assert len(found(CaseQuery(unit_path=COUNTY))) == 4
        assert list_cases(connection, CaseQuery(limit=1))[0] == 4


def test_other_units_cases_do_not_exist(
    engine: Engine, county_actor: Actor, other_actor: Actor, station_actor: Actor, city_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
    for actor in (other_actor, station_actor):
        with unit_of_work(engine, actor, now) as connection:
            assert list_cases(connection, CaseQuery()) == (0, [])
            assert case_entries(connection, case.id) == []
            with pytest.raises(NotFound):
                add_note(connection, case.id, "x", actor, now)
            with pytest.raises(NotFound):
                case_by_ref(connection, case.ref)
    with unit_of_work(engine, city_actor, now) as connection:
        assert case_of(connection, case.id) == case
        with pytest.raises(NotFound):
            case_of(connection, CaseId(uuid4()))


def test_a_shared_case_is_read_and_not_changed(
    engine: Engine, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
        share(connection, case.id, other_actor, now + timedelta(hours=1))
    with unit_of_work(engine, other_actor, now) as connection:
        assert case_of(connection, case.id) == case
        assert len(case_entries(connection, case.id)) == 1
        with pytest.raises(NotFound):
            set_hold(connection, case.id, True, "x", other_actor, now)
    with (
        pytest.raises(Forbidden, match="only_shared"),
        unit_of_work(engine, other_actor, now) as connection,
    ):
        add_note(connection, case.id, "x", other_actor, now)
    with unit_of_work(engine, other_actor, now + timedelta(hours=1)) as connection, pytest.raises(NotFound):
        case_of(connection, case.id)


def share(connection: object, case_id: CaseId, to: Actor, until: datetime) -> None:
    grant: UUID = uuid4()
    connection.execute(  # type: ignore[attr-defined]
        text("INSERT INTO sharing_grant VALUES (:id, 'case', :case, :owner, :to, 'joint', :until, 'tester', :until)"),
        {"id": grant, "case": case_id, "owner": COUNTY, "to": to.scope, "until": until},
    )
