"""The patterns of a case on behalf of somebody who may see them, and who leaves a mark."""

from __future__ import annotations

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.roles import require
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.case_patterns import CasePatterns, case_patterns


def patterns_of(house: House, actor: Actor, ref: str, victims: tuple[str, ...], purpose: str) -> CasePatterns:
    """What is named in a whole case; with a purpose for reading in full, without one the caller masks it."""
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        found = case_patterns(ledger, case_flow(ledger.rows, ledger.found), live_typologies(), victims)
        record_export(house, connection, actor, case, Taken(table="patterns", rows=len(found.found), purpose=purpose))
    return found
