"""The patterns of a case on behalf of somebody who may see them, and who leaves a mark."""

from __future__ import annotations

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.typologies import live_typologies
from fanzha.wiring.victims import accounts_of_subjects, victims_among
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.case_patterns import CasePatterns, case_patterns


def patterns_of(house: House, actor: Actor, ref: str, victims: tuple[str, ...], purpose: str) -> CasePatterns:
    """What is named in a whole case; with a purpose for reading in full, without one the caller masks it.

    Without `victims` the collectors are those that the accounts of the case's victims share.
    """
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        victims = victims or _marked(house, connection, case, ledger)
        found = case_patterns(ledger, ledger.flow, live_typologies(), victims)
        record_export(house, connection, actor, case, Taken(table="patterns", rows=len(found.found), purpose=purpose))
    return found


def _marked(house: House, connection: Connection, case: Case, ledger: CaseLedger) -> tuple[str, ...]:
    """The numbers of the accounts of the case's victims."""
    found = victims_among(connection, house.keys, case, accounts_of_subjects(house.keys, ledger))
    return tuple(
        ledger.found.accounts.primary[node] for node in sorted({node for each in found for node in each.nodes})
    )
