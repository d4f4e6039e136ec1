"""What arrived, account by account: the facts of a case's ledger, and a mark where they leave in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.roles import require
from fanzha.kernel.units import Actor
from fanzha.tracing.account_facts import (
    AccountFacts,
    FactLimits,
    MissingStatement,
    account_facts,
    missing_statements,
)
from fanzha.tracing.shared_devices import SharedDevice, shared_devices
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import CaseLedger

LIMITS = FactLimits()


@dataclass(frozen=True, eq=False, kw_only=True)
class Arrivals:
    """A case's ledger and the lists that are read from it."""

    ledger: CaseLedger

    @cached_property
    def facts(self) -> Sequence[AccountFacts]:
        """Of every account with a statement."""
        return account_facts(self.ledger.rows, self.ledger.found, LIMITS)

    @cached_property
    def devices(self) -> Sequence[SharedDevice]:
        """Terminals and addresses from which several accounts acted."""
        return shared_devices(self.ledger.rows, self.ledger.found, LIMITS)

    @cached_property
    def missing(self) -> Sequence[MissingStatement]:
        """Accounts whose statements the case does not have."""
        return missing_statements(self.ledger.rows, self.ledger.found, LIMITS)


def case_arrivals(house: House, actor: Actor, ref: str, purpose: str) -> Arrivals:
    """What arrived in a case; with a purpose for reading in full, which needs the permission; on record either way."""
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        rows = int(ledger.found.accounts.has_statement.sum())
        record_export(house, connection, actor, case, Taken(table="accounts", rows=rows, purpose=purpose))
    return Arrivals(ledger=ledger)
