"""An incident is what its entries add up to, and names only accounts that a person answers for."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fanzha.cases.incident import (
    Incident,
    IncidentEntry,
    IncidentEntryKind,
    IncidentState,
    ToldPayment,
    right_one,
    told,
)
from fanzha.cases.joined import as_one
from fanzha.kernel.errors import Illegal
from fanzha.kernel.ids import SubjectId, UserId
from fanzha.kernel.money import Fen
from tests.orders.making import NOW
from tests.workflows.test_chase_funds import INCIDENT

PAYEE, OTHER = SubjectId(1), SubjectId(2)


def entry(kind: IncidentEntryKind, value: str = "", subject: SubjectId | None = None) -> IncidentEntry:
    return IncidentEntry(kind=kind, at=NOW, by_id=None, by_name="test", value=value, subject=subject)


def test_what_a_bank_reports_by_itself_is_named_once_a_person_confirmed_it() -> None:
    by_bank = replace(INCIDENT, taken_by_id=None)
    assert not by_bank.names(PAYEE)
    assert told(by_bank, [entry(IncidentEntryKind.CONFIRMED, subject=PAYEE)]).names(PAYEE)
    by_person = replace(INCIDENT, taken_by_id=UserId(UUID(int=1)))
    assert by_person.names(PAYEE)
    assert not by_person.names(OTHER)


def test_nobody_s_account_is_left_out_and_confirmed_at_once() -> None:
    out = told(INCIDENT, [entry(IncidentEntryKind.EXCLUDED, subject=PAYEE)])
    assert out.excluded == {PAYEE}
    in_again = told(out, [entry(IncidentEntryKind.CONFIRMED, subject=PAYEE)])
    assert not in_again.excluded and in_again.confirmed == {PAYEE}


def test_a_closed_incident_changes_no_more_and_only_a_halted_one_resumes() -> None:
    closed = told(INCIDENT, [entry(IncidentEntryKind.CLOSED, "x")])
    assert closed.state is IncidentState.CLOSED
    with pytest.raises(Illegal):
        told(closed, [entry(IncidentEntryKind.HALTED, "x")])
    with pytest.raises(Illegal):
        told(INCIDENT, [entry(IncidentEntryKind.RESUMED, "x")])


def test_two_tellings_of_one_payment_are_one() -> None:
    again = replace(entry(IncidentEntryKind.PAYMENT), payment=INCIDENT.payments[0])
    assert told(INCIDENT, [again]).lost_fen == INCIDENT.lost_fen


def payment(payee: int, amount: int) -> ToldPayment:
    return replace(INCIDENT.payments[0], payee=SubjectId(payee), amount_fen=Fen(amount))


def tells(incident: Incident, payment: ToldPayment, key: str = "") -> Incident:
    put = right_one(incident, payment, key) if key else payment
    return told(incident, [replace(entry(IncidentEntryKind.PAYMENT), payment=put)])


@given(some.lists(some.tuples(some.integers(1, 4), some.integers(1, 3), some.integers(0, 6)), max_size=12))
def test_what_was_lost_is_the_sum_of_the_payments_that_stand(steps: list[tuple[int, int, int]]) -> None:
    """Told beside a plain reckoning: a set of payments from which the wrong one goes as the right one comes."""
    incident, stands = replace(INCIDENT, payments=()), set[tuple[int, int]]()
    for payee, amount, at in steps:
        wrong = incident.payments[at] if at < len(incident.payments) else None
        incident = tells(incident, payment(payee, amount), "" if wrong is None else wrong.key)
        if wrong is not None:
            stands.discard((wrong.payee, wrong.amount_fen))
        stands.add((payee, amount))
        assert {(each.payee, each.amount_fen) for each in incident.payments} == stands
        assert len(incident.payments) == len(stands)
        assert incident.lost_fen == sum(fen for _, fen in stands)
        assert incident.mistaken.isdisjoint(each for each, _ in stands)


def test_a_payment_that_was_put_right_is_not_put_right_again_and_what_nobody_tells_stays() -> None:
    named = replace(INCIDENT.payments[0], payee_name=SubjectId(77), payer=SubjectId(78))
    first = replace(INCIDENT, payments=(named,))
    right = tells(first, payment(2, 5_000), named.key)
    assert [(each.payee, each.payee_name, each.payer) for each in right.payments] == [(2, 77, 78)]
    with pytest.raises(Illegal):
        tells(right, payment(3, 5_000), named.key)
    with pytest.raises(Illegal):
        told(right, [replace(entry(IncidentEntryKind.PAYMENT), payment=replace(named, instead=named.what))])


def test_what_was_said_of_a_wrong_account_goes_with_it_unless_another_report_names_it() -> None:
    sure = told(INCIDENT, [entry(IncidentEntryKind.CONFIRMED, subject=PAYEE)])
    right = tells(sure, payment(2, 5_000), INCIDENT.payments[0].key)
    assert right.mistaken == {PAYEE} and not right.confirmed
    other = replace(INCIDENT, id=UUID(int=99), number="I2026-000002")
    assert as_one([right, replace(right, id=UUID(int=98))]).mistaken == {PAYEE}
    assert as_one([right, other]).mistaken == frozenset()
    assert as_one([right, replace(right, id=UUID(int=98), confirmed=frozenset({PAYEE}))]).mistaken == frozenset()
    assert tells(right, INCIDENT.payments[0]).mistaken == frozenset()
