"""The analysis report of a case for somebody who may have it, and who leaves a mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from sqlalchemy import Connection

from fanzha.adapters.documents.case_picture import paper_svg
from fanzha.adapters.documents.report import report_document
from fanzha.adapters.documents.setting import set_pdf
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import (
    Import,
    faults_of,
    files_of,
    included_imports,
    list_imports,
    sheets_of,
    standings_of,
)
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.units import find_unit
from fanzha.cases.case import Case
from fanzha.i18n import Language
from fanzha.kernel.clock import from_micros
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor, UnitPath
from fanzha.rulebook import load_formats
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.wiring.bank_names import bank_names
from fanzha.wiring.house import House
from fanzha.wiring.tracing import TakenTrace, answer, mark_taken, require_taking
from fanzha.workflows.asked_trace import Asked
from fanzha.workflows.case_ledger import CaseLedger, SheetFates
from fanzha.workflows.import_statements import SheetOutcome
from fanzha.workflows.report_case import (
    LeftOut,
    NotRead,
    ReceivedFile,
    Report,
    ReportHead,
    ReportSources,
    SheetRead,
    report_case,
)
from fanzha.workflows.trace_case import trace_case


def report_pdf(house: House, actor: Actor, ref: str, asked: Asked, purpose: str, language: Language) -> bytes:
    """The report of a case as PDF, in full for a purpose, masked without one; the audit says who took it.

    The same data, question and asker give the same bytes.
    """
    require(actor, "statements.export")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        found = answer(house, connection, case, asked)
        taken = TakenTrace(case=case, traced=found, purpose=purpose)
        report = taken_report(house, connection, actor, taken)
    made = set_report(report, taken, language)
    mark_taken(house, actor, taken, "report")
    return made


def set_report(report: Report, taken: TakenTrace, language: Language) -> bytes:
    """The report set as PDF, with its picture."""
    hidden = not taken.purpose
    svg = paper_svg(taken.traced, language, hidden=hidden)
    return set_pdf(report_document(report, language, svg=svg, hidden=hidden))


def taken_report(house: House, connection: Connection, actor: Actor, taken: TakenTrace) -> Report:
    """The report of a trace for somebody who may take it; who sends it leaves the mark (`mark_taken`)."""
    require_taking(actor, taken.purpose)
    found = taken.traced
    head = _head(house, connection, taken.case, actor, taken.purpose)
    sources = _sources(connection, taken.case, found.ledger)
    others = [trace_case(found.ledger, found.flow, each, found.typologies) for each in _otherwise(found.trace.question)]
    return report_case(head, sources, found, others)


def _otherwise(question: Question) -> list[Question]:
    """The same question by the other methods that answer it; backward the conservative one is refused."""
    refused = {Method.CONSERVATIVE} if question.direction is Direction.BACKWARD else set()
    return [replace(question, method=each) for each in Method if each not in {question.method} | refused]


def _head(house: House, connection: Connection, case: Case, actor: Actor, purpose: str) -> ReportHead:
    return ReportHead(
        ref=case.ref,
        title=case.title,
        state=case.state.value,
        opened_at=case.opened_at,
        case_unit=_unit_names(connection, case.unit_path),
        asking_unit=_unit_names(connection, actor.scope),
        asked_by=_name_of(connection, actor),
        purpose=purpose,
        is_exercise=house.instance.birth == "exercise",
        program=f"fanzha {version('fanzha')}",
        banks=bank_names(connection),
    )


def _name_of(connection: Connection, actor: Actor) -> str:
    """The person's name; whoever is none in sight, as they act."""
    try:
        return actor.name if actor.user_id is None else find_person(connection, actor.user_id).name
    except NotFound:
        return actor.name


def _unit_names(connection: Connection, path: UnitPath) -> tuple[str, str]:
    found = find_unit(connection, path)
    return (found.name_zh, found.name_en) if found else (path, path)


def _sources(connection: Connection, case: Case, ledger: CaseLedger) -> ReportSources:
    counted = included_imports(connection, case.id)
    imports = list_imports(connection, case.id)
    return ReportSources(
        files=tuple(
            ReceivedFile(name=file.name, sha256=file.sha256, size=file.size, at=each.at)
            for each in counted
            for file in files_of(connection, each.id)
        ),
        sheets=_sheets([sheet for each in counted for sheet in sheets_of(connection, each.id)], ledger),
        not_read=tuple(
            NotRead(place=fault.place, code=fault.code, fields=fault.fields)
            for each in counted
            for fault in faults_of(connection, each.id)
        ),
        left_out=tuple(_left_out(connection, each) for each in imports if each not in counted),
        as_of=max(
            (at for each in imports for at in (each.finished_at or each.at, *_changes(connection, each))),
            default=case.opened_at,
        ),
    )


def _changes(connection: Connection, each: Import) -> list[datetime]:
    return [entry.at for entry in standings_of(connection, each.id)]


def _left_out(connection: Connection, each: Import) -> LeftOut:
    state = "erased" if each.erased_at else "excluded" if each.excluded else each.state
    names = tuple(file.name for file in files_of(connection, each.id))
    return LeftOut(state=state, files=names, at=each.at)


def _sheets(sheets: Sequence[SheetOutcome], ledger: CaseLedger) -> tuple[SheetRead, ...]:
    """Every table of the files that count, with the time that its rows cover."""
    fates, rows = ledger.fates(), ledger.rows
    titles = _format_titles()
    number = {source.key: place for place, source in enumerate(rows.sources)}
    first = np.full(len(rows.sources), np.iinfo(np.int64).max)
    last = np.full(len(rows.sources), np.iinfo(np.int64).min)
    np.minimum.at(first, rows.source, rows.at_us)
    np.maximum.at(last, rows.source, rows.at_us)

    def read(sheet: SheetOutcome) -> SheetRead:
        place, repeated = number.get(sheet.key), fates.get(sheet.key, SheetFates()).duplicates
        told = place is not None and first[place] <= last[place]
        return SheetRead(
            path=sheet.path,
            sha256=sheet.leaf_sha256,
            format_id=sheet.format_id,
            format_title=titles.get(sheet.format_id, (sheet.format_id, sheet.format_id)),
            first_at=from_micros(int(first[place])) if told else None,
            last_at=from_micros(int(last[place])) if told else None,
            accepted=sheet.counts.accepted - repeated,
            duplicates=repeated,
            rejected=sheet.counts.rejected,
            unread=sheet.unread_rows,
            fault=sheet.fault,
            fault_fields=sheet.fault_fields,
        )

    return tuple(read(sheet) for sheet in sheets)


@cache
def _format_titles() -> dict[str, tuple[str, str]]:
    """Each known format's name in Chinese and English."""
    tables: dict[str, Any] = load_formats()
    titles = {key: table["title"] for key, table in tables.items() if "title" in table}
    return {key: (title["zh"], title["en"]) for key, title in titles.items()}
