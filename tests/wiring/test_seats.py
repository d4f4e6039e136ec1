"""A resident sees and answers the orders to one institution, and of the rest of the house nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.orders import order_if_free
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.views.orders import AskedAnswer
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from fanzha.orders.effects import Effect
from fanzha.orders.order import Order
from fanzha.registers.institutions import ConnectorKind
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House, operator
from fanzha.wiring.new_orders import NewPayment
from fanzha.wiring.order_papers import issued
from fanzha.wiring.requests import encloses
from fanzha.wiring.staff import give_role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, resident, staffed

ON_PAPER = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None)
RIVAL = replace(
    ON_PAPER, name="rival-bank", keys=(), code="999900000002", name_zh="测试·邻行", name_en="Rival test bank"
)
ADMIN = person(CITY, 90)
REPLY = b"%PDF-1.7 reply of a bank that does not exist"


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    made = staffed(house, clock, case, ON_PAPER)
    with house.act(ADMIN) as connection:
        enter_profile(connection, RIVAL, ADMIN, "test", house.now(), unit=CITY)
    return made


@pytest.fixture
def carried(desk: Staffed) -> Order:
    """A stop that no line takes to the bank: it lies as paper."""
    order = desk.signed(desk.opened())
    desk.deliver()
    return desk.seen(order)


@pytest.fixture
def data(desk: Staffed) -> HouseData:
    return HouseData(desk.house)


def told(desk: Staffed, order: Order, evidence: str) -> AskedAnswer:
    begun = desk.house.now() - timedelta(minutes=10)
    return AskedAnswer(
        instruction=str(order.instructions[-1].id),
        result="0000",
        by="测试·驻点",
        way="visit",
        at=desk.house.now(),
        evidence=evidence,
        balance_fen=2_500_000,
        held_fen=2_500_000,
        starts_at=begun,
    )


def test_an_order_to_a_bank_without_a_line_is_seen_and_answered_from_its_seat(
    desk: Staffed, carried: Order, data: HouseData
) -> None:
    seat = resident(desk.house, ON_PAPER.name)
    (line,) = data.seat(seat).lines
    assert (line.number, line.is_out, line.stake_fen) == (carried.number, True, 4_000_000)
    assert "9999990000000000017" not in str(line) and "测试·甲" not in str(line), "the paper has it in full"
    asked = data.seat_answer_form(seat, carried.number, line.instruction)
    assert "9999990000000000025" not in str(asked) and asked.line.target.ref is None
    data.seat_answer(seat, carried.number, told(desk, carried, data.keep_reply(seat, carried.number, REPLY)))
    held = desk.seen(carried)
    assert (held.effect, held.holding_fen) == (Effect.HELD, 2_500_000)
    assert data.seat(seat).lines == []
    with desk.house.act(desk.drafter) as connection:
        who = set(
            connection.scalars(
                text("SELECT actor_name FROM audit_entry WHERE object_id = :id AND actor_id = :who"),
                {"id": str(carried.id), "who": seat.user_id},
            )
        )
    assert who == {seat.name}, "the answer is on record in the resident's own name"


def test_what_the_centre_has_to_mend_comes_last_and_is_not_the_bank_s_to_hold(
    desk: Staffed, carried: Order, data: HouseData
) -> None:
    seat = resident(desk.house, ON_PAPER.name)
    lacking = replace(told(desk, carried, data.keep_reply(seat, carried.number, REPLY)), result="0600")
    lacking = replace(lacking, held_fen=None, balance_fen=None, starts_at=None)
    before, plain = desk.seen(carried), replace(ON_PAPER, demands=())
    assert not encloses(before, before.instructions[-1], plain)
    data.seat_answer(seat, carried.number, lacking)
    refused = desk.seen(carried)
    assert encloses(refused, refused.instructions[-1], plain), "what it lacked goes with the next request"
    assert (data.seat(seat).fen, [each.is_out for each in data.seat(seat).lines]) == (0, [False])
    payment = NewPayment(amount_fen=1_000_000, at=desk.house.now() - timedelta(minutes=5))
    desk.signed(desk.opened(number="9999990000000000033", payment=payment))
    desk.deliver()
    view = data.seat(seat)
    assert [each.is_out for each in view.lines] == [True, False], "the greater sum is the centre's to mend"
    assert view.fen == 1_000_000


def test_the_next_bank_and_the_next_county_see_none_of_it(desk: Staffed, carried: Order, data: HouseData) -> None:
    instruction = str(carried.instructions[-1].id)
    for other in (resident(desk.house, RIVAL.name), resident(desk.house, ON_PAPER.name, OTHER_COUNTY)):
        assert data.seat(other).lines == []
        for doing in (
            lambda who: data.seat_answer_form(who, carried.number, instruction),
            lambda who: data.seat_answer_form(who, str(carried.id), instruction),
            lambda who: data.seat_answer(who, carried.number, told(desk, carried, "ab" * 32)),
            lambda who: data.keep_reply(who, carried.number, REPLY),
        ):
            with pytest.raises(NotFound):
                doing(other)
    assert desk.seen(carried) == carried


def test_a_draft_is_nothing_that_the_bank_sees(desk: Staffed, data: HouseData) -> None:
    draft, seat = desk.opened(), resident(desk.house, ON_PAPER.name)
    assert data.seat(seat).lines == []
    with pytest.raises(NotFound):
        data.seat_answer_form(seat, draft.number, str(draft.instructions[-1].id))


def test_nobody_else_sits_there(desk: Staffed, data: HouseData) -> None:
    for actor in (desk.drafter, operator()):
        with pytest.raises(Forbidden):
            data.seat(actor)


def test_the_database_itself_shows_a_resident_orders_of_the_institution_alone(desk: Staffed, carried: Order) -> None:
    tables = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
    own, rival = resident(desk.house, ON_PAPER.name), resident(desk.house, RIVAL.name)
    shown = {}
    for who in (own, rival):
        with desk.house.act(who) as connection:
            readable = [
                each
                for each in connection.scalars(text(tables))
                if connection.scalar(text("SELECT has_table_privilege(:table, 'SELECT')"), {"table": each})
            ]
            counted = {each: connection.scalar(text(f"SELECT count(*) FROM {each}")) for each in readable}
            shown[who.name] = {table for table, rows in counted.items() if rows}
    assert shown[own.name] == {"order_file", "order_entry", "order_standing", "order_application"}
    assert shown[rival.name] == set()


def test_every_protected_table_is_kept_from_residents(house: House) -> None:
    missing = text(
        "SELECT relname FROM pg_class c WHERE relrowsecurity AND relnamespace = 'public'::regnamespace AND NOT EXISTS"
        " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'resident' AND NOT p.polpermissive)"
    )
    with house.act(ADMIN) as connection:
        assert connection.scalars(missing).all() == [], "row_security.keep_from_residents"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (("reader", ""), ("resident", ON_PAPER.name)),
        (("resident", ON_PAPER.name), ("reader", "")),
        (("resident", ON_PAPER.name), ("resident", RIVAL.name)),
    ],
)
def test_who_sits_for_an_institution_is_nothing_else(
    desk: Staffed, first: tuple[str, str], then: tuple[str, str]
) -> None:
    with desk.house.act(ADMIN) as connection:
        add_person(connection, NewPerson(login="both", name="测试·驻点", unit_path=COUNTY), desk.house.wall.now())
    give_role(desk.house, ADMIN, "both", first[0], COUNTY, first[1])
    with pytest.raises(Conflict, match=r"access\.seat_alone"):
        give_role(desk.house, ADMIN, "both", then[0], OTHER_COUNTY, then[1])


@pytest.mark.parametrize(("role", "institution"), [("resident", ""), ("reader", ON_PAPER.name)])
def test_a_seat_is_of_an_institution_and_no_other_role_is(desk: Staffed, role: str, institution: str) -> None:
    with pytest.raises(Invalid, match=r"access\.seat_institution"):
        give_role(desk.house, ADMIN, desk.drafter.name, role, COUNTY, institution)


def test_the_paper_is_taken_from_the_seat_for_a_purpose_and_by_nobody_else_s_resident(
    desk: Staffed, carried: Order, data: HouseData
) -> None:
    seat, rival = resident(desk.house, ON_PAPER.name), resident(desk.house, RIVAL.name)
    instruction = str(carried.instructions[-1].id)
    taken = data.seat_paper(seat, carried.number, instruction, "stop_payment")
    assert taken.pdf[:4] == b"%PDF"
    assert "9999990000000000017" not in taken.file_name
    for who, which in ((rival, instruction), (seat, str(carried.id))):
        with pytest.raises(NotFound):
            data.seat_paper(who, carried.number, which, "stop_payment")
    with pytest.raises(Forbidden):
        data.seat_paper(desk.drafter, carried.number, instruction, "stop_payment")
    with desk.house.act(ADMIN) as connection:
        marks = text("SELECT actor_id, purpose FROM audit_entry WHERE action = 'order.paper_taken'")
        assert [tuple(each) for each in connection.execute(marks)] == [(seat.user_id, "stop_payment")]
    data.seat_answer(seat, carried.number, told(desk, carried, data.keep_reply(seat, carried.number, REPLY)))
    with pytest.raises(NotFound):
        data.seat_paper(seat, carried.number, instruction, "stop_payment")


def test_nobody_moves_an_order_while_a_resident_takes_its_paper(
    desk: Staffed, carried: Order, data: HouseData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paper that is set now is an entry: written beside a bank's answer, it would show the order as it was before."""
    seat = resident(desk.house, ON_PAPER.name)
    free: list[Order | None] = []

    def meanwhile(at: Desk, order: Order, instruction: UUID) -> tuple[Order, SetPaper]:
        with desk.house.act(desk.drafter) as connection:
            free.append(order_if_free(connection, order.id))
        return issued(at, order, instruction)

    monkeypatch.setattr("fanzha.wiring.seats.issued", meanwhile)
    data.seat_paper(seat, carried.number, str(carried.instructions[-1].id), "stop_payment")
    assert free == [None]


def test_what_left_without_its_paper_leaves_anew_without_it_whatever_was_said_of_others_since(
    desk: Staffed, carried: Order
) -> None:
    """A bank that got it keeps it by its id: the same id with other words is refused."""
    plain, at = replace(ON_PAPER, demands=()), desk.clock.now()
    left = replace(desk.seen(carried).instructions[-1], first_sent_at=at)
    lacked = replace(left, id=uuid4(), code="0600", answered_at=at + timedelta(seconds=1))
    order = replace(carried, instructions=(lacked, left))
    assert not encloses(order, left, plain)
    assert encloses(order, replace(left, first_sent_at=None), plain)
