"""The rows and account records of a case's imports become one ledger of movements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fanzha.records.statements.cleaning import AccountRecord
from fanzha.records.statements.rows import StatementRows
from fanzha.tracing.movements.movements import AccountJoin, PairingLimits
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.workflows.case_ledger import CaseLedger


def reconcile_case(rows: StatementRows, accounts: Iterable[tuple[str, AccountRecord]]) -> CaseLedger:
    """The case's ledger; `accounts` are records with the key of the source that told them."""
    return CaseLedger(rows=rows, found=reconcile(rows, list(joins_of(accounts)), PairingLimits()))


def joins_of(accounts: Iterable[tuple[str, AccountRecord]]) -> Iterator[AccountJoin]:
    """Which identifiers the accounts files call one account; a sub-account belongs to its main account."""
    for source, record in accounts:
        told = [each for each in (record.card, record.account, record.parent) if each]
        for other in told[1:]:
            yield AccountJoin(a=told[0], b=other, source=f"{source}:{record.row}", name=record.name)
