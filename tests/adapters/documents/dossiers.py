"""Small traced cases, made of rows as a person would tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import numpy as np

from fanzha.cases.case import Case, CaseState
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import unit_path
from fanzha.records.statements.rows import Flag, StatementRows
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow, case_flow
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.tracing.movements.movements import PairingLimits
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.trace_case import trace_case
from fanzha.workflows.trace_dossier import Dossier, EvidenceFile
from tests.tracing.movements.telling import Told, got, paid, rows_of

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
VICTIM, MULE, SECOND, LAST = (f"999999000000000{number}" for number in range(1001, 1005))
HOSTILE = '=HYPERLINK("http://x","y")\x07<&>'

SMALL: Sequence[Told] = [
    paid("甲行", VICTIM, MULE, 5_000_000, 36_000, serial="A1", balance=0, own_name="测试·甲", other_name="测试·乙"),
    got("乙行", MULE, VICTIM, 5_000_000, 36_010, serial="B1", balance=5_200_000, own_name="测试·乙"),
    paid("乙行", MULE, SECOND, 3_000_000, 36_100, serial="B2", balance=2_200_000, other_name=HOSTILE),
    paid("乙行", MULE, "", 900_000, 84_000, serial="B3", balance=1_300_000, flags=Flag.CASH),
    paid("乙行", MULE, LAST, 5_000, 84_100, serial="B4", balance=1_295_000),
    paid("乙行", MULE, LAST, 100_000, 90_000, serial="B5", balance=995_000),
]
"""A victim's 50,000 yuan: to a second mule, cash at night, a sum below the floor, 2,000 yuan that no row tells."""


def ledger_of(told: Sequence[Told]) -> tuple[CaseLedger, CaseFlow]:
    """A case's ledger and flow; every file has a hash as a real one has."""
    rows = _hashed(rows_of(told))
    ledger = CaseLedger(rows=rows, found=reconcile(rows, (), PairingLimits()))
    return ledger, case_flow(rows, ledger.found)


def starts_of(flow: CaseFlow, most: int) -> tuple[int, ...]:
    """The first payments that a trace can start from, which are no transfers of an account to itself."""
    moved = flow.index.transfers
    told = flow.transfer[flow.transfer != NO_TRANSFER]
    return tuple(np.sort(told[moved.payer[told] != moved.payee[told]])[:most].tolist())


def dossier_of(
    told: Sequence[Told],
    method: Method = Method.FIFO,
    direction: Direction = Direction.FORWARD,
    *,
    starts: int = 1,
    horizon_s: int = 72 * 3_600,
    floor_fen: int = 10_000,
    ref: str = "TEST-1",
) -> Dossier | None:
    """The trace of a case's first payments; None where nothing moved."""
    ledger, flow = ledger_of(told)
    chosen = starts_of(flow, starts)
    if not chosen:
        return None
    question = Question(starts=chosen, method=method, direction=direction, horizon_s=horizon_s, floor_fen=floor_fen)
    files = tuple(
        EvidenceFile(
            path=source.path, sha256=source.key[:64], package_sha256=source.key[:64], imported_at=AT, accepted_rows=1
        )
        for source in ledger.rows.sources
    )
    return Dossier(
        case=_case(ref), is_exercise=True, traced=trace_case(ledger, flow, question, live_typologies()), files=files
    )


def small(method: Method = Method.FIFO, direction: Direction = Direction.FORWARD) -> Dossier:
    """The example above, traced by the oldest first unless told."""
    found = dossier_of(SMALL, method, direction)
    assert found is not None
    return found


def _hashed(rows: StatementRows) -> StatementRows:
    sources = tuple(replace(each, key=f"{sha256(each.key.encode()).hexdigest()}:{each.path}") for each in rows.sources)
    return replace(rows, sources=sources)


def _case(ref: str) -> Case:
    return Case(
        id=CaseId(UUID(int=1)),
        ref=ref,
        title="测试",
        unit_path=unit_path("centre"),
        state=CaseState.PRELIMINARY,
        since=AT,
        retention="exercise",
        held=False,
        opened_at=AT,
        opened_by="test",
    )
