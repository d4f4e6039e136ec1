"""What a person says of a chase holds in its very next round, whichever worker runs it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from fanzha.cases.incident import IncidentEntryKind
from fanzha.kernel.errors import Forbidden, Illegal
from fanzha.kernel.money import fen
from fanzha.orders.authority import Authority
from fanzha.orders.effects import OrderKind
from fanzha.wiring.authorities import narrow_authority
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.chase import draft_move
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import ROUND_KINDS, halt, judge_account
from fanzha.wiring.next_rounds import CHASES
from tests.conftest import COUNTY, person
from tests.journeys.test_chase import LOST, Night, night

__all__ = ["night"]
EVERYTHING = {OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR}


@pytest.fixture
def ready(night: Night) -> tuple[Night, Authority]:
    """A report under a signed authority, whose first round has not begun."""
    night.pass_minutes(2)
    night.report()
    return night, night.authority(EVERYTHING)


def two_workers(night: Night) -> None:
    """Two workers do every round that is due, at the same time."""

    def work(_: int) -> None:
        while any(do_due_batch(night.desk.house, each, CHASES) for each in ROUND_KINDS):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))


def act(night: Night, do: Callable[[Desk], object]) -> None:
    night.at(night.desk.drafter, do)


def made(night: Night) -> dict[OrderKind, int]:
    return {kind: len(night.orders(kind)) for kind in (OrderKind.STOP, OrderKind.QUERY) if night.orders(kind)}


def test_without_a_word_of_anybody_two_workers_do_each_thing_once(ready: tuple[Night, Authority]) -> None:
    night, _ = ready
    two_workers(night)
    assert made(night) == {OrderKind.STOP: 1, OrderKind.QUERY: 1}


def test_a_halt_holds_in_the_next_round_of_either(ready: tuple[Night, Authority]) -> None:
    night, _ = ready
    number = night.incident().number
    act(night, lambda desk: halt(desk, number, "测试:先核实"))
    two_workers(night)
    assert made(night) == {}


def test_an_account_that_was_left_out_is_left_alone(ready: tuple[Night, Authority]) -> None:
    night, _ = ready
    told = night.incident()
    payee = told.payments[0].payee
    act(night, lambda desk: judge_account(desk, told.number, IncidentEntryKind.EXCLUDED, payee, "测试:善意第三人"))
    two_workers(night)
    assert made(night) == {}


def test_what_a_person_decided_is_not_done_again(ready: tuple[Night, Authority]) -> None:
    night, _ = ready
    told = night.incident()
    act(night, lambda desk: draft_move(desk, told.number, OrderKind.STOP, told.payments[0].payee))
    two_workers(night)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.instructions[0].signatures == (), "it waits for a signature: no authority signed what a person drafted"


def test_narrowed_limits_bind_the_next_round_and_wider_ones_are_signed_anew(ready: tuple[Night, Authority]) -> None:
    night, given = ready
    less = replace(given.limits, total_fen=fen(LOST - 1))
    night.at(night.desk.second, lambda desk: narrow_authority(desk, given.number, less, "测试:核减总额"))
    two_workers(night)
    assert made(night) == {OrderKind.QUERY: 1}
    with pytest.raises(Illegal, match="not_narrower"):
        act(night, lambda desk: narrow_authority(desk, given.number, given.limits, "测试:放宽"))
    night.authority(EVERYTHING)
    two_workers(night)
    assert made(night)[OrderKind.STOP] == 1


def test_who_does_not_answer_for_an_authority_does_not_narrow_it(ready: tuple[Night, Authority]) -> None:
    night, given = ready
    less = replace(given.limits, accounts=1)
    with pytest.raises(Forbidden, match="not_yours"):
        night.at(person(COUNTY, 77), lambda desk: narrow_authority(desk, given.number, less, "测试"))
