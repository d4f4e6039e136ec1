"""What takes more than people allowed is let go once that is sure, unless a named person says that it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.kernel.money import Fen
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import drafted
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import NOT_LET_GO, folded
from fanzha.orders.order import Order, Paper, Terms
from fanzha.orders.proportion import (
    Lying,
    beyond_traced,
    is_kept,
    is_to_end,
    nothing_left,
    out_of_proportion,
    review_ends,
    takes_too_much,
    traced_now,
)
from tests.orders.making import DRAFTER, HOUSE, LAW, NOW, applied, ground, opened, wish
from tests.orders.test_authority import authority

FIFTH = replace(authority(), limits=replace(authority().limits, least_share_ppm=200_000))


def lying(traced: int, balance: int | None, own: int | None = None) -> Lying:
    return Lying(
        traced_fen=Fen(traced),
        balance_fen=None if balance is None else Fen(balance),
        own_fen=None if own is None else Fen(own),
    )


def stopped(held: int = 100) -> Order:
    """A stop that holds so much, of which people were told just now that it takes too much."""
    order = replace(applied(opened()), effect=Effect.HELD, held_fen=Fen(held), starts_at=NOW)
    called = out_of_proportion(order, lying(1, 100), FIFTH, LAW.authority, HOUSE, NOW)
    assert called is not None
    return folded(order, [called])


@pytest.mark.parametrize(
    ("traced", "balance", "too_much"),
    [(20, 100, False), (19, 100, True), (0, 1, True), (0, 0, False), (0, None, False)],
)
def test_too_much_is_less_than_the_least_share_of_a_balance_that_somebody_told(
    traced: int, balance: int | None, too_much: bool
) -> None:
    assert takes_too_much(lying(traced, balance), FIFTH, LAW.authority) is too_much


@pytest.mark.parametrize(("traced", "own", "too_much"), [(100, 50, False), (100, 51, True), (100, None, False)])
def test_too_much_is_also_more_of_the_holder_s_own_than_half_of_what_is_traced(
    traced: int, own: int | None, too_much: bool
) -> None:
    assert takes_too_much(lying(traced, 200, own), FIFTH, LAW.authority) is too_much


def ends(order: Order, *on_account: Order, at_once: bool = True, minutes: float = 0) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return is_to_end(order, on_account, at_once=at_once, law=LAW.authority, now=now)


def test_people_have_the_review_s_minutes_to_look_unless_it_ends_at_once() -> None:
    assert ends(stopped())
    assert not ends(stopped(), at_once=False)
    assert not ends(stopped(), at_once=False, minutes=29.9)
    assert ends(stopped(), at_once=False, minutes=30)
    assert review_ends(stopped(), (), LAW.authority) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    "change",
    [
        {"out_of_proportion_at": None},
        {"confirmed_at": NOW},
        {"effect": Effect.LIFTED},
        {"effect": Effect.EXTENDED},
        {"effect": Effect.CONVERTED},
        {"kind": OrderKind.FREEZE},
        {"unseen": (NOT_LET_GO,)},
    ],
)
def test_it_stays_where_nobody_was_called_a_person_keeps_it_or_it_is_over(change: dict[str, object]) -> None:
    kept = replace(stopped(), **change)  # type: ignore[arg-type]
    assert not ends(kept, minutes=60)
    assert review_ends(kept, (), LAW.authority) is None


def test_an_extension_that_somebody_drafted_keeps_it_until_it_is_taken_back() -> None:
    stop = stopped()
    stop = replace(stop, instructions=(replace(stop.instructions[0], delivery=Delivery.ANSWERED),))
    asked = folded(stop, [drafted(stop, wish(2, Act.EXTEND, Terms()), ground(), DRAFTER, NOW)])
    assert not asked.ends_unless_confirmed
    assert not ends(asked, minutes=60)
    *others, last = asked.instructions
    assert ends(replace(asked, instructions=(*others, replace(last, paper=Paper.CANCELLED))))


@pytest.mark.parametrize(
    ("effect", "kept"),
    [
        (Effect.DRAFT, True),
        (Effect.APPROVED, True),
        (Effect.REFUSED, True),
        (Effect.WAITING, True),
        (Effect.FROZEN, True),
        (Effect.CANCELLED, False),
        (Effect.RELEASED, False),
    ],
)
def test_a_freeze_that_takes_its_place_keeps_it(effect: Effect, kept: bool) -> None:
    freeze = replace(opened(OrderKind.FREEZE), effect=effect)
    assert is_kept(stopped(), [freeze]) is kept
    assert ends(stopped(), freeze) is not kept
    other = replace(freeze, kind=OrderKind.STOP)
    assert not is_kept(stopped(), [other])


def test_the_house_tries_to_let_go_once() -> None:
    lift = drafted(stopped(), wish(2, Act.LIFT, Terms()), ground(), DRAFTER, NOW)
    assert not ends(folded(stopped(), [lift]), minutes=60)


def test_where_nothing_traced_is_left_anything_that_lies_there_is_too_much() -> None:
    stop = replace(stopped(), held_fen=Fen(50_000))
    any_share = replace(FIFTH, limits=replace(FIFTH.limits, least_share_ppm=0))
    for order, too_much in ((stop, True), (replace(stop, balance_fen=Fen(100)), False), (stopped(100), False)):
        assert takes_too_much(nothing_left(order), any_share, LAW.authority) is too_much


def test_people_are_not_called_again_for_what_one_of_them_keeps() -> None:
    stop = replace(applied(opened()), effect=Effect.HELD, confirmed_at=NOW)
    assert out_of_proportion(stop, lying(1, 100), FIFTH, LAW.authority, HOUSE, NOW) is None


def test_a_stop_of_which_nothing_is_traced_any_more_is_none_that_waits_for_money() -> None:
    stop = replace(applied(opened()), effect=Effect.HELD, held_fen=Fen(50_000), starts_at=NOW)
    called = out_of_proportion(stop, nothing_left(stop), FIFTH, LAW.authority, HOUSE, NOW)
    assert called is not None
    called_for = folded(stop, [called])
    assert (called_for.victim_traceable_fen, called_for.is_early) == (0, False)


def test_what_is_traced_when_it_is_let_go_is_written_where_that_is_new() -> None:
    assert traced_now(stopped(), Fen(1), HOUSE, NOW) is None
    entry = traced_now(stopped(), Fen(7), HOUSE, NOW)
    assert entry is not None
    assert folded(stopped(), [entry]).victim_traceable_fen == 7


def test_what_was_let_go_counts_for_the_hours_that_it_was_held() -> None:
    lift = drafted(stopped(), wish(2, Act.LIFT, Terms()), ground(), DRAFTER, NOW)
    order = folded(stopped(), [lift])
    after = replace(order.instructions[-1], answered_at=NOW + timedelta(hours=2))
    let_go = replace(order, effect=Effect.LIFTED, instructions=(*order.instructions[:-1], after))
    assert beyond_traced([let_go], 60, NOW + timedelta(hours=9)) == (0, 99 * 2)


def test_hours_of_money_beyond_what_is_traced_are_told_while_it_is_held() -> None:
    assert beyond_traced([stopped()], 60, NOW + timedelta(hours=3)) == (40, 120)
