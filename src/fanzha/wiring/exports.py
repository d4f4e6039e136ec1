"""What leaves the house in full leaves a mark: who took which case's movements, and what for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.roles import require
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import ToldMovement


def export_movements(
    house: House, actor: Actor, ref: str, purpose: str, *, everything: bool = False
) -> Iterator[ToldMovement]:
    """The movements of a case that move money; with `everything` also those that were taken back.

    With a purpose the numbers are for reading in full, which needs the permission and is audited; without one the
    caller masks them.
    """
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        numbers = np.arange(len(ledger)) if everything else ledger.moving()
        if purpose:
            act = Act(
                action="movements.exported",
                object_kind="case",
                object_id=str(case.id),
                unit_path=case.unit_path,
                purpose=purpose_code(purpose),
                detail={"movements": len(numbers)},
            )
            record(connection, act, actor, house.now())
    return ledger.all_told(numbers)
