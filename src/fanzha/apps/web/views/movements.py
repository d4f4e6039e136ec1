"""What the pages about movements and accounts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fanzha.apps.web.views.shown import AccountRef, BankNames, Masked, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLine:
    """Money that moved once: both parties, both times, and how many rows tell of it.

    `at` is the payer's bank's time, else the payee's. `exact` is day, minute or second. An unknown party is None.
    """

    id: str
    at: datetime
    exact: str
    payer_at: datetime | None
    payee_at: datetime | None
    payer: AccountRef | None
    payee: AccountRef | None
    amount_fen: int
    currency: str
    exit: str
    doubts: tuple[str, ...]
    tellings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a row as it lay: heading and masked value."""

    header: str
    value: Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One row that tells of a movement, as it lay in its file; `role` is payer, payee or again."""

    place: Place
    role: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementEvidence:
    """A movement and every row that tells of it."""

    movement: MovementLine
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """An account of a case as a table row; `proof` says what its balances prove: proven, broken, untold."""

    account: AccountRef
    kind: str
    bank: str
    institution: BankNames
    rows: int
    first_at: datetime | None
    last_at: datetime | None
    in_fen: int
    out_fen: int
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days without rows inside the covered period, both ends included."""

    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Two neighbouring rows between which the balance jumps: something is missing, or rows are out of order."""

    at: datetime
    before: Place
    after: Place
    missing_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Money in and out within a day (`2024-03-05`) or an hour of the day (`00`–`23`)."""

    label: str
    in_fen: int
    out_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFlow:
    """What went between the account and one counterparty."""

    account: AccountRef
    in_fen: int
    out_fen: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDevice:
    """A terminal or address that several accounts used: its kind, the device, the accounts."""

    kind: str
    device: Masked
    rows: int
    accounts: tuple[AccountRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """Everything the case's rows say about one account; balances None where the file is silent."""

    line: AccountLine
    identifiers: tuple[Masked, ...]
    names: tuple[Masked, ...]
    active_days: int
    covered_days: int
    gaps: tuple[Gap, ...]
    opening_fen: int | None
    closing_fen: int | None
    breaks: tuple[Break, ...]
    in_count: int
    out_count: int
    cash_in_fen: int
    cash_out_fen: int
    night_count: int
    timed_count: int
    by_day: tuple[Flow, ...]
    by_hour: tuple[Flow, ...]
    counterparties: tuple[PartyFlow, ...]
    devices: tuple[SharedDevice, ...]
    missing: tuple[PartyFlow, ...]
