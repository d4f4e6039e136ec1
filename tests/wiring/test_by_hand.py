"""An institution without a line: the paper lies ready, and what came back by hand goes the way of every answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.orders import entries_of
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, Invalid, NotFound
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect
from fanzha.orders.entries import EntryKind, Heard, HeardBy
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.registers.institutions import ConnectorKind
from fanzha.wiring.by_hand import ToldAnswer, record_answer
from fanzha.wiring.house import House, operator
from fanzha.wiring.kept_files import keep_snapshot, take_evidence
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed

ON_PAPER = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None)
RECEIPT = "ab" * 32
REPLY = b"%PDF-1.7 reply of a bank that does not exist"


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case, ON_PAPER)


@pytest.fixture
def carried(desk: Staffed) -> Order:
    """A stop that lies on somebody's desk as paper."""
    order = desk.signed(desk.opened())
    assert desk.deliver() == 1
    return desk.seen(order)


def told(desk: Staffed, **more: object) -> ToldAnswer:
    heard = Heard(by="测试·柜面", way=HeardBy.FAX, at=desk.house.now(), reference="测银〔2026〕7号")
    plain = ToldAnswer(result="0000", heard=heard, words="测试银行传真回执", balance_fen=2_500_000)
    return replace(plain, **more)  # type: ignore[arg-type]


def heard_at(desk: Staffed, later: timedelta) -> ToldAnswer:
    plain = told(desk)
    return replace(plain, heard=replace(plain.heard, at=plain.heard.at + later))


def answer(desk: Staffed, order: Order, this: ToldAnswer, evidence: str = RECEIPT) -> Order:
    instruction = order.instructions[-1].id
    return desk.at(desk.drafter, lambda at: record_answer(at, order.id, instruction, this, evidence))


def test_the_paper_lies_ready_when_a_person_must_carry_it(desk: Staffed, carried: Order) -> None:
    assert carried.instructions[-1].delivery is Delivery.DEAD
    assert waits_for(carried) is Waits.PERSON
    assert desk.bank.requests == []
    with desk.house.act(desk.drafter) as connection:
        (paper,) = papers_of(connection, carried.id)
        (entry,) = [each for each in entries_of(connection, carried.id) if each.kind is EntryKind.PAPER]
    assert (entry.code, entry.reason) == (f"issued.{paper.sha256}", paper.number)
    assert "9999990000000000017" not in str(paper.facts) and "测试·甲" not in str(paper.facts), (
        "names stay in the vault"
    )


def test_what_came_back_by_hand_takes_effect_and_names_who_told_it(desk: Staffed, carried: Order) -> None:
    begun = desk.house.now() - timedelta(minutes=10)
    held = answer(desk, carried, told(desk, held_fen=2_500_000, starts_at=begun))
    assert (held.effect, held.holding_fen, held.starts_at) == (Effect.HELD, 2_500_000, begun)
    assert held.ends_at == begun + timedelta(hours=48)
    with desk.house.act(desk.drafter) as connection:
        *_, received, effect = entries_of(connection, carried.id)
    assert (received.kind, received.code) == (EntryKind.PAPER, f"received.{RECEIPT}")
    assert received.by.user_id == effect.by.user_id == desk.drafter.user_id
    assert received.heard is not None
    assert (received.heard.by, received.heard.way, received.heard.reference) == ("测试·柜面", "fax", "测银〔2026〕7号")


def test_a_refusal_by_hand_refuses(desk: Staffed, carried: Order) -> None:
    assert answer(desk, carried, told(desk, result="0301")).effect is Effect.REFUSED


@pytest.mark.parametrize(
    ("more", "evidence", "code"),
    [
        ({}, "", "orders.bad_evidence"),
        ({}, "AB" * 32, "orders.bad_evidence"),
        ({"result": "4711"}, RECEIPT, "orders.unknown_result"),
        ({"words": " "}, RECEIPT, "cases.empty_text"),
        ({"words": "长" * 501}, RECEIPT, "cases.long_text"),
        ({"held_fen": 2_500_001}, RECEIPT, "orders.claims_beyond"),
        ({"held_fen": -1}, RECEIPT, "protocol.out_of_bounds"),
    ],
)
def test_what_no_receipt_says_is_refused_and_nothing_changes(
    desk: Staffed, carried: Order, more: dict[str, object], evidence: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        answer(desk, carried, told(desk, **more), evidence)
    assert refused.value.code == code
    assert desk.seen(carried) == carried


def test_nobody_answers_later_than_now_or_before_it_left(desk: Staffed, carried: Order) -> None:
    with pytest.raises(Invalid, match=r"orders\.answer_in_future"):
        answer(desk, carried, heard_at(desk, timedelta(hours=1)))
    with pytest.raises(Invalid, match=r"orders\.answer_before_asked"):
        answer(desk, carried, heard_at(desk, -timedelta(hours=1)))
    later = desk.house.now() + timedelta(hours=1)
    with pytest.raises(Invalid, match=r"orders\.effect_in_future"):
        answer(desk, carried, told(desk, starts_at=later))
    with pytest.raises(Invalid, match=r"orders\.answer_backwards"):
        answer(desk, carried, told(desk, starts_at=desk.house.now(), ends_at=desk.house.now()))
    nobody = replace(told(desk), heard=replace(told(desk).heard, by=" "))
    with pytest.raises(Invalid, match=r"orders\.answer_by_nobody"):
        answer(desk, carried, nobody)
    assert desk.seen(carried) == carried
    with pytest.raises(Illegal, match=r"orders\.not_out"):
        answer(desk, desk.opened(), told(desk))
    answer(desk, carried, told(desk))
    with pytest.raises(Illegal, match=r"orders\.not_out"):
        answer(desk, carried, told(desk, result="0301"))


def test_who_may_not_serve_papers_tells_no_answer(desk: Staffed, carried: Order) -> None:
    instruction = carried.instructions[-1].id
    for actor in (desk.second, desk.chief, replace(operator(), scope=desk.case.unit_path)):
        with pytest.raises(FanzhaError) as refused:
            desk.at(actor, lambda at: record_answer(at, carried.id, instruction, told(desk), RECEIPT))
        assert isinstance(refused.value, Forbidden)


def test_a_sum_beyond_what_there_is_counts_as_the_smaller_and_waits_for_a_second_look(
    desk: Staffed, carried: Order
) -> None:
    held = answer(desk, carried, told(desk, held_fen=9_000_000, sure=True))
    assert (held.holding_fen, held.contradicted) == (2_500_000, ("held_beyond_limit",))
    assert waits_for(held) is Waits.PERSON


def test_a_reply_that_was_kept_is_opened_again_from_its_order(desk: Staffed, carried: Order, case: Case) -> None:
    kept = keep_snapshot(desk.house, desk.drafter, case.ref, REPLY)
    answer(desk, carried, told(desk, held_fen=2_500_000), kept)
    assert take_evidence(desk.house, desk.drafter, carried.number, "evidence", kept)[1] == REPLY
    other = keep_snapshot(desk.house, desk.drafter, case.ref, REPLY + b"x")
    with pytest.raises(NotFound):
        take_evidence(desk.house, desk.drafter, carried.number, "evidence", other)
