"""What is kept with a case is what was kept, dies with the case, and stays dead after a restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from fanzha.adapters.ledger.originals import original_in
from fanzha.adapters.store.cases import move_case, open_case
from fanzha.adapters.store.erasures import Erasure, ask_erasure, erase_case, erasures
from fanzha.adapters.store.institution_messages import open_message
from fanzha.adapters.store.kept_files import living_files
from fanzha.adapters.store.order_locks import lock_with_holds
from fanzha.adapters.store.order_papers import paper_for
from fanzha.adapters.store.schema.institutions import institution_message_case, institution_message_key
from fanzha.cases.case import CaseState
from fanzha.cases.retention import retention_classes
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Broken, Illegal, NotFound
from fanzha.kernel.units import Actor
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.rulebook import load_retention
from fanzha.wiring import order_papers
from fanzha.wiring.house import House
from fanzha.wiring.keeping import erase, erase_again
from fanzha.wiring.kept_files import keep_snapshot, media_type_of
from fanzha.wiring.ledgers import places
from fanzha.wiring.order_papers import proof_of, set_again, take_paper
from fanzha.wiring.orders import NewInstruction, instruct
from fanzha.workflows.order_paper import TEMPLATE, order_paper
from tests.conftest import CITY, person
from tests.wiring.orders import Staffed, staffed

CLASSES = retention_classes(load_retention())
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def desk(house: House, clock: SetClock, county_actor: Actor) -> Staffed:
    with house.act(county_actor) as connection:
        case = open_case(connection, "测试·甲被骗", "exercise", county_actor, house.now())
    return staffed(house, clock, case)


def queried(desk: Staffed) -> Order:
    asked = desk.opened(OrderKind.QUERY, terms=Terms(query_of=QueryOf.HOLDER), payment=None)
    order = desk.signed(asked)
    desk.deliver()
    return desk.seen(order)


def over(desk: Staffed) -> None:
    """The case ended, and its time of keeping is over."""
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.DISMISSED, "演练结束", desk.drafter, desk.house.now())
    desk.clock.move(timedelta(days=62))


def erased(desk: Staffed) -> list[Erasure]:
    first, second = person(CITY, 91), person(CITY, 92)
    with desk.house.act(first) as connection:
        ask_erasure(connection, desk.case.id, CLASSES, "保存期限届满", first, desk.house.now())
    erase(desk.house, second, desk.case.ref)
    with desk.house.act(second) as connection:
        return erasures(connection)


def test_what_is_answered_in_a_case_at_this_moment_is_erased_with_it(desk: Staffed) -> None:
    """A bank's late answer under way, or it would keep its own living key in a case that is gone."""
    order = queried(desk)
    over(desk)
    first, second = person(CITY, 91), person(CITY, 92)
    with desk.house.act(first) as connection:
        ask_erasure(connection, desk.case.id, CLASSES, "保存期限届满", first, desk.house.now())

    def state() -> CaseState:
        return lock_with_holds(answering, [order.id], desk.drafter).cases[desk.case.id].state

    with desk.house.act(desk.drafter) as answering:
        assert state() is CaseState.DISMISSED
        with pytest.raises(OperationalError, match="lock timeout"), desk.house.act(second) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
            erase_case(connection, desk.case.id, CLASSES, second, desk.house.now())
    erase(desk.house, second, desk.case.ref)
    with desk.house.act(desk.drafter) as answering:
        assert state() is CaseState.ERASED


def messages(desk: Staffed) -> tuple[list[UUID], int]:
    """What institutions said of the case, and how much of it can be read."""
    with desk.house.act_as_house() as connection:
        own = institution_message_case.c
        told = list(connection.scalars(select(own.message_id).where(own.case_id == desk.case.id)))
        keys = select(func.count()).where(institution_message_key.c.message_id.in_(told))
        return told, connection.scalar(keys) or 0


def files(desk: Staffed) -> list[Path]:
    return [each for each in desk.house.evidence.rglob("*") if each.is_file()]


def test_what_institutions_said_and_what_was_kept_dies_with_the_case(desk: Staffed) -> None:
    queried(desk)
    keep_snapshot(desk.house, desk.drafter, desk.case.ref, PICTURE)
    (told,), readable = messages(desk)
    assert readable == 1 and len(files(desk)) == 2
    over(desk)
    (entry,) = erased(desk)
    assert entry.object_id == str(desk.case.id)
    assert messages(desk) == ([told], 0), "that something came stays known"
    with desk.house.act_as_house() as connection, pytest.raises(NotFound, match="no_message"):
        open_message(connection, desk.house.keys, told)
    with desk.house.act(desk.drafter) as connection:
        assert living_files(connection) == []
    assert files(desk) == []


def test_a_paper_of_an_erased_case_is_gone(desk: Staffed) -> None:
    order = queried(desk)
    over(desk)
    erased(desk)
    with desk.house.act(desk.drafter) as connection:
        kept = paper_for(connection, order.instructions[-1].id)
        assert kept is not None
        with pytest.raises(NotFound, match=r"evidence\.erased"):
            set_again(desk.house, connection, kept)


def test_a_restore_erases_it_again(desk: Staffed, house: House) -> None:
    queried(desk)
    over(desk)
    entry = Erasure(
        id=UUID(int=7),
        object_kind="case",
        object_id=str(desk.case.id),
        unit_path=desk.case.unit_path,
        reason="保存期限届满",
        at=desk.house.now(),
        actor_name="cli:yi",
    )
    assert erase_again(house, person(CITY, 92), [entry]) == [entry]
    assert messages(desk)[1] == 0 and files(desk) == []


def test_what_comes_for_an_erased_case_is_read_by_nobody(desk: Staffed) -> None:
    desk.bank.later = True
    order = queried(desk)
    desk.bank.later = False
    request = desk.bank.requests[0]
    desk.clock.move(timedelta(seconds=70))
    desk.deliver()
    assert desk.seen(order).effect is Effect.ANSWERED
    over(desk)
    erased(desk)
    before = messages(desk)[0]
    desk.bank.tell(desk.bank.answer(request))
    after, readable = messages(desk)
    assert len(after) == len(before) + 1 and readable == 0


def test_a_case_whose_orders_have_effect_is_not_erased(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.DISMISSED, "演练结束", desk.drafter, desk.house.now())
    desk.house.clock.move(timedelta(days=62))  # type: ignore[attr-defined]
    with pytest.raises(Illegal, match=r"cases\.erasure_orders") as refused:
        erased(desk)
    assert refused.value.fields["orders"] == order.number
    desk.ring()
    assert desk.seen(order).effect is Effect.LAPSED
    assert len(erased(desk)) == 1


def test_a_kept_paper_is_shown_whatever_becomes_of_its_template(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    order = queried(desk)
    instruction = order.instructions[-1].id

    def taken() -> bytes:
        return take_paper(desk.house, desk.drafter, order.number, instruction, "evidence").pdf

    def proven() -> str:
        return proof_of(desk.house, desk.drafter, instruction)

    first = taken()
    assert desk.bank.requests[0].documents[0].content == first
    order_papers._set.cache_clear()
    assert proven() == "same"
    monkeypatch.setattr(order_papers, "order_paper", lambda *told: replace(order_paper(*told), title="新式样"))
    assert proven() == "other", "other bytes under the same template are a fault"
    monkeypatch.setattr(order_papers, "TEMPLATE", TEMPLATE + 1)
    assert proven() == "newer"
    assert taken() == first


def test_a_paper_that_was_changed_on_the_disk_is_never_handed_out(desk: Staffed) -> None:
    order = queried(desk)
    with desk.house.act(desk.drafter) as connection:
        ((case, file, digest),) = living_files(connection)
    place = original_in(places(desk.house).kept(case, file), digest)
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with pytest.raises(Broken, match=r"ledger\.damaged"):
        take_paper(desk.house, desk.drafter, order.number, order.instructions[-1].id, "evidence")


def test_the_same_snapshot_twice_is_one(desk: Staffed) -> None:
    first = keep_snapshot(desk.house, desk.drafter, desk.case.ref, PICTURE)
    assert keep_snapshot(desk.house, desk.drafter, desk.case.ref, PICTURE) == first == sha256(PICTURE).hexdigest()
    with desk.house.act(desk.drafter) as connection:
        assert len(living_files(connection)) == 1
    assert all(PICTURE[8:] not in each.read_bytes() for each in files(desk)), "sealed"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (PICTURE, "image/png"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<script>alert(1)</script>", "text/plain"),
        ("客服来电录音文字".encode(), "text/plain"),
        (b"MZ\x90\0", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(body: bytes, told: str) -> None:
    assert media_type_of(body) == told


def test_an_instruction_that_follows_has_a_paper_of_its_own(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    asked = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="测试")
    desk.signed(desk.at(desk.drafter, lambda at: instruct(at, order.id, asked)))
    desk.deliver()
    with desk.house.act(desk.drafter) as connection:
        kept = {paper.sha256 for each in order.instructions if (paper := paper_for(connection, each.id))}
        assert kept <= {digest for _, _, digest in living_files(connection)}
