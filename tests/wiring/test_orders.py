"""An order from its draft to the bank and back, with people, clocks and a line that fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fanzha.adapters.store.cases import move_case, open_case
from fanzha.adapters.store.officers import OfficerCard, keep_officer
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.wishes import waiting_keys
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Illegal, Invalid, NotFound, Unavailable
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.house import House
from fanzha.wiring.orders import NewInstruction, cancel, instruct, look_at, open_order, revive, sign
from tests.conftest import OTHER_COUNTY, person
from tests.wiring.orders import Staffed, staffed

SILENCE = Unavailable("institutions.request_failed")


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def test_a_stop_goes_from_draft_to_held_and_lapses_by_the_clock(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    assert order.effect is Effect.APPROVED
    assert desk.deliver() == 1
    held = desk.seen(order)
    assert (held.effect, held.holding_fen, held.balance_fen) == (Effect.HELD, 2_500_000, 2_500_000)
    assert held.ends_at == desk.house.now() + timedelta(hours=48)
    desk.clock.move(timedelta(hours=47))
    assert desk.ring() == 3
    assert waits_for(desk.seen(order)) is Waits.PERSON
    desk.clock.move(timedelta(hours=1))
    assert desk.ring() == 1
    lapsed = desk.seen(order)
    assert (lapsed.effect, lapsed.holding_fen) == (Effect.LAPSED, 0)


def test_the_message_says_what_the_law_and_the_bank_ask(desk: Staffed) -> None:
    desk.signed(desk.opened())
    desk.deliver()
    sent = desk.bank.requests[0]
    assert (sent.target.number, sent.target.holder_name) == ("9999990000000000017", "测试·甲")
    assert sent.payer is not None and sent.payer.name == "测试·乙"
    assert sent.operator.name == "测试·desk_officer"
    assert sent.second_officer is not None and sent.second_officer.name == "测试·second_officer"
    assert sent.exercise


def test_a_line_that_dies_after_the_bank_acted_is_asked_not_sent_again(desk: Staffed) -> None:
    desk.bank.mutes.append(SILENCE)
    order = desk.signed(desk.opened())
    desk.deliver()
    assert desk.seen(order).instructions[-1].delivery is Delivery.UNKNOWN
    desk.clock.move(timedelta(seconds=10))
    desk.deliver()
    assert desk.seen(order).effect is Effect.HELD
    assert len(desk.bank.requests) == 1
    assert desk.bank.asked == [str(order.instructions[-1].id)]


def test_a_line_that_dies_before_is_asked_and_then_sent_once(desk: Staffed) -> None:
    desk.bank.loses.append(SILENCE)
    order = desk.signed(desk.opened())
    for _ in range(4):
        desk.deliver()
        desk.clock.move(timedelta(seconds=10))
    assert desk.seen(order).effect is Effect.HELD
    assert list(desk.bank.effects.values()) == [1]


def test_a_worker_that_dies_between_writing_and_sending_loses_nothing(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = desk.signed(desk.opened())

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("fanzha.wiring.deliveries._say", die)
        with pytest.raises(Killed):
            desk.deliver()
    assert desk.seen(order).instructions[-1].delivery is Delivery.SENT
    for _ in range(4):
        desk.clock.move(timedelta(minutes=1))
        desk.deliver()
    assert desk.seen(order).effect is Effect.HELD
    assert list(desk.bank.effects.values()) == [1]


def test_a_bank_that_stays_silent_is_given_up_to_a_person_and_taken_up_again(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.bank.loses.extend([SILENCE] * 40)
    for _ in range(20):
        desk.deliver()
        desk.clock.move(timedelta(minutes=10))
    dead = desk.seen(order)
    assert dead.instructions[-1].delivery is Delivery.DEAD
    assert waits_for(dead) is Waits.PERSON
    desk.bank.loses.clear()
    desk.at(desk.drafter, lambda at: revive(at, order.id, order.instructions[-1].id, "线路恢复"))
    for _ in range(3):
        desk.deliver()
        desk.clock.move(timedelta(minutes=1))
    assert desk.seen(order).effect is Effect.HELD


def test_a_refused_order_waits_for_a_person_and_is_applied_for_again(desk: Staffed) -> None:
    desk.bank.result = "0301"
    order = desk.signed(desk.opened())
    desk.deliver()
    refused = desk.seen(order)
    assert (refused.effect, refused.unseen) == (Effect.REFUSED, ("0301",))
    assert desk.at(desk.drafter, lambda at: look_at(at, order.id, "户名不符,已核实")).unseen == ()
    desk.bank.result = "0000"
    again = NewInstruction(act=Act.APPLY, terms=Terms(), reason="更正户名")
    desk.signed(desk.at(desk.drafter, lambda at: instruct(at, order.id, again)))
    desk.deliver()
    assert desk.seen(order).effect is Effect.HELD


def test_a_freeze_takes_the_stops_place(desk: Staffed) -> None:
    stop = desk.signed(desk.opened())
    desk.deliver()
    with pytest.raises(Illegal, match="case_not_filed"):
        desk.opened(OrderKind.FREEZE)
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "立案", desk.drafter, desk.house.now())
    freeze = desk.signed(desk.opened(OrderKind.FREEZE))
    desk.deliver()
    assert desk.seen(freeze).effect is Effect.FROZEN
    assert desk.seen(stop).effect is Effect.CONVERTED
    with desk.house.act_as_house() as connection:
        keys = waiting_keys(connection, CLOCK_WORK, f"{stop.id}:")
    assert keys == []


def test_a_third_stop_of_one_account_is_illegal_whoever_asks(desk: Staffed) -> None:
    for _ in range(2):
        desk.signed(desk.opened())
        desk.deliver()
    with pytest.raises(Illegal, match="stops_used_up"):
        desk.opened()


def test_stops_of_another_county_count_too_though_nobody_here_sees_them(desk: Staffed) -> None:
    for _ in range(2):
        desk.signed(desk.opened())
        desk.deliver()
    stranger = person(OTHER_COUNTY, 95)
    with desk.house.act(stranger) as connection:
        theirs = open_case(connection, "测试案件二", "criminal", stranger, desk.house.now())
        assert list_orders(connection, OrderQuery()) == (0, [])
        user = add_person(connection, NewPerson(login="far", name="测试·远", unit_path=OTHER_COUNTY), desk.house.now())
        card = OfficerCard(
            user_id=user, unit_path=OTHER_COUNTY, document_type="02", document_number="990far", phone="0999-1200003"
        )
        keep_officer(connection, card, stranger, desk.house.now())
    far = replace(stranger, user_id=user, name="far")
    with pytest.raises(Illegal, match="stops_used_up"):
        desk.at(far, lambda at: open_order(at, replace(desk.new(), case_id=theirs.id)))


def test_what_is_taken_back_never_leaves(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.at(desk.drafter, lambda at: cancel(at, order.id, order.instructions[-1].id, "账号录错"))
    desk.deliver()
    assert desk.bank.requests == []
    with pytest.raises(Illegal):
        desk.at(desk.drafter, lambda at: cancel(at, order.id, order.instructions[-1].id, "再来一次"))


def test_nobody_signs_what_is_not_theirs(desk: Staffed) -> None:
    order = desk.opened()
    latest = order.instructions[-1].id
    with pytest.raises(Forbidden):
        desk.at(desk.drafter, lambda at: sign(at, order.id, latest))
    stranger = person(OTHER_COUNTY, 95)
    with pytest.raises(NotFound):
        desk.at(stranger, lambda at: sign(at, order.id, latest))
    with pytest.raises(Forbidden):
        desk.at(desk.second, lambda at: open_order(at, desk.new()))


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        ({"number": ""}, Invalid, "cases.no_identifier"),
        ({"institution": "no-such-bank"}, NotFound, "institutions.none"),
        ({"holder": ""}, Invalid, "orders.holder_missing"),
        ({"reason": " "}, Invalid, "orders.reason_length"),
    ],
)
def test_bad_input_says_what_is_wrong_and_leaves_nothing(
    desk: Staffed, wrong: dict[str, Any], kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind, match=code):
        desk.opened(**wrong)
    with desk.house.act_as_house() as connection:
        assert not connection.scalars(select(audit_entry.c.id).where(audit_entry.c.object_kind == "order")).all()


def test_every_effect_has_an_audit_row_with_codes_only(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    with desk.house.act(desk.drafter) as connection:
        told = connection.execute(select(audit_entry).where(audit_entry.c.object_kind == "order")).all()
    actions = [row.action for row in told]
    assert actions == [
        f"order.{each}" for each in ["drafted", "signed", "queued", "paper", "sent", "receipt", "answered"]
    ]
    assert {row.object_id for row in told} == {str(order.id)}
    assert all("9999990000000000017" not in str(row.detail) for row in told)
