"""Tracing through a case on behalf of somebody who may, and who leaves a mark."""

from __future__ import annotations

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import files_of, included_imports, sheets_of
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.trace_case import TracedCase
from fanzha.workflows.trace_dossier import Dossier, EvidenceFile, evidence_files


def traced(house: House, actor: Actor, ref: str, asked: Asked, purpose: str) -> TracedCase:
    """The trace of a case; with a purpose its numbers are for reading in full, without one the caller masks them."""
    return traced_dossier(house, actor, ref, asked, purpose).traced


def traced_dossier(house: House, actor: Actor, ref: str, asked: Asked, purpose: str) -> Dossier:
    """The same with the case and the files that count in it."""
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        found = answered(ledger, case_flow(ledger.rows, ledger.found), asked)
        taken = Taken(table="trace", rows=len(found.trace.hops), purpose=purpose)
        record_export(house, connection, actor, case, taken)
        files = _files(connection, case)
    is_exercise = house.instance.birth == "exercise"
    return Dossier(case=case, is_exercise=is_exercise, traced=found, files=files)


def _files(connection: Connection, case: Case) -> tuple[EvidenceFile, ...]:
    found: list[EvidenceFile] = []
    for each in included_imports(connection, case.id):
        packages = [(file.name, file.sha256) for file in files_of(connection, each.id)]
        found += evidence_files(sheets_of(connection, each.id), packages, each.finished_at or each.at)
    return tuple(found)
