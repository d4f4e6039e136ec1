"""From text to clean rows: what a plan promises and a cleaned batch holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fanzha.records.statements.plan import SheetPlan
from fanzha.records.statements.rows import StatementRows


class RowKind(StrEnum):
    """What became of one physical row when it was cleaned."""

    DATA = "data"
    PREAMBLE = "preamble"
    HEADER = "header"
    BLANK = "blank"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A data row that is not a movement anybody can stand by: where, which column (as its header reads), why.

    `reason` is a code of `i18n/*/reasons.toml` (`failed`, `bad_time`, `bad_amount`, `no_own_account`, …).
    The value itself stays in the evidence; it is never copied into messages.
    """

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """The row account of a sheet: every physical row is one of these."""

    preamble: int = 0
    header: int = 0
    blank: int = 0
    total: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def data(self) -> int:
        """Data rows: accepted (before duplicates are known) and rejected."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One line of an accounts or sub-accounts file: which identifiers are one account, and whose.

    Empty text where the file is silent. `parent` is the main account of a sub-account. Money in fen.
    """

    row: int
    card: str = ""
    account: str = ""
    parent: str = ""
    name: str = ""
    id_number: str = ""
    bank: str = ""
    opened_on: str = ""
    status: str = ""
    balance_fen: int | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """One line of a persons file; empty text where the file is silent."""

    row: int
    name: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    employer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawColumns:
    """Every data row exactly as it lay in the file, by column, beside the place and fate of each.

    `header[j]` names `columns[j]`; `row[i]` is the physical row; `reason[i]` is empty for accepted rows.
    """

    header: tuple[str, ...]
    row: list[int]
    reason: list[str]
    columns: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CleanBatch:
    """What cleaning made of one `RowBatch`; `rows.sources` has one entry, the sheet itself.

    `notes` count repairs by code (`account_incomplete`, `sign_from_balance`, `decoded_line_by_line`, …).
    `plan` is how the sheet's next batch is read: a block inside this one may have changed header and own account.
    """

    rows: StatementRows
    accounts: list[AccountRecord]
    persons: list[PersonRecord]
    rejections: list[Rejection]
    counts: RowCounts
    raw: RawColumns
    notes: dict[str, int]
    plan: SheetPlan | None = None
