"""Simulated institutions answer with the whole range of the national catalogue, each code for its own cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fanzha.protocol.answer import Answer, Progress, Receipt
from fanzha.protocol.messages import Refusal, RefusalCode
from fanzha.protocol.parties import HolderClass, TargetKind
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import Deed
from tests.protocol.messages import STOP
from tests.simulation.making import (
    ALICE,
    BEGAN,
    BOB,
    CARRIER,
    EMPTY,
    FIRST,
    FROZEN,
    LISTED,
    LOST,
    RESOLVER,
    SECOND,
    SHOP,
    UNTROUBLED,
    asked,
    city,
    setup,
    target,
)

HOURS = timedelta(hours=1)


def answer(world: SteppedInstitutions, request: Request, code: str = FIRST) -> Answer:
    """What a prompt institution answers at once."""
    reply = world.send(code, request)
    assert isinstance(reply, Answer), reply
    return reply


REFUSED: dict[str, Request] = {
    "0101": asked(Trade.STOP, target=target(holder_class=HolderClass.COMPANY)),
    "0201": asked(Trade.STOP, currency="USD"),
    "0300": asked(Trade.STOP, target=target("9999990000000000999")),
    "0301": asked(Trade.STOP, target=target(name="测试·别人")),
    "0302": asked(Trade.STOP, target=target(LISTED)),
    "0303": asked(Trade.STOP, target=target(LOST)),
    "0400": asked(Trade.LIFT_STOP, original_application_id=STOP.application_id),
    "0500": asked(Trade.STOP, target=target("９９９９")),
    "0600": asked(Trade.FREEZE, documents=()),
    "0700": asked(Trade.STOP, organ=replace(STOP.organ, code="000000990000")),
    "0801": asked(Trade.STOP, expires_at=BEGAN + 49 * HOURS),
    "1000": asked(
        Trade.BLOCK, target=target("12000000000", TargetKind.PHONE), expires_at=BEGAN + 49 * HOURS, starts_at=BEGAN
    ),
    "1303": asked(Trade.STOP, target=target(FROZEN)),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_request_has_its_code_and_no_effect(code: str) -> None:
    world, _ = city()
    told = answer(world, REFUSED[code])
    assert (told.result, told.held_fen, told.failure is not None) == (code, None, True)
    assert not world.truth


def test_a_stop_holds_what_is_there() -> None:
    world, _ = city()
    told = answer(world, asked(Trade.STOP))
    assert (told.result, told.balance_fen, told.held_fen) == ("0000", 100_000_00, 100_000_00)
    assert (told.started_at, told.ends_at) == (BEGAN, BEGAN + 48 * HOURS)
    assert [(each.deed, each.fen) for each in world.truth] == [(Deed.HELD, 100_000_00)]


def test_a_stop_of_an_empty_account_stands_and_says_that_little_is_there() -> None:
    world, _ = city()
    told = answer(world, asked(Trade.STOP, target=target(EMPTY)))
    assert (told.result, told.held_fen) == ("1200", 0)
    assert answer(world, asked(Trade.STOP, target=target(EMPTY))).result == "1301"


def test_the_card_is_as_good_as_the_number() -> None:
    world, _ = city()
    told = answer(world, asked(Trade.STOP, target=target("9999990000000000108")))
    assert (told.result, told.number, told.card) == ("0000", ALICE, "9999990000000000108")


def test_one_extension_and_none_after_the_end() -> None:
    world, clock = city()
    stop = asked(Trade.STOP)
    answer(world, stop)
    clock.move(40 * HOURS)
    later: dict[str, Any] = {"original_application_id": stop.application_id, "target": stop.target}
    too_long = asked(Trade.EXTEND_STOP, **later, expires_at=BEGAN + 97 * HOURS)
    assert answer(world, too_long).result == "0801"
    extension = asked(Trade.EXTEND_STOP, **later, expires_at=BEGAN + 96 * HOURS)
    told = answer(world, extension)
    assert (told.result, told.ends_at) == ("0000", BEGAN + 96 * HOURS)
    assert answer(world, asked(Trade.EXTEND_STOP, **later, expires_at=BEGAN + 144 * HOURS)).result == "1304"
    clock.move(60 * HOURS)
    assert answer(world, asked(Trade.EXTEND_STOP, **later, expires_at=BEGAN + 144 * HOURS)).result == "1800"
    assert answer(world, asked(Trade.LIFT_STOP, **later)).result == "1900"
    assert [each.deed for each in world.truth] == [Deed.HELD, Deed.PROLONGED, Deed.ENDED]
    assert world.truth[-1].at == BEGAN + 96 * HOURS
    assert answer(world, asked(Trade.STOP, clock.now())).result == "1304"


def test_a_lift_lets_go_once() -> None:
    world, _ = city()
    stop = asked(Trade.STOP)
    answer(world, stop)
    lifts = [asked(Trade.LIFT_STOP, original_application_id=stop.application_id) for _ in range(2)]
    assert [answer(world, each).result for each in lifts] == ["0000", "0900"]
    elsewhere = asked(Trade.LIFT_STOP, original_application_id=stop.application_id, target=target(EMPTY))
    assert answer(world, elsewhere).result == "0402"
    other_kind = asked(Trade.RELEASE, original_application_id=stop.application_id)
    assert answer(world, other_kind).result == "0401"


def test_a_freeze_takes_the_place_of_the_stop_and_lets_the_rest_go() -> None:
    world, clock = city()
    answer(world, asked(Trade.STOP))
    clock.move(24 * HOURS)
    told = answer(world, asked(Trade.FREEZE, clock.now()))
    assert (told.result, told.asked_fen, told.frozen_fen, told.available_fen) == (
        "0000",
        80_000_00,
        80_000_00,
        20_000_00,
    )
    assert [each.deed for each in world.truth] == [Deed.HELD, Deed.FROZEN, Deed.ENDED]


def test_a_second_limited_freeze_gets_what_is_left_and_a_third_waits() -> None:
    world, _ = city()
    answer(world, asked(Trade.FREEZE))
    second = answer(world, asked(Trade.FREEZE))
    assert (second.result, second.frozen_fen, len(second.prior_freezes)) == ("0000", 20_000_00, 1)
    third = answer(world, asked(Trade.FREEZE))
    assert (third.result, third.frozen_fen, len(third.prior_freezes)) == ("1302", 0, 2)


def test_a_waiting_freeze_takes_over_when_the_other_organs_ends() -> None:
    world, clock = city()
    freeze = asked(Trade.FREEZE, target=target(FROZEN))
    told = answer(world, freeze)
    assert (told.result, told.frozen_fen) == ("1303", 0)
    assert told.prior_freezes[0].organ == "测试市外地公安局"
    clock.move(timedelta(days=10))
    (active,) = (each for each in world.due() if isinstance(each, Answer))
    assert (active.trade, active.application_id, active.frozen_fen) == (
        Trade.ACTIVATE,
        freeze.application_id,
        50_000_00,
    )
    assert active.started_at == clock.now()
    assert active.ends_at is not None and active.ends_at > clock.now() + timedelta(days=180)
    assert [each.deed for each in world.truth] == [Deed.WAITING, Deed.ACTIVATED]
    status = world.ask(FIRST, freeze.application_id)
    assert [each.trade for each in status.answers] == [Trade.FREEZE, Trade.ACTIVATE]
    assert answer(world, freeze) == told, "the same question has the same answer, whatever came after"


def test_a_freeze_is_renewed_released_in_part_and_wholly() -> None:
    world, clock = city()
    freeze = asked(Trade.FREEZE)
    ends = answer(world, freeze).ends_at
    assert ends is not None
    later: dict[str, Any] = {"original_application_id": freeze.application_id}
    assert answer(world, asked(Trade.RENEW, **later, expires_at=ends)).result == "0801"
    assert answer(world, asked(Trade.RENEW, **later, expires_at=ends + timedelta(days=180))).result == "0000"
    part = answer(world, asked(Trade.RELEASE, **later, release_fen=30_000_00))
    assert (part.result, part.released_fen, part.frozen_fen) == ("0000", 30_000_00, 50_000_00)
    assert answer(world, asked(Trade.RELEASE, **later, release_fen=60_000_00)).result == "0202"
    rest = answer(world, asked(Trade.RELEASE, **later))
    assert (rest.result, rest.released_fen, rest.available_fen) == ("0000", 50_000_00, 100_000_00)
    assert answer(world, asked(Trade.RELEASE, **later)).result == "0900"
    assert answer(world, asked(Trade.RENEW, **later, expires_at=ends + timedelta(days=200))).result == "1800"
    clock.move(timedelta(days=300))
    assert Deed.ENDED not in {each.deed for each in world.truth}


def test_questions_are_answered_from_the_books() -> None:
    world, _ = city()
    holder = answer(world, asked(Trade.QUERY_HOLDER, target=target(SHOP, name=None)))
    assert holder.holder is not None
    assert (holder.holder.name, holder.holder.holder_class) == ("测试·商行", HolderClass.COMPANY)
    answer(world, asked(Trade.STOP))
    every = answer(world, asked(Trade.QUERY_ACCOUNTS))
    assert {each.number for each in every.accounts} == {ALICE, EMPTY, LISTED, LOST, FROZEN}
    stopped = {each.number: [kind.kind for kind in each.measures] for each in every.accounts}
    assert (stopped[ALICE], stopped[FROZEN], stopped[EMPTY]) == (["stop"], ["freeze"], [])


def test_a_phone_a_site_and_an_app_are_blocked_where_they_belong() -> None:
    world, clock = city(
        UNTROUBLED, setups=[setup(), setup(CARRIER, InstitutionKind.CARRIER), setup(RESOLVER, InstitutionKind.RESOLVER)]
    )
    site = target("https://scam.example/pay", TargetKind.SITE, code=RESOLVER, name=None)
    blocked = asked(Trade.BLOCK, target=site)
    assert answer(world, blocked, RESOLVER).result == "0000"
    assert answer(world, asked(Trade.BLOCK, target=site), RESOLVER).result == "0900"
    off = asked(Trade.UNBLOCK, target=site, original_application_id=blocked.application_id)
    assert answer(world, off, RESOLVER).result == "0000"
    phone = target("12000000000", TargetKind.PHONE, code=CARRIER, name=None)
    assert answer(world, asked(Trade.BLOCK, target=phone), CARRIER).result == "0300"
    wrong = target("scam.example", TargetKind.SITE, code=CARRIER, name=None)
    assert answer(world, asked(Trade.BLOCK, target=wrong), CARRIER).result == "1000"
    again = asked(Trade.BLOCK, target=site)
    answer(world, again, RESOLVER)
    clock.move(timedelta(days=31))
    world.advance()
    assert [each.deed for each in world.truth] == [Deed.BLOCKED, Deed.UNBLOCKED, Deed.BLOCKED, Deed.ENDED]


def test_the_same_id_is_answered_the_same_and_another_content_is_refused() -> None:
    world, _ = city()
    stop = asked(Trade.STOP)
    first = answer(world, stop)
    assert answer(world, stop) == first
    assert len(world.truth) == 1
    other = world.send(FIRST, replace(stop, amount_fen=1))
    assert isinstance(other, Refusal) and other.code is RefusalCode.OTHER_CONTENT


def test_what_is_not_theirs_is_refused_before_anything() -> None:
    world, _ = city()
    astray = world.send(SECOND, asked(Trade.STOP))
    real = world.send(FIRST, replace(asked(Trade.STOP), exercise=False))
    assert isinstance(astray, Refusal) and astray.code is RefusalCode.NOT_YOURS
    assert isinstance(real, Refusal) and real.code is RefusalCode.EXERCISE


def test_a_failure_of_the_banks_own_leaves_nothing_and_the_same_id_may_come_again() -> None:
    world, clock = city(UNTROUBLED.changed(failure__bank=0.5), setups=[setup(profile=Profile.AUTOMATIC)])
    course = world.institutions[FIRST].behaviour.course
    stop = next(
        each
        for each in (asked(Trade.STOP) for _ in range(99))
        if course(each.application_id, each.trade, 1).failure and not course(each.application_id, each.trade, 2).failure
    )
    results = []
    for _ in range(2):
        assert isinstance(world.send(FIRST, stop), Receipt)
        clock.move(timedelta(hours=1))
        results += [each.result for each in world.due() if isinstance(each, Answer)]
        if not world.truth:
            assert world.ask(FIRST, stop.application_id).progress is Progress.NOT_KNOWN
            other = world.send(FIRST, replace(stop, amount_fen=1))
            assert isinstance(other, Refusal) and other.code is RefusalCode.OTHER_CONTENT
    assert results == ["1300", "0000"]
    assert [each.deed for each in world.truth] == [Deed.HELD]


def test_bob_is_not_alice() -> None:
    world, _ = city()
    assert answer(world, asked(Trade.STOP, target=target(BOB))).result == "0301"
