"""What a desk without a database knows of its case: the numbers of its texts, and the statements that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fanzha.kernel.ids import SubjectId
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.records.statements.joining import merge_rows
from fanzha.records.statements.rows import StatementRows
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.chase_accounts import Heard
from fanzha.workflows.reconcile_case import reconcile_case


@dataclass(slots=True, kw_only=True)
class Vault:
    """Texts under numbers, for one incident."""

    ids: dict[str, SubjectId] = field(default_factory=dict)
    texts: dict[SubjectId, str] = field(default_factory=dict)

    def id(self, text: str) -> SubjectId:
        """The number of a text, a new one the first time."""
        if text not in self.ids:
            made = SubjectId(len(self.ids) + 1)
            self.ids[text], self.texts[made] = made, text
        return self.ids[text]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What institutions told, grown into the case's ledger when somebody looks."""

    rows: StatementRows | None = None
    accounts: list[tuple[str, AccountRecord]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    heard: dict[SubjectId, Heard] = field(default_factory=dict)
    names: dict[SubjectId, str] = field(default_factory=dict)
    reckoned: CaseLedger | None = None

    def grow(self, rows: StatementRows, accounts: Sequence[tuple[str, AccountRecord]]) -> None:
        """One more sheet."""
        self.rows = rows if self.rows is None else merge_rows([self.rows, rows])
        self.accounts += accounts
        self.reckoned = None

    def ledger(self) -> CaseLedger | None:
        """Rows, reconciled; None before the first statement."""
        if self.reckoned is None and self.rows is not None:
            self.reckoned = reconcile_case(self.rows, self.accounts)
        return self.reckoned
