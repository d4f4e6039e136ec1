"""Reports of small traced cases, and their tables as a reader takes them from the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fanzha.adapters.documents.blocks import Cell, Document, Table
from fanzha.i18n import Language, catalogue
from fanzha.tracing.follow.question import Direction, Method
from fanzha.workflows.report_case import ReceivedFile, Report, ReportHead, ReportSources, SheetRead, report_case
from fanzha.workflows.trace_case import TracedCase, trace_case
from fanzha.workflows.trace_dossier import Dossier

AT = datetime(2026, 3, 9, 2, 30, tzinfo=UTC)
HEAD = ReportHead(
    ref="TEST-1",
    title="测试案件",
    state="preliminary",
    opened_at=AT,
    case_unit=("示例县反诈中心（演练）", "Example County Centre (exercise)"),
    asking_unit=("示例市反诈中心（演练）", "Example City Centre (exercise)"),
    asked_by="测试员",
    purpose="case_work",
    is_exercise=True,
    program="fanzha 0.0.0",
)


def report_of(dossier: Dossier, head: ReportHead = HEAD) -> Report:
    """The report of a trace beside the same question by every other method."""
    return report_case(head, sources_of(dossier), dossier.traced, others_of(dossier.traced))


def others_of(found: TracedCase) -> list[TracedCase]:
    """The same question by the other methods that answer it."""
    asked = found.trace.question
    refused = {asked.method} | ({Method.CONSERVATIVE} if asked.direction is Direction.BACKWARD else set())
    questions = [replace(asked, method=each) for each in Method if each not in refused]
    return [trace_case(found.ledger, found.flow, each, found.typologies) for each in questions]


def sources_of(dossier: Dossier) -> ReportSources:
    """Every file of the case as if it had been given alone."""
    files = tuple(ReceivedFile(name=file.path, sha256=file.sha256, size=1_234, at=AT) for file in dossier.files)
    sheets = tuple(
        SheetRead(
            path=file.path,
            sha256=file.sha256,
            format_id="bank_statement_signed",
            format_title=("银行流水", "Bank statement"),
            first_at=AT,
            last_at=AT,
            accepted=file.accepted_rows,
            duplicates=0,
            rejected=0,
            unread=0,
            fault="",
        )
        for file in dossier.files
    )
    return ReportSources(files=files, sheets=sheets, not_read=(), left_out=(), as_of=AT)


def rows_of_table(document: Document, title: str, language: Language) -> list[Mapping[str, Cell]]:
    """The rows of the table that the report's catalogue calls so, by heading; none where there is no such table."""
    titles = titles_of(title, language)
    found = [each for each in document.blocks if isinstance(each, Table) and unnumbered(each) in titles]
    heads = [[column.head for column in each.columns] for each in found]
    return [dict(zip(head, row, strict=True)) for each, head in zip(found, heads, strict=True) for row in each.rows]


def sums_of_table(document: Document, title: str, language: Language) -> Sequence[Cell]:
    """Its last row."""
    titles = titles_of(title, language)
    return next(each.sums for each in document.blocks if isinstance(each, Table) and unnumbered(each) in titles)


def unnumbered(table: Table) -> str:
    """A table's title as the catalogue has it."""
    return re.sub(r"^(Table \d+  |表 \d+　)", "", table.title)


def titles_of(title: str, language: Language) -> set[str]:
    """What a table is called, forward and (where that differs) backward."""
    known = catalogue(language)
    return {known[key] for key in (f"report.{title}", f"report.{title}_backward") if key in known}


def fen(cell: Cell) -> int:
    """An amount of a page as fen."""
    assert isinstance(cell, str)
    return int(cell.replace(",", "").replace(".", ""))
