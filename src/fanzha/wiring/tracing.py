"""Tracing through a case on behalf of somebody who may, and who leaves a mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import files_of, included_imports, sheets_of
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.trace_case import TracedCase, trace_case, transfers_of
from fanzha.workflows.trace_dossier import Dossier, EvidenceFile, evidence_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a person puts it: payments by id or `ACCOUNT@TIME@FEN`."""

    starts: Sequence[str]
    method: Method
    direction: Direction
    horizon_s: int
    floor_fen: int


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
        flow = case_flow(ledger.rows, ledger.found)
        question = Question(
            starts=transfers_of(ledger, flow, asked.starts),
            method=asked.method,
            direction=asked.direction,
            horizon_s=asked.horizon_s,
            floor_fen=asked.floor_fen,
        )
        found = trace_case(ledger, flow, question)
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
