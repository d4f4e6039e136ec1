"""People who know nothing in the path: the gang's payments stay to the fen and the second, theirs are their own."""

from __future__ import annotations

from fanzha.simulation.bystanders import among_bystanders
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.accounts import Payment
from fanzha.simulation.laundering import Incident, incident
from fanzha.simulation.parameters import published
from tests.simulation.making import BEGAN, FIRST, SECOND, setup

BANKS = (setup(FIRST), setup(SECOND))


def street(number: int) -> tuple[Incident, Incident, frozenset[str]]:
    gang = incident(number, BEGAN, BANKS, published(), 5)
    return gang, *among_bystanders(gang, BEGAN, BANKS, published(), Chance(5, number))


def paid(case: Incident) -> dict[str, Payment]:
    return {each.payment_id: each for some in case.payments.values() for each in some}


def test_the_gang_pays_the_same_and_some_of_its_cash_goes_to_somebody_who_sold_something() -> None:
    sold = cashed = 0
    for number in range(60):
        gang, with_them, bystanders = street(number)
        after = paid(with_them)
        for each in paid(gang).values():
            same = after[each.payment_id]
            assert (same.payer_number, same.amount_fen, same.at) == (each.payer_number, each.amount_fen, each.at)
            cashed += each.payee_code is None
            sold += same.payee_number in bystanders
        assert with_them.told == gang.told
    assert 0.25 < sold / cashed < 0.5


def test_bystanders_pay_only_each_other() -> None:
    for number in range(60):
        gang, with_them, bystanders = street(number)
        for each in paid(with_them).values():
            if each.payment_id not in paid(gang):
                assert {each.payer_number, each.payee_number} <= bystanders
        assert not bystanders & {each.number for some in gang.openings.values() for each in some}


def test_the_same_seed_draws_the_same_people() -> None:
    assert street(3) == street(3)
    assert street(3)[2] != street(4)[2]
