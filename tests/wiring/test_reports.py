"""The report of a case is the same bytes again, for whoever may have it, and leaves a mark."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports, set_excluded
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Invalid, NotFound
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.reports import report_pdf, taken_report
from fanzha.wiring.statements import import_files
from fanzha.wiring.trace_files import FlowFile, flow_file
from fanzha.wiring.tracing import TakenTrace, marked, traced_dossier
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.report_case import Report
from tests.adapters.documents.pdf_text import pages
from tests.wiring.statement import CARD, PAYER, written


def values(house: House, actor: Actor, ref: str, asked: Asked, purpose: str = "case_work") -> Report:
    """The report before it is set."""
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        found = answered(ledger, case_flow(ledger.rows, ledger.found), asked, live_typologies())
        taken = TakenTrace(case=case, traced=found, purpose=purpose)
        return taken_report(house, connection, actor, taken)


ASKED = Asked(starts=(f"{CARD}@2026-03-01T09:12:05@5000000",))


@pytest.fixture
def told(house: House, case: Case, county_actor: Actor, tmp_path: Path) -> Case:
    """A case with a statement of one payment."""
    import_files(house, county_actor, case.ref, [written(tmp_path, "王小甲.csv")])
    return case


def test_the_same_data_is_the_same_report_whenever_it_is_asked_for(
    house: House, told: Case, county_actor: Actor, clock: SetClock
) -> None:
    first = report_pdf(house, county_actor, told.ref, ASKED, "case_work", "zh")
    clock.move(timedelta(days=400))
    assert report_pdf(house, county_actor, told.ref, ASKED, "case_work", "zh") == first

    shown = "\n".join(pages(first))
    assert f"{CARD[:4]} {CARD[4:8]}" in shown and "测试·甲" in shown and "50,000.00" in shown
    assert "东山县反诈中心" in shown and "tester2" in shown and "演练数据" in shown
    assert all("演练数据" in page for page in pages(first))


def test_without_a_purpose_it_is_masked_in_every_language(house: House, told: Case, county_actor: Actor) -> None:
    for language in ("zh", "en"):
        shown = "".join(pages(report_pdf(house, county_actor, told.ref, ASKED, "", language))).replace("\n", "")
        for personal in (CARD, PAYER, CARD[4:12], f"{CARD[4:8]} {CARD[8:12]}", "测试·甲", "测试·乙", "小甲.csv"):
            assert personal not in shown.replace(" ", "") and personal not in shown
        assert CARD[-4:] in shown


def test_the_fingerprint_is_of_data_and_question_alone(
    house: House, told: Case, county_actor: Actor, city_actor: Actor, clock: SetClock
) -> None:
    report = values(house, county_actor, told.ref, ASKED)
    clock.move(timedelta(hours=1))
    assert values(house, city_actor, told.ref, ASKED, "evidence").fingerprint == report.fingerprint
    other = replace(ASKED, floor_fen=20_000)
    assert values(house, county_actor, told.ref, other).fingerprint != report.fingerprint


def test_what_does_not_count_is_told(
    house: House, told: Case, county_actor: Actor, tmp_path: Path, clock: SetClock
) -> None:
    clock.move(timedelta(hours=2))
    import_files(house, county_actor, told.ref, [written(tmp_path / "more", "乙.csv", "60000.00")])
    with house.act(county_actor) as connection:
        second = list_imports(connection, told.id)[-1]
        set_excluded(connection, second.id, True, "重复调取", county_actor, house.now())
    sources = values(house, county_actor, told.ref, ASKED).sources
    assert [file.name for file in sources.files] == ["王小甲.csv"]
    assert [(out.state, out.files) for out in sources.left_out] == [("excluded", ("乙.csv",))]
    assert sources.as_of == house.now()
    assert [(each.accepted, each.duplicates, each.rejected) for each in sources.sheets] == [(1, 0, 0)]


def test_what_could_not_be_made_leaves_no_mark(
    house: House, told: Case, county_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> bytes:
        raise Invalid("documents.too_many_rows", limit=1)

    taken, dossier = traced_dossier(house, county_actor, told.ref, ASKED, "evidence")
    monkeypatch.setattr("fanzha.wiring.reports.set_pdf", refused)
    monkeypatch.setattr("fanzha.wiring.trace_files.flow_workbook", refused)
    with pytest.raises(Invalid, match="too_many_rows"):
        report_pdf(house, county_actor, told.ref, ASKED, "evidence", "zh")
    for kind, whole in ((FlowFile.XLSX, False), (FlowFile.GRAPHML, True)):
        pieces = marked(house, county_actor, taken, flow_file(house, dossier, kind, "zh", masked=False))
        if whole:
            assert b"".join(pieces)
        else:
            with pytest.raises(Invalid, match="too_many_rows"):
                next(pieces)
    with house.act(county_actor) as connection:
        marks = connection.execute(select(audit_entry).where(audit_entry.c.action == "table.exported")).all()
    assert [each.detail["value"] for each in marks] == ["trace"], "only the graph was made"


def test_it_needs_the_permission_and_leaves_a_mark(
    house: House, told: Case, county_actor: Actor, other_actor: Actor
) -> None:
    report_pdf(house, county_actor, told.ref, ASKED, "evidence", "zh")
    with house.act(county_actor) as connection:
        marks = connection.execute(select(audit_entry).where(audit_entry.c.action == "table.exported")).all()
    assert [(each.purpose, each.detail["value"], each.detail["rows"]) for each in marks] == [("evidence", "report", 1)]
    with pytest.raises(NotFound):
        report_pdf(house, other_actor, told.ref, ASKED, "evidence", "zh")
    with pytest.raises(Invalid):
        report_pdf(house, county_actor, told.ref, ASKED, "curiosity", "zh")
    without = replace(county_actor, permissions=county_actor.permissions - {"statements.reveal"})
    with pytest.raises(Forbidden):
        report_pdf(house, without, told.ref, ASKED, "evidence", "zh")
