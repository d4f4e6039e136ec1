"""Short work is done many rows at once, each once, and a bad row harms nobody but itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.engine import OWNER, look_up_by_key, owner_engine
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Retries, Wanted, Work, enqueue, find_work, take
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Illegal, Unavailable
from fanzha.kernel.units import UnitPath
from fanzha.wiring import batches
from fanzha.wiring.batches import Batch, Done, Failed, Later, Outcome, do_due_batch
from fanzha.wiring.house import House
from tests.conftest import COUNTY, OTHER_COUNTY, STATION

KIND = "test.clock"
Do = Callable[[Connection, House, Sequence[Work]], Mapping[UUID, Outcome]]


def wish(house: House, *keys: str, unit: UnitPath = COUNTY) -> list[UUID]:
    now = house.now()
    with house.act(worker(unit)) as connection:
        return [enqueue(connection, NewWork(kind=KIND, key=key, unit_path=unit, due_at=now), now) for key in keys]


def seen(house: House, work: UUID) -> Work:
    with house.act_as_house() as connection:
        return find_work(connection, work)


def effects(house: House) -> list[str]:
    """The keys of all rows that had their effect, one for each time."""
    with house.act_as_house() as connection:
        told = connection.scalars(select(audit_entry.c.object_id).where(audit_entry.c.action == "test.effect"))
        return sorted(told)


def effect(connection: Connection, house: House, row: Work) -> None:
    act = Act(action="test.effect", object_kind="work", object_id=row.key, unit_path=row.unit_path)
    record(connection, act, worker(row.unit_path), house.now())


def each_row(outcome: Callable[[Work], Outcome | None] = lambda _: None) -> Do:
    """A batch procedure that has one effect a row."""

    def do(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
        told = {}
        for row in rows:
            effect(connection, house, row)
            if (became := outcome(row)) is not None:
                told[row.id] = became
        return told

    return do


def refuse(key: str, error: Exception) -> Callable[[Work], Outcome | None]:
    def outcome(row: Work) -> Outcome | None:
        if row.key == key:
            raise error
        return None

    return outcome


def test_many_rows_are_done_in_one_transaction_as_workers_of_their_units(house: House) -> None:
    calls: list[tuple[str, str, list[str], int]] = []

    def do(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
        scope, transaction = connection.execute(text("SELECT current_setting('app.scope'), txid_current()")).one()
        calls.append((scope, rows[0].unit_path, sorted(row.key for row in rows), transaction))
        return {}

    wish(house, "a", "b")
    wish(house, "c", unit=OTHER_COUNTY)
    wish(house, "d", unit=STATION)
    assert do_due_batch(house, KIND, Batch(do=do)) == 4
    assert [call[:3] for call in calls] == [
        (COUNTY, COUNTY, ["a", "b"]),
        (STATION, STATION, ["d"]),
        (OTHER_COUNTY, OTHER_COUNTY, ["c"]),
    ]
    assert len({call[3] for call in calls}) == 1
    assert do_due_batch(house, KIND, Batch(do=do)) == 0


def test_a_lease_and_what_is_done_under_it_wait_for_the_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[str] = []

    def note(connection: Connection) -> None:
        waits.append(str(connection.scalar(text("SHOW synchronous_commit"))))

    def taking(connection: Connection, *told: Any) -> list[Work]:
        note(connection)
        return take(connection, *told)

    def do(connection: Connection, _house: House, _rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
        note(connection)
        return {}

    wish(house, "a")
    monkeypatch.setattr(batches, "take", taking)
    assert do_due_batch(house, KIND, Batch(do=do)) == 1
    assert waits == ["on", "on"]


def test_a_row_may_say_how_it_ended_and_one_that_does_not_is_done(house: House) -> None:
    a, b = wish(house, "a", "b")
    do = each_row(lambda row: Done(progress={"told": 3, "什么": "x"}) if row.id == a else None)
    assert do_due_batch(house, KIND, Batch(do=do)) == 2
    assert (seen(house, a).state, seen(house, a).progress) == ("done", {"told": 3, "什么": "x"})
    assert (seen(house, b).state, seen(house, b).progress, seen(house, b).finished_at) == ("done", {}, house.wall.now())


def test_a_batch_takes_no_more_than_its_limit(house: House) -> None:
    wish(house, *"abcde")
    assert [do_due_batch(house, KIND, Batch(do=each_row(), limit=2)) for _ in range(4)] == [2, 2, 1, 0]
    assert effects(house) == list("abcde")


@pytest.mark.parametrize("error", [Illegal("orders.lapsed"), Unavailable("orders.silent"), ZeroDivisionError()])
def test_a_bad_row_fails_alone_and_every_other_has_its_effect_once(house: House, error: Exception) -> None:
    rows = wish(house, *"abcde")
    assert do_due_batch(house, KIND, Batch(do=each_row(refuse("c", error)))) == 5
    assert effects(house) == list("abde")
    assert [seen(house, each).state for each in rows if each != rows[2]] == ["done"] * 4
    assert seen(house, rows[2]).state == ("stuck" if isinstance(error, Illegal) else "waiting")


def test_what_answers_later_is_tried_again_after_a_rest_and_what_never_will_is_stuck(
    house: House, clock: SetClock
) -> None:
    silent, illegal = wish(house, "silent", "illegal")

    def outcome(row: Work) -> Outcome:
        if row.key == "silent":
            return Failed(error=Unavailable("orders.silent", seconds=3, unit=COUNTY, at=clock.now()))
        return Failed(error=Illegal("orders.lapsed"))

    batch = Batch(do=each_row(outcome), retries=Retries(attempts=2, base=timedelta(seconds=10)))
    do_due_batch(house, KIND, batch)
    assert effects(house) == ["illegal", "silent"], "an outcome takes nothing back"
    assert (seen(house, illegal).state, seen(house, illegal).last_error) == ("stuck", {"code": "orders.lapsed"})
    told = seen(house, silent).last_error
    assert told == {"code": "orders.silent", "seconds": 3, "unit": COUNTY, "at": str(clock.now())}
    assert do_due_batch(house, KIND, batch) == 0
    clock.move(timedelta(seconds=10))
    assert do_due_batch(house, KIND, batch) == 1
    assert (seen(house, silent).state, seen(house, silent).attempts) == ("stuck", 2)


def test_our_own_fault_is_told_in_a_sentence_and_tried_again(house: House) -> None:
    (row,) = wish(house, "a")
    do_due_batch(house, KIND, Batch(do=each_row(refuse("a", ZeroDivisionError()))))
    told = seen(house, row).last_error
    assert told is not None and told["kind"] == "ZeroDivisionError"
    assert all(f"errors.{told['code']}" in catalogue(language) for language in LANGUAGES)


def test_a_row_can_wait_for_another_time_as_if_it_were_new(house: House, clock: SetClock) -> None:
    (row,) = wish(house, "a")
    until = clock.now() + timedelta(hours=48)
    batch = Batch(do=each_row(lambda _: Later(due_at=until, progress={"asked": 1})), retries=Retries(attempts=1))
    for asked in range(3):
        assert do_due_batch(house, KIND, batch) == 1
        waiting = seen(house, row)
        assert (waiting.state, waiting.due_at, waiting.attempts, waiting.progress) == (
            "waiting",
            until,
            0,
            {"asked": 1},
        )
        assert do_due_batch(house, KIND, batch) == 0
        clock.move(until - clock.now())
        until += timedelta(hours=asked + 1)


def test_a_worker_that_comes_late_has_no_effect(house: House, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(house, "a", "b")
    lost: list[Work] = []

    def late(connection: Connection, wanted: Wanted, now: datetime, wall: datetime) -> list[Work]:
        mine = take(connection, wanted, now, wall)
        lost.extend(take(connection, replace(wanted, limit=1), now, wall + wanted.lease))
        return mine

    monkeypatch.setattr(batches, "take", late)
    do_due_batch(house, KIND, Batch(do=each_row()))
    assert effects(house) == [key for key in ("a", "b") if key != lost[0].key]
    assert seen(house, lost[0].id).state == "running"


def test_work_goes_on_where_a_table_got_a_column_under_its_worker(house: House) -> None:
    look_up_by_key(house.engine)
    wish(house, "a")
    assert do_due_batch(house, KIND, Batch(do=each_row())) == 1
    owner = owner_engine(house.engine.url.set(username=OWNER).render_as_string(hide_password=False))
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE work ADD COLUMN more text"))
    wish(house, "b")
    with pytest.raises(DBAPIError):
        do_due_batch(house, KIND, Batch(do=each_row()))
    assert do_due_batch(house, KIND, Batch(do=each_row())) == 1
    assert effects(house) == ["a", "b"]
