"""Work is done once by whoever holds its lease, and what was uploaded outlives a worker that is killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.people import NewPerson, add_person, disable_person
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.schema.work import work as work_rows
from fanzha.adapters.store.work import Wanted, Work, find_work, take
from fanzha.apps.worker import jobs
from fanzha.apps.worker.jobs import LEASE, PROCEDURES, Tell, do_due_work
from fanzha.cases.case import Case
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Invalid, Unavailable
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.uploads import GRACE, IMPORT_WORK, enqueue_import
from tests.conftest import CITY, COUNTY, person
from tests.wiring.statement import written

Do = Callable[[House, Work, Tell], Mapping[str, object]]
PATIENCE_SECONDS = 120
"""Longer than any machine takes: a wait ends when what it waits for is there."""


@pytest.fixture
def analyst(house: House) -> Actor:
    """Somebody of the county with an account."""
    giver = person(CITY, 1)
    with house.act(giver) as connection:
        new = NewPerson(login="analyst", name="测试·丁", unit_path=COUNTY)
        made = add_person(connection, new, house.now())
        assign_role(connection, NewAssignment(user_id=made, role="analyst", unit_path=COUNTY), giver, house.now())
    return Actor(user_id=made, name="analyst", scope=COUNTY, permissions=frozenset({"statements.import"}))


@pytest.fixture
def waiting(house: House, case: Case, analyst: Actor, tmp_path: Path) -> UUID:
    """The work of one upload."""
    return enqueue_import(house, analyst, case.ref, [("甲.csv", written(tmp_path))])


def seen(house: House, work: UUID) -> Work:
    with house.act_as_house() as connection:
        return find_work(connection, work)


def leased_until(house: House, work: UUID) -> datetime:
    with house.act_as_house() as connection:
        found = connection.scalar(select(work_rows.c.lease_until).where(work_rows.c.id == work))
    assert isinstance(found, datetime)
    return found


def instead(monkeypatch: pytest.MonkeyPatch, do: Do) -> None:
    """Do this where an import would be done."""
    replaced = replace(PROCEDURES[IMPORT_WORK], do=do)
    monkeypatch.setattr(jobs, "PROCEDURES", {IMPORT_WORK: replaced})
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.01)


def test_files_go_once_the_work_is_known_to_be_done(house: House, waiting: UUID) -> None:
    assert do_due_work(house)
    done = seen(house, waiting)
    assert (done.state, done.progress["rows"]) == ("done", 1)
    assert list(house.uploads.iterdir()) == []


def test_a_worker_killed_before_it_could_say_so_leaves_the_files_and_the_next_changes_nothing(
    house: House, case: Case, waiting: UUID, clock: SetClock, county_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "finish", killed)
        with pytest.raises(Killed):
            do_due_work(house)
    assert seen(house, waiting).state == "running" and len(list(house.uploads.iterdir())) == 1
    clock.move(LEASE)
    assert do_due_work(house)
    again = seen(house, waiting)
    assert (again.state, again.progress["repeats"], again.last_error) == ("done", 1, None)
    with house.act(county_actor) as connection:
        assert [each.state for each in list_imports(connection, case.id)] == ["done"]


def test_a_lost_lease_stops_the_work_and_leaves_it_to_its_new_holder(
    house: House, waiting: UUID, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[str] = []

    def slow(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
        with house.act_as_house() as connection:
            wanted = Wanted(kinds=(IMPORT_WORK,), lease=LEASE)
            assert take(connection, wanted, house.now(), house.wall.now() + LEASE + timedelta(seconds=1))
        for _ in range(PATIENCE_SECONDS * 100):
            tell({"rows": 1})
            time.sleep(0.01)
        reached.append("the end")
        return {}

    instead(monkeypatch, slow)
    assert do_due_work(house)
    other = seen(house, waiting)
    assert reached == [] and (other.state, other.attempts, other.last_error) == ("running", 2, None)
    assert len(list(house.uploads.iterdir())) == 1


def test_the_lease_is_kept_through_a_step_that_tells_nothing(
    house: House, waiting: UUID, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
        clock.move(LEASE - timedelta(seconds=1))
        until = time.monotonic() + PATIENCE_SECONDS
        while leased_until(house, waiting) < house.wall.now() + LEASE and time.monotonic() < until:
            time.sleep(0.01)
        clock.move(timedelta(seconds=2))
        with house.act_as_house() as connection:
            assert take(connection, Wanted(kinds=(IMPORT_WORK,), lease=LEASE), house.now(), house.wall.now()) == []
        return {"rows": 0}

    instead(monkeypatch, silent)
    assert do_due_work(house) and seen(house, waiting).state == "done"


def test_only_what_a_person_can_mend_keeps_its_files(
    house: House, waiting: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Mapping[str, object]:
        raise Unavailable("files.scratch_full", place="甲.csv")

    instead(monkeypatch, full)
    assert do_due_work(house)
    assert seen(house, waiting).state == "stuck" and len(list(house.uploads.iterdir())) == 1


def test_our_own_fault_is_told_in_a_sentence(house: House, waiting: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Mapping[str, object]:
        raise ZeroDivisionError

    instead(monkeypatch, broken)
    with pytest.raises(ZeroDivisionError):
        do_due_work(house)
    told = seen(house, waiting).last_error
    assert told is not None and all(f"errors.{told['code']}" in catalogue(language) for language in LANGUAGES)


def test_nobody_imports_by_an_account_that_was_closed_meanwhile(
    house: House, case: Case, analyst: Actor, waiting: UUID, county_actor: Actor
) -> None:
    assert analyst.user_id is not None
    with house.act(county_actor) as connection:
        disable_person(connection, analyst.user_id, house.now())
    assert do_due_work(house)
    stuck = seen(house, waiting)
    assert (stuck.state, stuck.last_error) == ("stuck", {"code": "access.disabled"})
    with house.act(county_actor) as connection:
        assert list_imports(connection, case.id) == []
    assert list(house.uploads.iterdir()) == []


def test_a_worker_that_is_asked_to_end_gives_its_work_back(
    house: House, case: Case, waiting: UUID, county_actor: Actor
) -> None:
    ending = threading.Event()
    ending.set()
    assert do_due_work(house, ending)
    given_back = seen(house, waiting)
    assert (given_back.state, given_back.attempts, given_back.last_error) == ("waiting", 0, None)
    assert do_due_work(house) and seen(house, waiting).state == "done"


def test_an_import_that_hangs_in_one_step_ends_with_its_process_and_names_the_file(
    house: House, case: Case, waiting: UUID, clock: SetClock, county_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    died = threading.Event()

    def hangs(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
        tell({"stage": "opening", "file": 1})
        clock.move(timedelta(seconds=house.settings.file_seconds) + GRACE + timedelta(seconds=1))
        assert died.wait(PATIENCE_SECONDS)
        raise Ended

    instead(monkeypatch, hangs)
    monkeypatch.setattr(jobs, "end_process", died.set)
    with pytest.raises(Ended):
        do_due_work(house)
    stuck = seen(house, waiting)
    assert stuck.state == "stuck" and stuck.last_error is not None
    assert (stuck.last_error["code"], stuck.last_error["place"]) == ("files.too_slow", "#1")
    with house.act(county_actor) as connection:
        (made,) = list_imports(connection, case.id)
        assert (made.state, made.fault, made.fault_fields["place"]) == ("failed", "files.too_slow", "甲.csv")
    assert list(house.uploads.iterdir()) == []


def test_what_another_worker_does_by_now_keeps_its_files(
    house: House, waiting: UUID, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
        with house.act_as_house() as connection:
            assert take(
                connection, Wanted(kinds=(IMPORT_WORK,), lease=LEASE), house.now(), house.wall.now() + 2 * LEASE
            )
        raise Invalid("files.empty", place="甲.csv")

    instead(monkeypatch, late)
    assert do_due_work(house)
    assert seen(house, waiting).state == "running" and len(list(house.uploads.iterdir())) == 1
