"""Rounds that meet at one case or one authority: nobody's first stop waits for them, and nothing leaves uncounted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from fanzha.adapters.store import authorities
from fanzha.adapters.store.case_orders import orders_of_cases
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Wanted, Work, extend_all, find_work, hold, take
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Illegal
from fanzha.kernel.units import UnitPath
from fanzha.orders.authority import Authority
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import NewAuthority, draft_authority, sign_authority
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.desk import Desk
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK, wish_chase
from fanzha.wiring.next_rounds import CHASES
from fanzha.wiring.orders import Prepared, prepared_under
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.wiring.orders import LEASE, Staffed, staffed
from tests.wiring.test_first_rounds import LIMITS, allowed, taken

TIMEOUT_S = 60
ONE, TWO = "9999990000000000511", "9999990000000000529"


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def stops(desk: Staffed, *incidents: Incident) -> list[Order]:
    with desk.house.act(desk.drafter) as connection:
        return orders_of_cases(connection, [each.case_id for each in incidents])


def report_work(desk: Staffed, incident: Incident) -> list[Mapping[str, Any]]:
    with desk.house.act_as_house() as connection:
        asked = text("SELECT state, attempts, last_error FROM work WHERE kind = :kind AND key LIKE :key ORDER BY id")
        rows = connection.execute(asked, {"kind": REPORT_WORK, "key": f"{incident.id}:%"})
        return [dict(row._mapping) for row in rows]


def in_time(do: Callable[[], object]) -> None:
    """Another thread does it while this one holds its locks."""
    with ThreadPoolExecutor(1) as other:
        other.submit(do).result(TIMEOUT_S)


@contextmanager
def held(desk: Staffed, lock: Callable[[Connection], object]) -> Iterator[None]:
    """Somebody else's transaction holds a lock meanwhile."""
    with desk.house.act(worker(COUNTY)) as connection:
        connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{TIMEOUT_S}s'"))
        lock(connection)
        yield


def own_authority(desk: Staffed, incident: Incident) -> Authority:
    until = desk.house.now() + timedelta(hours=1)
    kinds = frozenset({OrderKind.STOP})
    new = NewAuthority(kinds=kinds, limits=LIMITS, until=until, reason="test", incident=incident.number)
    with desk.house.act(desk.drafter) as connection:
        told = draft_authority(Desk(house=desk.house, connection=connection, actor=desk.drafter), new)
    with desk.house.act(desk.second) as connection:
        return sign_authority(Desk(house=desk.house, connection=connection, actor=desk.second), told.number)


def test_reports_of_each_unit_are_a_transaction_of_their_own(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases come before authorities: who holds a city's authority never goes on to a case of another county."""
    seen: list[tuple[int, UnitPath]] = []

    def locking(connection: Connection, unit: UnitPath, now: datetime) -> frozenset[Any]:
        seen.append((connection.scalar(text("SELECT txid_current()")) or 0, unit))
        return authorities.lock_shifts(connection, unit, now)

    monkeypatch.setattr("fanzha.wiring.first_rounds.lock_shifts", locking)
    far = replace(desk, drafter=replace(desk.drafter, scope=OTHER_COUNTY))
    taken(desk, ONE, 1_000)
    taken(far, TWO, 1_000)
    taken(desk, "9999990000000000537", 1_000)
    assert do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS) == 3
    assert sorted(unit for _, unit in seen) == [COUNTY, OTHER_COUNTY]
    assert len({transaction for transaction, _ in seen}) == 2


def test_a_longer_round_neither_delays_nor_fails_the_first_stops_of_others(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(desk)
    longer = taken(desk, ONE, 1_000)
    again = taken(desk, ONE, 1_000, into=longer)
    fresh = taken(desk, TWO, 1_000)
    seen: list[int] = []

    def fails(*_: object, **__: object) -> Mapping[str, object]:
        seen.append(len(stops(desk, fresh)))  # as another transaction sees it
        raise RuntimeError

    monkeypatch.setattr("fanzha.wiring.chase.chase_round", fails)
    assert do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS) == 3
    assert seen == [1, 1]
    assert [each["state"] for each in report_work(desk, fresh)] == ["done"]
    assert [each["state"] for one in (longer, again) for each in report_work(desk, one)] == ["waiting", "waiting"]


def test_a_case_that_somebody_is_alone_on_holds_up_nobody_else_and_is_done_later(desk: Staffed) -> None:
    allowed(desk)
    busy, free = taken(desk, ONE, 1_000), taken(desk, TWO, 1_000)
    with held(desk, lambda connection: case_of(connection, busy.case_id, lock=True)):
        in_time(lambda: do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS))
        assert (len(stops(desk, free)), len(stops(desk, busy))) == (1, 0)
        assert report_work(desk, busy) == [{"state": "waiting", "attempts": 0, "last_error": None}]
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert len(stops(desk, busy)) == 1


def test_a_shift_s_authority_that_nobody_locked_lets_nothing_leave(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locking(connection: Connection, unit: UnitPath, now: datetime) -> frozenset[Any]:
        mine = authorities.lock_shifts(connection, unit, now)
        in_time(lambda: allowed(desk))
        return mine

    incident = taken(desk, ONE, 1_000)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("fanzha.wiring.first_rounds.lock_shifts", locking)
        do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert stops(desk, incident) == []
    do_due_batch(desk.house, NEXT_WORK, CHASES)
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert len(stops(desk, incident)) == 1


def test_an_incident_s_own_authority_that_nobody_locked_lets_nothing_leave(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, given = taken(desk, ONE, 1_000), list[Authority]()

    def locking(connection: Connection, *which: Any) -> frozenset[Any]:
        mine = authorities.lock_authorities(connection, *which)
        if not given:
            in_time(lambda: given.append(own_authority(desk, incident)))
        return mine

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("fanzha.wiring.authorities.lock_authorities", locking)
        do_due_batch(desk.house, REPORT_WORK, CHASES)
    assert stops(desk, incident) == []
    do_due_batch(desk.house, NEXT_WORK, CHASES)
    assert len(stops(desk, incident)) == 1


def test_what_balks_uses_up_nothing_for_those_after_it(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    def preparing(at: Desk, case: Case, new: Any, by: Authority) -> Prepared:
        if new.number == ONE:
            raise Illegal("orders.own_draft")
        return prepared_under(at, case, new, by)

    monkeypatch.setattr("fanzha.wiring.chase.prepared_under", preparing)
    allowed(desk)
    balks, leaves = (taken(desk, each, LIMITS.total_fen * 2 // 3) for each in (ONE, TWO))
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert (len(stops(desk, balks)), len(stops(desk, leaves))) == (0, 1)


def test_a_later_round_waits_for_no_shift_s_authority_and_wishes_for_a_first_one(desk: Staffed) -> None:
    told = allowed(desk)
    incident = taken(desk, ONE, 1_000)
    with desk.house.act(desk.drafter) as connection:
        connection.execute(text("UPDATE work SET state = 'done' WHERE kind = :kind"), {"kind": REPORT_WORK})
        wish_chase(connection, incident, "test", desk.house.now())
    with held(desk, lambda connection: authorities.lock_authority(connection, told.id)):
        in_time(lambda: do_due_batch(desk.house, CHASE_WORK, CHASES))
    assert stops(desk, incident) == []
    assert sorted(each["state"] for each in report_work(desk, incident)) == ["done", "waiting"]
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert len(stops(desk, incident)) == 1


def test_where_a_shift_s_authority_is_used_up_no_first_round_is_wished_for(desk: Staffed) -> None:
    allowed(desk)
    first, over = taken(desk, ONE, LIMITS.total_fen), taken(desk, TWO, 1_000)
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    with desk.house.act(desk.drafter) as connection:
        wish_chase(connection, over, "test", desk.house.now())
    do_due_batch(desk.house, CHASE_WORK, CHASES)
    assert (len(stops(desk, first)), len(stops(desk, over))) == (1, 0)
    assert [each["state"] for each in report_work(desk, over)] == ["done"]


def test_leases_are_kept_without_waiting_for_what_is_being_done(desk: Staffed) -> None:
    for number in (ONE, TWO):
        taken(desk, number, 1_000)
    wanted = Wanted(kinds=(REPORT_WORK,), lease=LEASE)
    with desk.house.act_as_house() as connection:
        busy, other = take(connection, wanted, desk.house.now(), desk.house.wall.now())
    until = desk.house.wall.now() + timedelta(hours=1)

    def keep() -> None:
        with desk.house.act_as_house() as connection:
            extend_all(connection, [busy, other], until)

    with held(desk, lambda connection: hold(connection, [busy])):
        in_time(keep)
    assert (_lease(desk, busy) < until, _lease(desk, other) == until) == (True, True)


def _lease(desk: Staffed, row: Work) -> datetime:
    with desk.house.act_as_house() as connection:
        find_work(connection, row.id)
        until: datetime = connection.scalar(text("SELECT lease_until FROM work WHERE id = :id"), {"id": row.id})
        return until
