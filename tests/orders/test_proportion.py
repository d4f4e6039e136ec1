"""What takes more than people allowed is let go once that is sure, unless a named person says that it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.kernel.money import Fen
from fanzha.orders.drafting import drafted
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import NOT_LET_GO, folded
from fanzha.orders.order import Order, Terms
from fanzha.orders.proportion import Lying, beyond_traced, is_to_end, out_of_proportion, takes_too_much
from tests.orders.making import DRAFTER, HOUSE, LAW, NOW, applied, ground, opened, wish
from tests.orders.test_authority import authority

REVIEW = timedelta(minutes=30)
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


def test_it_ends_once_its_statement_is_told_and_without_one_when_the_review_is_over() -> None:
    stop = stopped()
    assert is_to_end(stop, is_told=True, review=REVIEW, now=NOW)
    assert not is_to_end(stop, is_told=False, review=REVIEW, now=NOW + REVIEW - timedelta(seconds=1))
    assert is_to_end(stop, is_told=False, review=REVIEW, now=NOW + REVIEW)


@pytest.mark.parametrize(
    "change",
    [
        {"out_of_proportion_at": None},
        {"confirmed_at": NOW},
        {"effect": Effect.LIFTED},
        {"effect": Effect.CONVERTED},
        {"kind": OrderKind.FREEZE},
        {"unseen": (NOT_LET_GO,)},
    ],
)
def test_it_stays_where_nobody_was_called_a_person_keeps_it_or_it_is_over(change: dict[str, object]) -> None:
    assert not is_to_end(replace(stopped(), **change), is_told=True, review=REVIEW, now=NOW)  # type: ignore[arg-type]


def test_the_house_tries_to_let_go_once() -> None:
    lift = drafted(stopped(), wish(2, Act.LIFT, Terms()), ground(), DRAFTER, NOW)
    assert not is_to_end(folded(stopped(), [lift]), is_told=True, review=REVIEW, now=NOW)


def test_what_was_let_go_counts_for_the_hours_that_it_was_held() -> None:
    lift = drafted(stopped(), wish(2, Act.LIFT, Terms()), ground(), DRAFTER, NOW)
    order = folded(stopped(), [lift])
    after = replace(order.instructions[-1], answered_at=NOW + timedelta(hours=2))
    let_go = replace(order, effect=Effect.LIFTED, instructions=(*order.instructions[:-1], after))
    assert beyond_traced([let_go], 60, NOW + timedelta(hours=9)) == (0, 99 * 2)


def test_hours_of_money_beyond_what_is_traced_are_told_while_it_is_held() -> None:
    assert beyond_traced([stopped()], 60, NOW + timedelta(hours=3)) == (40, 120)
