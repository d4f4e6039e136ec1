"""A restricted person objects, is heard within working days, and what was wrong is let go in the same act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fanzha.adapters.store.kept_files import destroy_files
from fanzha.adapters.store.objections import objection_numbered, objections
from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.schema.objections import objection
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, Illegal, Invalid, NotFound
from fanzha.orders.clocks import ClockKind, clocks_of
from fanzha.orders.effects import Act, Effect
from fanzha.orders.objections import OBJECTION, Channel, Objection, ObjectionMove, ObjectionState
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at
from fanzha.wiring.objections import (
    OBJECTION_CLOCK,
    RING_OBJECTIONS,
    NewObjection,
    check_objection,
    reject_objection,
    take_objection,
    uphold_objection,
    withdraw_objection,
    words_of,
)
from fanzha.workflows.order_facts import Form
from tests.conftest import COUNTY, OTHER_COUNTY, person
from tests.wiring.orders import Staffed, staffed

SAYS = NewObjection(channel=Channel.VISIT, says="该款系货款,有合同")
COLLEAGUE = 91


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@pytest.fixture
def held(desk: Staffed) -> Order:
    order = desk.signed(desk.opened())
    desk.deliver()
    return desk.seen(order)


def taken(desk: Staffed, order: Order, new: NewObjection = SAYS) -> Objection:
    with desk.house.act(desk.drafter) as connection:
        return take_objection(Desk(house=desk.house, connection=connection, actor=desk.drafter), order.number, new)


def test_what_somebody_said_dies_with_the_case(desk: Staffed, held: Order) -> None:
    told = taken(desk, held)
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        assert words_of(at, objection_numbered(connection, told.number)) == SAYS.says
    with desk.house.act(desk.drafter) as connection:
        kept = str(connection.execute(select(objection)).one()._mapping)
        assert SAYS.says not in kept
        destroy_files(connection, held.case_id)
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        assert words_of(at, objection_numbered(connection, told.number)) == ""


def test_an_objection_is_answered_within_working_days(desk: Staffed, held: Order) -> None:
    told = taken(desk, held)
    assert desk.house.now() == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert told.alarm_at == datetime(2026, 3, 5, 16, tzinfo=UTC), "the end of Thursday"
    assert told.due_at == datetime(2026, 3, 9, 16, tzinfo=UTC), "the end of Monday, the weekend not counted"
    desk.clock.move(told.alarm_at - desk.house.now())
    assert do_due_batch(desk.house, OBJECTION_CLOCK, RING_OBJECTIONS) == 1
    assert waits_for(desk.seen(held)) is Waits.PERSON
    assert "alarm.objection_alarm" in desk.seen(held).unseen


def test_upheld_means_that_the_end_of_the_stop_is_drafted_in_the_same_act(desk: Staffed, held: Order) -> None:
    told = taken(desk, held)
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        upheld, paper = uphold_objection(at, told.number, "经查系合法货款")
    order = desk.seen(held)
    lift = order.instructions[-1]
    assert (upheld.state, lift.act, lift.reason) == (ObjectionState.UPHELD, Act.LIFT, "经查系合法货款")
    assert order.unrelated_at == desk.house.now()
    running = clocks_of(order, law_at(desk.house.now()))
    assert {ClockKind.RELEASE, ClockKind.SIGN} <= {each.kind for each in running}
    assert paper.pdf.startswith(b"%PDF")
    desk.signed(order)
    desk.deliver()
    assert desk.seen(held).effect is Effect.LIFTED
    desk.clock.move(timedelta(days=9))
    assert do_due_batch(desk.house, OBJECTION_CLOCK, RING_OBJECTIONS) == 0, "answered: its clocks were taken back"
    with desk.house.act(desk.drafter) as connection:
        assert Form.OBJECTION_UPHELD in {each.form for each in papers_of(connection, held.id)}


def test_only_somebody_else_rejects_and_only_what_was_checked(desk: Staffed, held: Order) -> None:
    told = taken(desk, held)
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        with pytest.raises(Forbidden, match=r"objections\.own_order"):
            reject_objection(at, told.number, "测试")
    colleague = person(COUNTY, COLLEAGUE)
    with desk.house.act(colleague) as connection:
        at = Desk(house=desk.house, connection=connection, actor=colleague)
        with pytest.raises(Illegal):
            reject_objection(at, told.number, "测试")
        check_objection(at, told.number, "调取合同核对")
        rejected, _ = reject_objection(at, told.number, "合同系伪造")
        assert (rejected.state, rejected.answer) == (ObjectionState.REJECTED, "合同系伪造")
        with pytest.raises(Illegal):
            withdraw_objection(at, told.number, "测试")
    assert desk.seen(held).effect is Effect.HELD


def test_one_objection_at_a_time_and_a_new_one_after(desk: Staffed, held: Order) -> None:
    first = taken(desk, held)
    with pytest.raises(Conflict):
        taken(desk, held)
    with desk.house.act(desk.drafter) as connection:
        withdraw_objection(Desk(house=desk.house, connection=connection, actor=desk.drafter), first.number, "本人撤回")
    second = taken(desk, held)
    with desk.house.act(desk.drafter) as connection:
        assert [each.number for each in objections(connection, 9, of=held.id)] == [second.number, first.number]


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (NewObjection(channel=Channel.VISIT, says=" "), Invalid),
        (NewObjection(channel=Channel.VISIT, says="字" * 2001), Invalid),
        (NewObjection(channel=Channel.VISIT, says="测试", evidence=("x",)), Invalid),
    ],
)
def test_bad_input_is_refused(desk: Staffed, held: Order, new: NewObjection, kind: type[FanzhaError]) -> None:
    with pytest.raises(kind):
        taken(desk, held, new)


@pytest.mark.parametrize("release_fen", [0, -1, 1])
def test_a_stop_is_let_go_whole_and_nothing_by_nothing(desk: Staffed, held: Order, release_fen: int) -> None:
    told = taken(desk, held)
    with desk.house.act(desk.drafter) as connection, pytest.raises(Invalid, match=r"orders\.release_beyond_held"):
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        uphold_objection(at, told.number, "测试", release_fen)


def test_nobody_objects_to_what_restricts_nobody(desk: Staffed) -> None:
    with pytest.raises(Illegal, match=r"objections\.restricts_nobody"):
        taken(desk, desk.opened())


def test_another_county_and_who_may_not_are_refused(desk: Staffed, held: Order) -> None:
    told = taken(desk, held)
    stranger = person(OTHER_COUNTY, 7)
    with desk.house.act(stranger) as connection:
        at = Desk(house=desk.house, connection=connection, actor=stranger)
        for act in (check_objection, withdraw_objection, reject_objection, uphold_objection):
            with pytest.raises(NotFound):
                act(at, told.number, "测试")
        with pytest.raises(NotFound):
            take_objection(at, held.number, SAYS)
        assert objections(connection, 9) == []
    for actor in (desk.second, desk.chief):
        with desk.house.act(actor) as connection, pytest.raises(Forbidden):
            check_objection(Desk(house=desk.house, connection=connection, actor=actor), told.number, "测试")


def test_an_unknown_years_holidays_stop_nobody_from_objecting(desk: Staffed) -> None:
    desk.clock.move(datetime(2030, 12, 30, 2, tzinfo=UTC) - desk.house.now())
    order = desk.signed(desk.opened())
    desk.deliver()
    told = taken(desk, order)
    assert told.due_at - desk.house.now() <= timedelta(days=6)


def test_the_table_leads_every_objection_to_an_answer() -> None:
    for state in ObjectionState:
        assert OBJECTION.is_over(state) or ObjectionMove.UPHOLD in OBJECTION.moves_from(state)


def test_a_number_that_is_not_there(desk: Staffed) -> None:
    with desk.house.act(desk.drafter) as connection, pytest.raises(NotFound):
        objection_numbered(connection, "O2026-999999")
