"""Tracing through a case on behalf of somebody who may, and who leaves a mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import files_of, included_imports, sheets_of
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.units import Actor
from fanzha.wiring.bank_names import bank_names
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.starts import require_starts
from fanzha.wiring.typologies import live_typologies
from fanzha.wiring.victims import with_victims
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.trace_case import TracedCase
from fanzha.workflows.trace_dossier import Dossier, EvidenceFile, evidence_files


def traced(house: House, actor: Actor, ref: str, asked: Asked, purpose: str) -> TracedCase:
    """The trace of a case; with a purpose its numbers are for reading in full, without one the caller masks them.

    It leaves the mark of who took it.
    """
    taken, _ = traced_dossier(house, actor, ref, asked, purpose)
    mark_taken(house, actor, taken)
    return taken.traced


def answer(house: House, connection: Connection, case: Case, asked: Asked) -> TracedCase:
    """The trace of a case, from what its victims paid where the question says so."""
    ledger = case_ledger(house, connection, case)
    require_starts(house, connection, case, ledger, asked.starts)
    asked = with_victims(connection, house.keys, case, ledger, ledger.flow, asked)
    return answered(ledger, ledger.flow, asked, live_typologies())


def traced_dossier(house: House, actor: Actor, ref: str, asked: Asked, purpose: str) -> tuple[TakenTrace, Dossier]:
    """The same with the case and the files that count in it, for a file: `marked` leaves its mark once it is made."""
    require(actor, "statements.export")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        found = answer(house, connection, case, asked)
        taken = TakenTrace(case=case, traced=found, purpose=purpose)
        return taken, taken_dossier(house, connection, actor, taken)


@dataclass(frozen=True, kw_only=True, eq=False)
class TakenTrace:
    """A trace that leaves the house: in full for a purpose, masked without one."""

    case: Case
    traced: TracedCase
    purpose: str


def taken_dossier(house: House, connection: Connection, actor: Actor, taken: TakenTrace) -> Dossier:
    """The trace with the files that count in its case, for somebody who may take it."""
    require_taking(actor, taken.purpose)
    is_exercise = house.instance.birth == "exercise"
    return Dossier(
        case=taken.case,
        is_exercise=is_exercise,
        traced=taken.traced,
        files=_files(connection, taken.case),
        banks=bank_names(connection),
    )


def require_taking(actor: Actor, purpose: str) -> None:
    """`Forbidden` for who may not take a trace, in full with a purpose; `Invalid` for a purpose that is none."""
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
        purpose_code(purpose)


def mark_taken(house: House, actor: Actor, taken: TakenTrace, table: str = "trace") -> None:
    """Leave the mark that a trace leaves the house, as a table or in a report."""
    rows = Taken(table=table, rows=len(taken.traced.trace.hops), purpose=taken.purpose)
    with house.act(actor) as connection:
        record_export(house, connection, actor, taken.case, rows)


def marked(house: House, actor: Actor, taken: TakenTrace, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a trace's file, whose mark is left when it can be made and before any of it leaves."""
    waiting = iter(pieces)
    first = next(waiting, b"")
    mark_taken(house, actor, taken)
    yield first
    yield from waiting


def _files(connection: Connection, case: Case) -> tuple[EvidenceFile, ...]:
    found: list[EvidenceFile] = []
    for each in included_imports(connection, case.id):
        packages = [(file.name, file.sha256) for file in files_of(connection, each.id)]
        found += evidence_files(sheets_of(connection, each.id), packages, each.finished_at or each.at)
    return tuple(found)
