"""An incident is what its entries add up to, and names only accounts that a person answers for."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from fanzha.cases.incident import IncidentEntry, IncidentEntryKind, IncidentState, told
from fanzha.kernel.errors import Illegal
from fanzha.kernel.ids import SubjectId, UserId
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
