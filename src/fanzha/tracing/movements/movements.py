"""What reconciling gives: accounts, the fate of every row, and each transfer once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

WALLET_MARK = ":"
"""Ends the company's name before a wallet's number."""

UNKNOWN_NODE = -1
"""A party that no telling of a movement names."""

UNKNOWN_US = np.iinfo(np.int64).min
"""The time of a party whose books are absent."""

NO_ROW = -1
NO_MOVEMENT = -1

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000


class Fate(IntEnum):
    """What became of one accepted row."""

    MOVES = 0
    """The primary telling of a movement."""
    DUPLICATE_ENTRY = 1
    """The same entry of the same account again, from an overlapping file."""
    DUPLICATE_TELLING = 2
    """The other party's (or a third party's) telling of a transfer."""
    REVERSAL = 3
    """Takes another row back; accepted, moves nothing."""
    REVERSED = 4
    """Was taken back; accepted, moves nothing."""
    STILL = 5
    """Tells of no money (a balance enquiry, an opening, 0.00); accepted, moves nothing."""


class AccountKind(IntEnum):
    """What an account's primary identifier is."""

    CARD = 0
    ACCOUNT = 1
    WALLET = 2
    PARTIAL = 3
    """Masked or rounded, and it fits none or several complete accounts."""


class Exit(IntEnum):
    """How money left what the case's files can see; `NONE` where the payee's own statement is there."""

    NONE = 0
    OUTSIDE = 1
    CASH = 2
    MERCHANT = 3
    PAYMENT_COMPANY = 4
    FEE = 5
    INTEREST = 6
    CRYPTO_TRADER = 7
    """By the words of its rows: they speak of virtual currency, or the payee bears a trader's name."""


class Doubt(IntFlag):
    """What a person should know before standing by a movement."""

    MATCHED_BY_MASK = 1
    """Paired although a counterparty is told masked or rounded."""
    MATCHED_BY_ABSENCE = 2
    """Paired although one telling names no counterparty."""
    MATCHED_LATE = 4
    """Paired beyond the usual difference of clocks, because nothing else fits."""
    CLOCK_CONTRADICTION = 8
    """The payee's clock says it arrived before the payer's says it left."""
    LEFTOVER = 16
    """The other party's statement covers the time and does not tell of it."""
    REVERSAL_UNMATCHED = 32
    """A reversal whose original is not in the files."""
    MATCHED_BY_NAME = 64
    """A party's two numbers are one account by name and agreeing transfers; no file links them."""


class BalanceProof(IntEnum):
    """Whether told balances prove an account's rows complete and in order."""

    UNTOLD = 0
    """No two balances to compare."""
    PROVEN = 1
    BROKEN = 2
    PARTLY_TOLD = 3
    """What is told agrees, but rows without balance may be missing unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountJoin:
    """`a` and `b` are identifiers of one account, and `source` says who said so."""

    a: str
    b: str
    source: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingLimits:
    """How far two tellings may lie apart, and how long we look; times in microseconds."""

    clock_us: int = 10 * MINUTE_US
    """Two banks' clocks, after their usual difference, for one transfer."""
    tight_us: int = 5_000_000
    """The same where the usual difference of the two accounts' clocks is known."""
    settlement_us: int = 2 * DAY_US
    """Later booking, believed only where nothing else fits."""
    reversal_us: int = 30 * DAY_US
    comparisons: int = 20_000
    """Rows that one row is compared with; beyond it equal amounts stay apart."""
    ordered_group: int = 200_000
    """Rows of one instant (or day) of one account that balances may put in order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Accounts:
    """The accounts of a case, sorted by primary identifier; a node is an index into these columns.

    `kind`: uint8[k] of `AccountKind`; `has_statement`: bool[k], whether rows of its own books are here.
    """

    primary: tuple[str, ...]
    identifiers: tuple[tuple[str, ...], ...]
    names: tuple[tuple[str, ...], ...]
    kind: NDArray[np.uint8]
    has_statement: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.primary)

    def spellings(self, node: int) -> tuple[str, ...]:
        """The account's identifiers, and a wallet's number also without its company's prefix, as files tell it."""
        known = self.identifiers[node]
        bare = (text.partition(WALLET_MARK)[2] for text in known)
        return known + tuple(text for text in bare if text)

    def find(self, identifier: str) -> int:
        """The node that carries the identifier, or `UNKNOWN_NODE`."""
        return next((node for node, known in enumerate(self.identifiers) if identifier in known), UNKNOWN_NODE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movements:
    """Every transfer once, columns of length m, ordered by payer's (else payee's) time, then source and row.

    `id`: uint64[m], a stable hash of the primary telling's place. `payer`, `payee`: int32[m] nodes or
    `UNKNOWN_NODE`. `payer_at_us`, `payee_at_us`: int64[m] by that party's own bank, `UNKNOWN_US` where its books
    are absent (a third party's list tells the payer's), beside their `Precision`. `currency` are codes into the
    rows' column. `evidence`: int32[m, 2], primary and second row or `NO_ROW`. `flags` are the rows', joined.
    """

    id: NDArray[np.uint64]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_fen: NDArray[np.int64]
    payer_at_us: NDArray[np.int64]
    payee_at_us: NDArray[np.int64]
    payer_precision: NDArray[np.int8]
    payee_precision: NDArray[np.int8]
    currency: NDArray[np.int32]
    exit: NDArray[np.uint8]
    flags: NDArray[np.uint16]
    moving: NDArray[np.bool_]
    doubts: NDArray[np.uint8]
    evidence: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledgers:
    """What happened to each account in proven order: events `start[node]:start[node + 1]`.

    `movement`: int32[e]; `incoming`: bool[e]; `row`: int32[e], the account's own row or `NO_ROW`;
    `signed_fen`: int64[e], what the row did to the balance (0 for events that the own books do not tell);
    `balance_fen`: int64[e] after the event or `UNKNOWN_FEN`.
    """

    start: NDArray[np.int64]
    movement: NDArray[np.int32]
    incoming: NDArray[np.bool_]
    row: NDArray[np.int32]
    signed_fen: NDArray[np.int64]
    balance_fen: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BalanceBreaks:
    """Where balances say that rows are missing or wrong: between two rows of one account, by how many fen."""

    node: NDArray[np.int32]
    row_before: NDArray[np.int32]
    row_after: NDArray[np.int32]
    missing_fen: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reconciliation:
    """All rows of a case made one story; rows are indexes into the `StatementRows` that were given.

    `fate`: uint8[n] of `Fate`; `same_as`: int32[n], the row that a duplicate repeats or a reversal takes back,
    else `NO_ROW`; `movement`: int32[n], the movement a row tells of; `own`, `other`: int32[n] nodes of its parties;
    `proof`: uint8[accounts] of `BalanceProof`.
    """

    accounts: Accounts
    fate: NDArray[np.uint8]
    same_as: NDArray[np.int32]
    movement: NDArray[np.int32]
    own: NDArray[np.int32]
    other: NDArray[np.int32]
    movements: Movements
    ledgers: Ledgers
    proof: NDArray[np.uint8]
    breaks: BalanceBreaks
