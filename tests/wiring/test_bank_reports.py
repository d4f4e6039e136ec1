"""A bank that meets a victim first reports by a message: a person finds a preliminary case, nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from fanzha.adapters.store.case_lines import Lines, case_lines
from fanzha.adapters.store.cases import case_entries, case_of, open_case
from fanzha.adapters.store.incidents import IncidentQuery, entries_of_incident, incidents
from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.mentions import NewLink, link_subject
from fanzha.adapters.store.units import rename_unit
from fanzha.cases.case import Case, CaseState, EntryKind
from fanzha.cases.incident import Incident, IncidentEntryKind, Source
from fanzha.cases.subjects import Mention, Role, SubjectKind
from fanzha.kernel.clock import SetClock
from fanzha.protocol.facts import Side
from fanzha.protocol.messages import BankReport, ReportType, StopType
from fanzha.protocol.parties import Officer, Payer, Target, TargetKind
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.ledgers import case_ledger
from tests.conftest import CITY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.answers import line
from tests.wiring.orders import Staffed, staffed
from tests.wiring.statement import CARD, PAYER


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def reported(desk: Staffed, **more: Any) -> BankReport:
    """A victim came to the bank's counter twenty minutes after paying."""
    now = desk.house.now()
    officer = Officer(document_type="01", document_number="990101199001011234", name="测试·受害人", phone="12000000001")
    told = {
        "report_id": str(uuid4()),
        "institution_code": BANK.code,
        "report_type": ReportType.REPORT,
        "stop_type": StopType.REPORTED_DEMAND,
        "reported_at": now,
        "exercise": True,
        "victim": officer,
        "payer": Payer(institution_code=BANK.code, name="测试·受害人", number=PAYER),
        "target": Target(
            kind=TargetKind.ACCOUNT,
            institution_code=BANK.code,
            institution_name=BANK.name_zh,
            number=CARD,
            holder_name="测试·甲",
        ),
        "currency": "CNY",
        "amount_fen": 5_000_000,
        "transfer_at": now - timedelta(minutes=20),
        "operator": officer,
        "held_fen": 4_000_000,
    }
    return BankReport(**{**told, **more})


def hear(desk: Staffed, report: BankReport) -> None:
    """Keep the report, and give it its effect."""
    with desk.house.act_as_house() as connection:
        new = NewMessage(
            institution_id=institution_called(connection, BANK.name).id,
            kind="report",
            message_id=report.report_id,
            application_id=None,
            key_id="test-bank-1",
            fingerprint=fingerprint(report),
            body=canonical(report),
            seal={},
        )
        keep_message(connection, desk.house.keys, new, desk.house.now(), CENTRE)
    while do_due_batch(desk.house, MESSAGE_WORK, MAIL):
        pass


def taken(desk: Staffed) -> list[Incident]:
    """Incidents as the city sees them."""
    with desk.house.act(person(CITY, 90)) as connection:
        return incidents(connection, IncidentQuery())


def notes(desk: Staffed, of: Incident) -> str:
    """Everything that was noted in the incident's case."""
    with desk.house.act(person(CITY, 90)) as connection:
        return "\n".join(each.value for each in case_entries(connection, of.case_id, EntryKind.NOTE))


def test_a_report_is_a_preliminary_case_with_paperwork_to_follow(desk: Staffed) -> None:
    report = reported(desk)
    hear(desk, report)
    hear(desk, report)
    (found,) = taken(desk)
    assert (found.source, found.lost_fen, found.identity_checked) == (Source.BANK, 5_000_000, False)
    assert found.paperwork_due > desk.house.now()
    with desk.house.act(person(CITY, 90)) as connection:
        _, lines = case_lines(connection, Lines(state="preliminary"))
    assert found.case_id in {each.case.id for each in lines}
    assert "40,000.00" in notes(desk, found)


def test_what_a_bank_says_it_holds_already_is_part_of_the_incident(desk: Staffed) -> None:
    hear(desk, reported(desk))
    hear(desk, reported(desk, held_fen=None))
    first, second = sorted(taken(desk), key=lambda each: each.number)
    with desk.house.act(person(CITY, 90)) as connection:
        told, untold = (entries_of_incident(connection, each.id) for each in (first, second))
    assert [(each.value, each.subject) for each in told if each.kind is IncidentEntryKind.HELD_BY_BANK] == [
        ("4000000", first.payments[0].payee)
    ]
    assert not any(each.kind is IncidentEntryKind.HELD_BY_BANK for each in untold)


def test_lines_of_a_report_are_movements_of_its_case(desk: Staffed) -> None:
    came = line(desk.house.now() - timedelta(minutes=20), 5_000_000, Side.CREDIT, PAYER, number=CARD)
    other = line(desk.house.now() - timedelta(minutes=20), 77, Side.CREDIT, PAYER, number=PAYER)
    hear(desk, reported(desk, transactions=(came, other)))
    (found,) = taken(desk)
    with desk.house.act(person(CITY, 90)) as connection:
        told = case_ledger(desk.house, connection, case_of(connection, found.case_id))
        assert [each.amount_fen for each in told.all_told(told.moving())] == [5_000_000]


def test_everybody_whom_a_report_names_goes_into_the_vault_at_once_and_in_order(desk: Staffed) -> None:
    added: list[list[int]] = []

    def note(_c: Any, _u: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("INSERT INTO subject "):
            added.append([each["id"] for each in json.loads(values["rows"])])

    other = line(desk.house.now() - timedelta(minutes=20), 77, Side.CREDIT, "9999990000000000111", number=CARD)
    event.listen(desk.house.engine, "before_cursor_execute", note)
    try:
        hear(desk, reported(desk, transactions=(other,)))
    finally:
        event.remove(desk.house.engine, "before_cursor_execute", note)
    assert len(taken(desk)) == 1
    assert len(added) == 1 and added[0] == sorted(added[0]), "piece by piece it could wait crosswise for another"
    assert len(added[0]) >= 7


def test_another_countys_account_is_only_told_whom_to_call(desk: Staffed) -> None:
    theirs = person(OTHER_COUNTY, 91)
    with desk.house.act(theirs) as connection:
        rename_unit(connection, OTHER_COUNTY, name_zh="测试县", name_en="Test county", contact="0999-1200009")
        other = open_case(connection, "测试·他县", "incident", theirs, desk.house.now())
        link = NewLink(case_id=other.id, mention=Mention(SubjectKind.ACCOUNT, CARD, Role.PERSON), reason="测试")
        link_subject(connection, desk.house.keys, link, theirs, desk.house.now())
    hear(desk, reported(desk))
    (found,) = taken(desk)
    said = notes(desk, found)
    assert "测试县" in said and "0999-1200009" in said
    assert other.ref not in said and other.title not in said


def test_an_account_at_a_bank_nobody_registered_is_a_lead_that_says_so(desk: Staffed) -> None:
    target = replace(reported(desk).target, institution_code="999999999999", institution_name="测试·远方银行")
    hear(desk, reported(desk, target=target))
    assert not taken(desk)
    with desk.house.act(person(CITY, 90)) as connection:
        _, lines = case_lines(connection, Lines(state="preliminary"))
        (lead,) = [each.case for each in lines if each.case.title != desk.case.title]
        (note,) = [each.value for each in case_entries(connection, lead.id, EntryKind.NOTE) if "远方" in each.value]
    assert lead.state is CaseState.PRELIMINARY and "50,000.00" in note


def test_a_completion_joins_the_report_it_names(desk: Staffed) -> None:
    first = reported(desk)
    hear(desk, first)
    later = {"report_type": ReportType.COMPLETION, "stop_type": StopType.COMPLETED_DEMAND}
    hear(desk, reported(desk, original_application_id=first.report_id, **later))
    (found,) = taken(desk)
    assert notes(desk, found).count("\n") >= 1


def test_a_report_from_the_future_takes_nothing_and_stands_stuck_with_the_reason(desk: Staffed) -> None:
    hear(desk, reported(desk, transfer_at=desk.house.now() + timedelta(days=9)))
    assert not taken(desk)
    with desk.house.act_as_house() as connection:
        stuck = connection.execute(text("SELECT last_error FROM work WHERE state = 'stuck'")).scalars().all()
    assert [each["code"] for each in stuck] == ["orders.payment_in_future"]
