"""Reports that wait together are stopped in one transaction, exactly as one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from fanzha.adapters.store.audit import entries_of as audit_of
from fanzha.adapters.store.case_orders import orders_of_cases
from fanzha.adapters.store.incidents import incident_numbered, stakes_of
from fanzha.adapters.store.orders import entries_of
from fanzha.adapters.store.schema.incidents import authority_use
from fanzha.adapters.store.work import NewWork, enqueue, find_work
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.money import fen
from fanzha.orders.authority import Authority
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority, withdraw_authority
from fanzha.wiring.batches import Batch, do_due_batch
from fanzha.wiring.desk import Desk
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.incidents import REPORT_WORK, NewPaid, NewReport, halt, take_report
from fanzha.wiring.next_rounds import CHASES
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed

LIMITS = replace(proposed("first_stops"), accounts=3, total_fen=fen(10_000_000), least_traceable_fen=fen(1))
TOLD = [("a", 4_000_000), ("a", 4_000_000), ("b", 3_000_000), ("c", 1_000_000), ("d", 500_000), ("e", 100_000)]
"""Which account is told of, and how much: twice the same one, one too much for the sum, and one account too many."""
LEAVE = [True, True, False, True, True, False]


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def allowed(desk: Staffed) -> Authority:
    until = desk.house.now() + timedelta(hours=1)
    new = NewAuthority(kinds=frozenset({OrderKind.STOP}), limits=LIMITS, until=until, reason="test")
    with desk.house.act(desk.drafter) as connection:
        told = draft_authority(Desk(house=desk.house, connection=connection, actor=desk.drafter), new)
    with desk.house.act(desk.second) as connection:
        return sign_authority(Desk(house=desk.house, connection=connection, actor=desk.second), told.number)


def taken(desk: Staffed, payee: str, amount: int, *, name: str = "测试·甲", into: Incident | None = None) -> Incident:
    desk.clock.move(timedelta(seconds=1))
    now = desk.house.now()
    paid = NewPaid(institution=BANK.name, payee=payee, payee_name=name, amount_fen=fen(amount), at=now)
    new = NewReport(
        source=Source.EMERGENCY,
        reported_at=now,
        payments=(paid,),
        identity_checked=True,
        case=None if into is None else into.case_id,
    )
    with desk.house.act(desk.drafter) as connection:
        return take_report(Desk(house=desk.house, connection=connection, actor=desk.drafter), new)


def done(desk: Staffed, batch: Batch) -> None:
    while do_due_batch(desk.house, REPORT_WORK, batch):
        pass


def night(desk: Staffed, batch: Batch, digit: int) -> list[dict[str, Any]]:
    """What a shift's authority comes to over reports of all sorts, told without what every night has of its own."""
    authority, began = allowed(desk), desk.house.now()
    accounts = {each: f"9999990000000{digit}{ord(each):04d}" for each, _ in TOLD}
    reports = [taken(desk, accounts[each], amount) for each, amount in TOLD]
    reports.append(taken(desk, f"9999990000000{digit}9000", 1_000, name=""))
    halted = taken(desk, f"9999990000000{digit}9001", 1_000)
    with desk.house.act(desk.drafter) as connection:
        halt(Desk(house=desk.house, connection=connection, actor=desk.drafter), halted.number, "test")
    done(desk, batch)
    told = [found(desk, each, authority, began) for each in [*reports, halted]]
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        withdraw_authority(at, authority.number, "test")
    return told


def found(desk: Staffed, incident: Incident, authority: Authority, began: datetime) -> dict[str, Any]:
    """Everything that was written of an incident: orders, signatures, uses, audit, work, how it stands."""
    with desk.house.act(desk.drafter) as connection:
        orders = orders_of_cases(connection, [incident.case_id])
        ids = [each.id for each in orders]
        uses = connection.execute(select(authority_use).where(authority_use.c.order_id.in_(ids))).all()
        about = [("incident", incident.id), ("case", incident.case_id), *(("order", each) for each in ids)]
        audit = [
            (each.act.action, sorted(each.act.detail), each.actor_name, str(each.act.detail.get("code", "")))
            for kind, of in about
            for each in audit_of(connection, kind, str(of), 100)
        ]
        return {
            "orders": [(each.kind, each.effect, each.requested_fen, each.target.holder_class) for each in orders],
            "entries": [
                (each.kind, each.by, each.move, each.step, each.capacity, each.code.replace(authority.number, ""))
                for order in orders
                for each in entries_of(connection, order.id)
            ],
            "uses": [(row.authority_id == authority.id, row.kind, row.layer, row.traceable_fen) for row in uses],
            "audit": [(*each[:3], each[3].replace(authority.number, "")) for each in audit],
            "work": sorted(work(connection, incident, orders, began)),
            "stakes": replace(stakes_of(connection, incident.id), looked_at=None),
            "state": incident_numbered(connection, incident.number).state,
        }


def work(connection: Any, incident: Incident, orders: Sequence[Order], began: datetime) -> list[tuple[str, str, str]]:
    about = [str(incident.id), *(str(each.id) for each in orders)]
    rows = connection.execute(text("SELECT kind, state, due_at, key, payload FROM work"))
    return [
        (row.kind, row.state, str(row.due_at - began))
        for row in rows
        if row.key.partition(":")[0] in about or row.payload.get("order") in about
    ]


def test_together_is_as_one_after_the_other(desk: Staffed) -> None:
    one_by_one = night(desk, replace(FIRST_ROUNDS, limit=1), 1)
    together = night(desk, FIRST_ROUNDS, 2)
    rounds_of_old = night(desk, CHASES, 3)
    assert [bool(each["uses"]) for each in together] == [*LEAVE, False, False]
    assert together == one_by_one
    assert together == rounds_of_old


def test_one_that_fails_fails_alone(desk: Staffed) -> None:
    allowed(desk)
    reports = [taken(desk, f"9999990000000000{number:03d}", 1_000) for number in range(3)]
    gone = "01890000-0000-7000-8000-00000000dead"
    with desk.house.act_as_house() as connection:
        payload = {"incident": gone, "number": "I2000-000001"}
        new = NewWork(kind=REPORT_WORK, key=f"{gone}:taken", unit_path=CENTRE, due_at=desk.house.now(), payload=payload)
        row = enqueue(connection, new, desk.house.now())
    done(desk, FIRST_ROUNDS)
    with desk.house.act(desk.drafter) as connection:
        assert [len(orders_of_cases(connection, [each.case_id])) for each in reports] == [1, 1, 1]
    with desk.house.act_as_house() as connection:
        assert find_work(connection, row).state == "stuck"


def test_a_second_report_in_one_case_stops_its_account_once(desk: Staffed) -> None:
    allowed(desk)
    first = taken(desk, "9999990000000000501", 1_000)
    again = taken(desk, "9999990000000000501", 1_000, into=first)
    done(desk, FIRST_ROUNDS)
    with desk.house.act(desk.drafter) as connection:
        (stop,) = orders_of_cases(connection, [again.case_id])
    assert stop.kind is OrderKind.STOP
