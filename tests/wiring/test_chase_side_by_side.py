"""Two web processes and two workers over one house: what a report leads to is done once, whoever does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid5

import pytest

from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.work import Wanted, take
from fanzha.cases.case import Case
from fanzha.cases.incident import Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.money import fen
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.chase import CHASES, ROUNDS_AT_ONCE
from fanzha.wiring.deliveries import deliver
from fanzha.wiring.desk import DELIVERY_WORK, Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, REPORT_WORK, NewPaid, NewReport, take_report, wish_chase
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from tests.registers.institutions import BANK
from tests.wiring.orders import LEASE, Staffed, staffed

KEYS = UUID("01890000-0000-7000-8000-00000000d35c")
PAYEES = [f"99999900000000{number:05d}" for number in range(10_017, 10_023)]


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def allow_first_stops(desk: Staffed) -> None:
    new = NewAuthority(
        kinds=frozenset({OrderKind.STOP}),
        limits=proposed("first_stops"),
        until=desk.house.now() + timedelta(hours=1),
        reason="test",
    )
    with desk.house.act(desk.drafter) as connection:
        told = draft_authority(Desk(house=desk.house, connection=connection, actor=desk.drafter), new)
    with desk.house.act(desk.second) as connection:
        sign_authority(Desk(house=desk.house, connection=connection, actor=desk.second), told.number)


def post_all(desk: Staffed, together: Barrier) -> list[str]:
    """What one web process takes: the same forms as the other, each at the same moment."""
    try:
        return [post(desk, together, payee) for payee in PAYEES]
    except BaseException:
        together.abort()
        raise


def post(desk: Staffed, together: Barrier, payee: str) -> str:
    paid = NewPaid(
        institution=BANK.name, payee=payee, payee_name="测试·甲", amount_fen=fen(4_000_000), at=desk.house.now()
    )
    new = NewReport(source=Source.EMERGENCY, reported_at=desk.house.now(), payments=(paid,), id=uuid5(KEYS, payee))
    together.wait()
    with desk.house.act(desk.drafter) as connection:
        return take_report(Desk(house=desk.house, connection=connection, actor=desk.drafter), new).number


def work_all(desk: Staffed, together: Barrier) -> None:
    """What one worker does until nothing is due."""
    together.wait()
    house, done = desk.house, 1
    while done:
        done = sum(do_due_batch(house, kind, CHASES) for kind in (REPORT_WORK, CHASE_WORK))
        done += do_due_batch(house, MESSAGE_WORK, MAIL)
        wanted = Wanted(kinds=(DELIVERY_WORK,), lease=LEASE, limit=2)
        with house.act_as_house() as connection:
            rows = take(connection, wanted, house.now(), house.wall.now())
        for row in rows:
            deliver(house, lambda _: desk.bank, row)
        done += len(rows)


def stops(desk: Staffed) -> Sequence[Order]:
    with desk.house.act(desk.drafter) as connection:
        return list_orders(connection, OrderQuery(kinds=(OrderKind.STOP,), limit=100))[1]


def test_two_web_processes_and_two_workers_let_nothing_leave_twice(desk: Staffed) -> None:
    allow_first_stops(desk)
    together = Barrier(2)
    with ThreadPoolExecutor(2) as web:
        mine, other = (web.submit(post_all, desk, together) for _ in range(2))
        assert mine.result() == other.result()
    with ThreadPoolExecutor(2) as workers:
        for each in [workers.submit(work_all, desk, together) for _ in range(2)]:
            each.result()
    with desk.house.act(desk.drafter) as connection:
        assert len(incidents(connection, IncidentQuery())) == len(PAYEES)
    assert Counter(each.target.subject for each in stops(desk)).most_common(1)[0][1] == 1
    assert len(stops(desk)) == len(PAYEES)
    asked = Counter(each.application_id for each in desk.bank.requests)
    assert set(asked.values()) == {1} and len(asked) == len(PAYEES)


def test_many_causes_of_one_incident_are_one_round(desk: Staffed) -> None:
    allow_first_stops(desk)
    number = post(desk, Barrier(1), PAYEES[0])
    with desk.house.act(desk.drafter) as connection:
        incident = incident_numbered(connection, number)
        for cause in range(3 * ROUNDS_AT_ONCE):
            wish_chase(connection, incident, f"cause{cause}", desk.house.now())
    assert do_due_batch(desk.house, CHASE_WORK, CHASES) == ROUNDS_AT_ONCE
    assert do_due_batch(desk.house, CHASE_WORK, CHASES) == 0
    assert len(stops(desk)) == 1
