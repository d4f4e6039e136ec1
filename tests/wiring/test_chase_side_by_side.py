"""Two web processes and two workers over one house: what a report leads to is done once, whoever does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import monotonic
from uuid import UUID, uuid5

import pytest
from sqlalchemy import text

from fanzha.adapters.store.cases import case_of, open_case
from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.wishes import waiting_keys
from fanzha.adapters.store.work import Wanted, take
from fanzha.cases.case import Case
from fanzha.cases.incident import Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.money import fen
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority, standing_for
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.chase import look_again
from fanzha.wiring.deliveries import deliver
from fanzha.wiring.desk import DELIVERIES, Desk
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import House
from fanzha.wiring.incidents import (
    CHASE_WORK,
    NEXT_WORK,
    REPORT_WORK,
    NewPaid,
    NewReport,
    take_report,
    wish_chase,
    with_numbers,
)
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.next_rounds import CHASES, NEXT_LAYERS, ROUNDS_AT_ONCE
from tests.registers.institutions import BANK
from tests.wiring.orders import LEASE, Staffed, staffed

PATIENCE_SECONDS = 240.0
KEYS = UUID("01890000-0000-7000-8000-00000000d35c")
ROUNDS = {REPORT_WORK: FIRST_ROUNDS, NEXT_WORK: NEXT_LAYERS, CHASE_WORK: CHASES}
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
    new = NewReport(
        source=Source.EMERGENCY,
        reported_at=desk.house.now(),
        payments=(paid,),
        identity_checked=True,
        id=uuid5(KEYS, payee),
    )
    together.wait()
    with desk.house.act(desk.drafter) as connection:
        return take_report(Desk(house=desk.house, connection=connection, actor=desk.drafter), new).number


def work_all(desk: Staffed, together: Barrier) -> None:
    """What one worker does until nothing is due."""
    together.wait()
    house, done, until = desk.house, 1, monotonic() + PATIENCE_SECONDS
    while done:
        assert monotonic() < until, "there is always more to do"
        done = sum(do_due_batch(house, kind, batch) for kind, batch in ROUNDS.items())
        done += do_due_batch(house, MESSAGE_WORK, MAIL)
        wanted = Wanted(kinds=DELIVERIES, lease=LEASE, limit=2)
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
    together = Barrier(2, timeout=PATIENCE_SECONDS)
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


def test_no_report_is_refused_because_somebody_chose_its_case_s_number(desk: Staffed) -> None:
    paid = NewPaid(
        institution=BANK.name, payee=PAYEES[0], payee_name="测试·甲", amount_fen=fen(100), at=desk.house.now()
    )
    new = NewReport(source=Source.EMERGENCY, reported_at=desk.house.now(), payments=(paid,))
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        new = with_numbers(at, new)
        chosen = open_case(connection, "测试", "incident", desk.drafter, at.now, ref=new.ref)
        taken = take_report(at, new)
        assert (taken.number, case_of(connection, taken.case_id).ref > chosen.ref) == (new.number, True)


def test_an_answered_stop_uses_up_of_its_authority_no_more_than_it_held(desk: Staffed) -> None:
    """Counted where orders leave, as on the page: a bank that held little leaves room for the next account."""
    allow_first_stops(desk)
    number = post(desk, Barrier(1), PAYEES[0])
    do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS)
    assert used_fen(desk, number) == 4_000_000, "on its way it takes all that is traceable"
    work_all(desk, Barrier(1))
    (held,) = stops(desk)
    assert used_fen(desk, number) == held.held_fen == 2_500_000


def used_fen(desk: Staffed, number: str) -> int:
    """What is used up of the authority under which the incident's stop left, as its next round counts it."""
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        (standing,) = standing_for(at, [incident_numbered(connection, number)])
    return standing.used.stopped_fen


def test_one_look_without_a_cause_waits_however_many_rounds_causes_brought(desk: Staffed) -> None:
    number, waiting = post(desk, Barrier(1), PAYEES[0]), list[str]()
    while do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS):
        pass
    for minutes in (3, 1, 1):
        desk.clock.move(timedelta(minutes=minutes))
        with desk.house.act(desk.drafter) as connection:
            incident = incident_numbered(connection, number)
            wish_chase(connection, incident, f"cause{minutes}{desk.house.now()}", desk.house.now())
        while do_due_batch(desk.house, CHASE_WORK, CHASES):
            pass
        with desk.house.act_as_house() as connection:
            waiting = waiting_keys(connection, CHASE_WORK, [f"{incident.id}:at"])
        assert len(waiting) == 1
    assert waiting == [f"{incident.id}:at{int(look_again(incident.taken_at, desk.house.now()).timestamp())}"]


def test_many_causes_of_one_incident_are_one_round(desk: Staffed) -> None:
    allow_first_stops(desk)
    number = post(desk, Barrier(1), PAYEES[0])
    with desk.house.act(desk.drafter) as connection:
        incident = incident_numbered(connection, number)
        for cause in range(3 * ROUNDS_AT_ONCE):
            kind = NEXT_WORK if cause % 2 else CHASE_WORK
            wish_chase(connection, incident, f"cause{cause}", desk.house.now(), kind)
    assert do_due_batch(desk.house, CHASE_WORK, CHASES) == ROUNDS_AT_ONCE
    assert do_due_batch(desk.house, CHASE_WORK, CHASES) == 0
    assert do_due_batch(desk.house, NEXT_WORK, CHASES) == 0
    assert do_due_batch(desk.house, REPORT_WORK, FIRST_ROUNDS) == 1
    assert len(stops(desk)) == 1


def test_who_takes_a_report_holds_up_nobody_elses_numbers(desk: Staffed) -> None:
    house, actor = desk.house, desk.drafter

    def told(payee: str) -> NewReport:
        paid = NewPaid(institution=BANK.name, payee=payee, amount_fen=fen(4_000_000), at=house.now())
        return NewReport(source=Source.EMERGENCY, reported_at=house.now(), payments=(paid,), id=uuid5(KEYS, payee))

    with house.act(actor) as connection:
        first = with_numbers(Desk(house=house, connection=connection, actor=actor), told(PAYEES[0]))
    with house.act(actor) as connection:
        taken = take_report(Desk(house=house, connection=connection, actor=actor), first)
        with house.act(actor) as other:
            other.execute(text("SET LOCAL lock_timeout = '5s'"))
            following = with_numbers(Desk(house=house, connection=other, actor=actor), told(PAYEES[1]))
    assert taken.number == first.number < following.number and first.ref < following.ref
