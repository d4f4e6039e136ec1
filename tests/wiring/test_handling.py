"""Every row of work can be looked at and handled by whoever may, and what people did about it stays on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.people import NewPerson, add_person, disable_person
from fanzha.adapters.store.roles import NewAssignment, assign_role, permissions_at, roles_of
from fanzha.adapters.store.schema.work import work as work_rows
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Retries, Wanted, Work, enqueue, fail, find_work, take
from fanzha.adapters.store.work_handling import STATES, Wished
from fanzha.apps.worker.jobs import BATCHES, FIRST_BATCHES, PROCEDURES, do_due_work
from fanzha.cases.case import NOTE_CHARACTERS, Case
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.handling import cancel, hand, listed, retry, shown
from fanzha.wiring.house import House
from fanzha.wiring.uploads import IMPORT_WORK, enqueue_import
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION, person
from tests.wiring.statement import written

CLOCK = "test.clock"


def wish(house: House, key: str, unit: UnitPath = COUNTY, after: timedelta = timedelta(), kind: str = CLOCK) -> UUID:
    now = house.now()
    with house.act(worker(unit)) as connection:
        return enqueue(connection, NewWork(kind=kind, key=key, unit_path=unit, due_at=now + after), now)


def stop(house: House, retries: Retries | None = None) -> None:
    """Everything that is due fails: for good, or until after a rest."""
    with house.act_as_house() as connection:
        wanted = Wanted(kinds=(CLOCK, IMPORT_WORK), lease=timedelta(minutes=1))
        for row in take(connection, wanted, house.now(), house.wall.now()):
            fail(connection, row, house.wall.now(), {"code": "orders.silent"}, retries)


def state(house: House, work: UUID) -> Work:
    with house.act_as_house() as connection:
        return find_work(connection, work)


def somebody(house: House, login: str, role: str, unit: UnitPath = COUNTY) -> Actor:
    """A person of the house in a role, as they act."""
    giver = person(CITY, 1)
    with house.act(giver) as connection:
        made = add_person(connection, NewPerson(login=login, name="测试·丁", unit_path=unit), house.now())
        assign_role(connection, NewAssignment(user_id=made, role=role, unit_path=unit), giver, house.now())
        held = permissions_at(roles_of(connection, made, house.now()), unit)
    return Actor(user_id=UserId(made), name=login, scope=unit, permissions=held)


def keys(house: House, actor: Actor, wished: Wished) -> list[str]:
    return [each.key for each, _, _ in listed(house, actor, wished)[1]]


def test_what_waits_for_a_person_comes_first_and_open_rows_by_when_they_are_due(
    house: House, county_actor: Actor
) -> None:
    wish(house, "stuck")
    stop(house)
    wish(house, "running")
    with house.act_as_house() as connection:
        take(connection, Wanted(kinds=(CLOCK,), lease=timedelta(minutes=1)), house.now(), house.wall.now())
    for hours in (9, 3, 6):
        wish(house, f"in {hours} h", after=timedelta(hours=hours))
    assert keys(house, county_actor, Wished()) == ["stuck", "running", "in 3 h", "in 6 h", "in 9 h"]
    pages = [keys(house, county_actor, Wished(limit=2, offset=offset)) for offset in (0, 2, 4)]
    assert pages == [["stuck", "running"], ["in 3 h", "in 6 h"], ["in 9 h"]]
    assert listed(house, county_actor, Wished(states=("waiting",), limit=1))[0] == 3
    assert keys(house, county_actor, Wished(kind="other")) == []


def test_somebody_sees_the_work_of_their_units_and_no_other(
    house: House, station_actor: Actor, county_actor: Actor, other_actor: Actor
) -> None:
    found = {unit: wish(house, unit, unit) for unit in (COUNTY, STATION, OTHER_COUNTY)}
    assert keys(house, county_actor, Wished()) in ([COUNTY, STATION], [STATION, COUNTY])
    assert keys(house, station_actor, Wished()) == [STATION]
    for act in (
        lambda: shown(house, other_actor, found[COUNTY]),
        lambda: retry(house, other_actor, found[COUNTY], "x"),
        lambda: hand(house, other_actor, found[COUNTY], "tester", "x"),
        lambda: cancel(house, other_actor, found[COUNTY], "x"),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_row_names_its_case_to_whoever_reads_cases(
    house: House, case: Case, tmp_path: Path, county_actor: Actor
) -> None:
    work = enqueue_import(house, county_actor, case.ref, [("甲.csv", written(tmp_path))])
    assert shown(house, county_actor, work).case_ref == case.ref
    administrator = replace(county_actor, permissions=frozenset({"work.read"}))
    assert shown(house, administrator, work).case_ref == ""


@pytest.mark.parametrize("retries", [None, Retries()])
def test_a_stuck_or_resting_row_is_tried_again_at_once_with_who_and_why_on_record(
    house: House, county_actor: Actor, clock: SetClock, retries: Retries | None
) -> None:
    work = wish(house, "a")
    stop(house, retries)
    assert "work.retry" in shown(house, county_actor, work).may
    retry(house, county_actor, work, " 磁盘已扩容 ")
    again = state(house, work)
    assert (again.state, again.attempts, again.not_before) == ("waiting", 0, None)
    (entry,) = shown(house, county_actor, work).entries
    assert (entry.kind, entry.actor_name, entry.reason, entry.at) == (
        "retried",
        county_actor.name,
        "磁盘已扩容",
        clock.now(),
    )
    with house.act(county_actor) as connection:
        assert [each.act.action for each in entries_of(connection, "work", str(work), 10)] == ["work.retried"]
    with pytest.raises(Illegal, match="not_failed"):
        retry(house, county_actor, work, "once more")


def test_an_import_that_was_refused_as_invalid_is_not_offered_again_for_its_files_are_gone(
    house: House, county_actor: Actor, case: Case, tmp_path: Path
) -> None:
    torn = tmp_path / "甲.zip"
    torn.write_bytes(b"PK\x03\x04 torn")
    analyst = somebody(house, "analyst", "analyst")
    work = enqueue_import(house, analyst, case.ref, [(torn.name, torn)])
    assert do_due_work(house)
    assert state(house, work).state == "stuck"
    assert shown(house, county_actor, work).may == {"work.hand_over", "work.cancel"}
    with pytest.raises(Illegal, match="files_gone"):
        retry(house, county_actor, work, "once more")
    assert state(house, work).state == "stuck" and shown(house, county_actor, work).entries == []


@pytest.mark.parametrize("reason", ["", "  ", "长" * (NOTE_CHARACTERS + 1)])
def test_no_act_without_a_reason(house: House, county_actor: Actor, reason: str) -> None:
    work = wish(house, "a")
    stop(house)
    with pytest.raises(Invalid):
        retry(house, county_actor, work, reason)
    assert state(house, work).state == "stuck" and shown(house, county_actor, work).entries == []


def test_whom_a_row_is_handed_to_may_try_it_again_though_not_by_their_role(house: House, county_actor: Actor) -> None:
    officer = somebody(house, "officer", "desk_officer")
    work = wish(house, "a")
    stop(house)
    with pytest.raises(Forbidden):
        retry(house, officer, work, "mine")
    hand(house, county_actor, work, "officer", "on duty")
    assert state(house, work).handler == "officer"
    assert shown(house, officer, work).may == {"work.retry"}
    assert keys(house, officer, Wished(handler=officer.user_id)) == ["a"]
    with pytest.raises(Forbidden):
        cancel(house, officer, work, "mine")
    retry(house, officer, work, "mine")
    assert state(house, work).state == "waiting"
    told = [(each.kind, each.to_name, each.actor_name) for each in shown(house, county_actor, work).entries]
    assert told == [("handed_over", "officer", county_actor.name), ("retried", "", "officer")]


def test_work_is_handed_only_to_those_who_see_it(house: House, city_actor: Actor) -> None:
    somebody(house, "reader", "reader")
    somebody(house, "neighbour", "desk_officer", OTHER_COUNTY)
    closed = somebody(house, "closed", "desk_officer")
    assert closed.user_id is not None
    with house.act(city_actor) as connection:
        disable_person(connection, closed.user_id, house.now())
    work = wish(house, "a")
    assert shown(house, city_actor, work).handlers == []
    for login in ("reader", "neighbour", "closed"):
        with pytest.raises(Illegal, match="handler_out_of_sight"):
            hand(house, city_actor, work, login, "x")
    with pytest.raises(NotFound):
        hand(house, city_actor, work, "nobody", "x")
    assert state(house, work).handler is None


def test_a_cancelled_import_is_never_done_and_leaves_no_file_in_clear(
    house: House, case: Case, tmp_path: Path, county_actor: Actor
) -> None:
    work = enqueue_import(house, county_actor, case.ref, [("甲.csv", written(tmp_path))])
    cancel(house, county_actor, work, "imported otherwise")
    over = state(house, work)
    assert (over.state, over.finished_at) == ("cancelled", house.now())
    assert list(house.uploads.iterdir()) == []
    with house.act_as_house() as connection:
        wanted = Wanted(kinds=(IMPORT_WORK,), lease=timedelta(minutes=1))
        assert take(connection, wanted, house.now() + timedelta(days=1), house.wall.now()) == []
    acts: list[Callable[[], None]] = [
        lambda: cancel(house, county_actor, work, "x"),
        lambda: hand(house, county_actor, work, "tester", "x"),
        lambda: retry(house, county_actor, work, "x"),
    ]
    for act in acts:
        with pytest.raises((Illegal, NotFound)):
            act()


def test_nobody_cancels_what_is_being_done_or_what_the_law_runs(
    house: House, case: Case, tmp_path: Path, county_actor: Actor
) -> None:
    clock = wish(house, "a", after=timedelta(hours=48))
    with pytest.raises(Illegal, match="not_cancellable"):
        cancel(house, county_actor, clock, "x")
    running = enqueue_import(house, county_actor, case.ref, [("甲.csv", written(tmp_path))])
    with house.act_as_house() as connection:
        take(connection, Wanted(kinds=(IMPORT_WORK,), lease=timedelta(minutes=1)), house.now(), house.wall.now())
    with pytest.raises(Illegal, match="under_way"):
        cancel(house, county_actor, running, "x")
    assert [state(house, each).state for each in (clock, running)] == ["waiting", "running"]
    assert len(list(house.uploads.iterdir())) == 1


def test_each_act_asks_for_its_permission(house: House, county_actor: Actor) -> None:
    work = wish(house, "a")
    stop(house)
    looking = replace(county_actor, permissions=frozenset({"work.read"}))
    assert shown(house, looking, work).may == frozenset()
    acts: list[Callable[[], None]] = [
        lambda: retry(house, looking, work, "x"),
        lambda: hand(house, looking, work, "tester", "x"),
        lambda: cancel(house, looking, work, "x"),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(FanzhaError, match="not_permitted"):
        listed(house, replace(county_actor, permissions=frozenset({"cases.read"})), Wished())


def test_entries_stay_as_they_were_written(house: House, county_actor: Actor) -> None:
    work = wish(house, "a")
    stop(house)
    retry(house, county_actor, work, "x")
    for statement in ("UPDATE work_entry SET reason = 'y'", "DELETE FROM work_entry"):
        with pytest.raises(ProgrammingError, match="permission denied"), house.act(county_actor) as connection:
            connection.execute(text(statement))


def test_what_is_no_work_is_not_found(house: House, county_actor: Actor) -> None:
    with pytest.raises(NotFound):
        shown(house, county_actor, uuid4())


def test_every_state_can_be_listed(house: House, county_actor: Actor) -> None:
    with house.act_as_house() as connection:
        for each in STATES:
            wish(house, each)
        for each in STATES:
            connection.execute(work_rows.update().where(work_rows.c.key == each).values(state=each))
        assert set(connection.scalars(select(work_rows.c.state))) == set(STATES)
    assert keys(house, county_actor, Wished()) == list(STATES)
    for each in STATES:
        assert keys(house, county_actor, Wished(states=(each,))) == [each]


def test_every_kind_of_work_has_a_name() -> None:
    for language in LANGUAGES:
        named = catalogue(language)
        assert [
            kind for kind in (*PROCEDURES, *FIRST_BATCHES, *BATCHES) if f"words.work_kind.{kind}" not in named
        ] == []
