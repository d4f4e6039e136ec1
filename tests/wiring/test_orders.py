"""An order from its draft to the bank and back, with people, clocks and a line that fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fanzha.adapters.store.cases import move_case, open_case
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.schema.institutions import institution_message
from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.wishes import waiting_keys
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Illegal, Invalid, NotFound, Unavailable
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Paper, Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.institution_mail import MESSAGE_WORK
from fanzha.wiring.orders import NewInstruction, cancel, instruct, look_at, open_order, prepared_under, revive, sign
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
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


def test_a_bank_that_is_still_at_work_moves_nothing_and_its_word_is_kept(desk: Staffed) -> None:
    desk.bank.later = True
    order = desk.signed(desk.opened())
    desk.deliver()
    desk.clock.move(timedelta(seconds=61))
    assert desk.deliver() == 1 and len(desk.bank.asked) == 1
    with desk.house.act_as_house() as connection:
        assert connection.scalars(select(institution_message.c.kind)).all() == ["status"]
        assert connection.scalar(select(func.count()).select_from(work).where(work.c.kind == MESSAGE_WORK)) == 0
    assert desk.seen(order).instructions[0].delivery is Delivery.SENT
    desk.bank.later = False
    desk.clock.move(timedelta(seconds=121))
    desk.deliver()
    assert desk.seen(order).effect is Effect.HELD


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
        keys = waiting_keys(connection, CLOCK_WORK, [f"{stop.id}:"])
    assert keys == []


def test_a_third_stop_of_one_account_is_illegal_whoever_asks(desk: Staffed) -> None:
    for _ in range(2):
        desk.signed(desk.opened())
        desk.deliver()
    with pytest.raises(Illegal, match="stops_used_up"):
        desk.opened()


def test_whoever_signs_last_sees_that_the_account_was_stopped_twice_meanwhile(desk: Staffed) -> None:
    held, waiting = desk.signed(desk.opened()), desk.opened()
    desk.deliver()
    extension = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="案情核查尚未完成")
    desk.signed(desk.at(desk.drafter, lambda at: instruct(at, held.id, extension)))
    desk.deliver()
    assert desk.seen(held).effect is Effect.EXTENDED
    with pytest.raises(Illegal, match="stops_used_up"):
        desk.signed(waiting)
    assert desk.seen(waiting) == waiting, "the draft stays, to be rejected or taken back"
    assert desk.deliver() == 0


def test_nobody_signs_the_prolonging_of_what_has_lapsed_since_it_was_drafted(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    extension = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="案情核查尚未完成")
    drafted = desk.at(desk.drafter, lambda at: instruct(at, order.id, extension))
    desk.clock.move(timedelta(hours=48))
    desk.ring()
    assert desk.seen(order).effect is Effect.LAPSED
    with pytest.raises(Illegal, match="not_to_sign"):
        desk.signed(drafted)
    lapsed = desk.seen(order)
    assert [each.paper for each in lapsed.instructions] == [Paper.SIGNED, Paper.CANCELLED]
    assert waits_for(lapsed) is not Waits.SIGNATURE, "nobody is asked for a signature that is worth nothing"
    desk.clock.move(timedelta(hours=1))
    assert desk.ring() == 0, "nor called for it"


def test_nobody_signs_for_what_is_over_before_its_clock_rang(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    extension = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="案情核查尚未完成")
    drafted = desk.at(desk.drafter, lambda at: instruct(at, order.id, extension))
    desk.clock.move(timedelta(hours=48))
    with pytest.raises(Illegal, match="not_in_force"):
        desk.signed(drafted)


def test_what_nobody_signed_yet_falls_with_the_order_that_was_let_go(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    extend, lift = (NewInstruction(act=act, terms=Terms(), reason="test") for act in (Act.EXTEND, Act.LIFT))
    desk.at(desk.drafter, lambda at: instruct(at, order.id, extend))
    desk.signed(desk.at(desk.drafter, lambda at: instruct(at, order.id, lift)))
    desk.deliver()
    lifted = desk.seen(order)
    assert lifted.effect is Effect.LIFTED
    assert [each.paper for each in lifted.instructions] == [Paper.SIGNED, Paper.CANCELLED, Paper.SIGNED]


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


def test_what_is_sent_anew_names_people_as_what_left_first_did(desk: Staffed) -> None:
    """A bank refuses another content under an id that it knows, so a new telephone meanwhile is not told."""
    desk.signed(desk.opened())
    desk.bank.loses.append(SILENCE)
    desk.deliver()
    desk.clock.move(timedelta(minutes=1))
    new = OfficerCard(
        user_id=desk.drafter.user_id or pytest.fail(),
        unit_path=COUNTY,
        document_type="02",
        document_number="990222",
        phone="0999-1200009",
    )
    with desk.house.act(person(CITY, 90)) as connection:
        keep_officer(connection, new, person(CITY, 90), desk.house.now())
        renamed = OrganCard(unit_path=COUNTY, code="990000000001", name="东山县公安局")
        keep_organ(connection, renamed, person(CITY, 90), desk.house.now())
    for _ in range(3):
        desk.clock.move(timedelta(minutes=1))
        desk.deliver()
    (sent,) = desk.bank.requests
    assert (sent.operator.phone, sent.organ.code) == ("0999-1200002", "990000000000")


def test_nothing_is_opened_by_the_house_in_a_case_that_was_erased(desk: Staffed) -> None:
    limits = proposed("first_stops")
    wanted = NewAuthority(
        kinds=frozenset({OrderKind.STOP}), limits=limits, until=desk.house.now() + timedelta(hours=1), reason="test"
    )
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        told, erased = draft_authority(at, wanted), replace(desk.case, state=CaseState.ERASED)
        with pytest.raises(Illegal, match="case_erased"):
            prepared_under(at, erased, desk.new(), told)
        with pytest.raises(Illegal, match="capacity_missing"):
            prepared_under(at, desk.case, desk.new(), told)
