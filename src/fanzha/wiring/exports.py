"""What leaves the house leaves a mark: who took what of which case, and what for when it is in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import ToldMovement


def export_movements(
    house: House, actor: Actor, ref: str, purpose: str, *, everything: bool = False
) -> Iterator[ToldMovement]:
    """The movements of a case that move money; with `everything` also those that were taken back.

    With a purpose the numbers are for reading in full, which needs the permission; without one the caller masks them.
    Either way the audit says who took them.
    """
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        numbers = np.arange(len(ledger)) if everything else ledger.moving()
        record_export(house, connection, actor, case, Taken(table="movements", rows=len(numbers), purpose=purpose))
    return ledger.all_told(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """So many rows of a table; in full for a purpose, masked without one."""

    table: str
    rows: int
    purpose: str = ""


def record_export(house: House, connection: Connection, actor: Actor, case: Case | None, taken: Taken) -> None:
    """Leave the mark of rows that left, of one case or (a list of cases) of the actor's unit."""
    act = Act(
        action="table.exported",
        object_kind="unit" if case is None else "case",
        object_id=actor.scope if case is None else str(case.id),
        unit_path=actor.scope if case is None else case.unit_path,
        purpose=purpose_code(taken.purpose) if taken.purpose else "",
        detail={"value": taken.table, "rows": taken.rows},
    )
    record(connection, act, actor, house.now())
