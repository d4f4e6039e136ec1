"""Clean statement rows as columns: what cleaning gives, the ledger keeps and movements are built from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

UNKNOWN_FEN = np.iinfo(np.int64).min
"""A balance that the file does not tell."""

ABSENT = -1
"""A code for text that the file does not tell."""


class Side(IntEnum):
    """From whose books a row speaks."""

    PAID = -1
    """The row's own account paid the amount."""
    THIRD_PARTY = 0
    """Neither end's own books: own = payer, other = payee (a payment company's list, a research set)."""
    RECEIVED = 1
    """The row's own account received the amount."""


class Precision(IntEnum):
    """How exactly a row tells its time."""

    DAY = 0
    MINUTE = 1
    SECOND = 2


class Flag(IntFlag):
    """What else a row says of itself."""

    CASH = 1
    REVERSAL = 2
    """Takes an earlier entry back (冲正 and its kin, or red ink); it moves nothing."""
    MERCHANT = 4
    """The counterparty is named as a merchant."""
    PAYMENT_COMPANY = 8
    """The counterparty is a payment company's pool (财付通, 支付宝, …), not a person's account."""
    FEE = 16
    INTEREST = 32
    NIGHT = 64
    """Between 23:00 and 06:00 in Shanghai, for rows that tell their time of day."""
    CRYPTO = 128
    """Its summary, remark or kind of transaction speaks of virtual currency."""
    CRYPTO_TRADER = 256
    """The counterparty, or the merchant, bears the name of virtual currency or of those who trade in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A text column as codes into its distinct values; `ABSENT` where the file is silent.

    `codes`: int32[n]; `values`: distinct clean texts in order of first appearance.
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows came from: `key` is stable (leaf file's SHA-256 and place in the package), `path` is for people."""

    key: str
    import_id: str
    path: str
    format_id: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatementRows:
    """Accepted rows of one or many imports, columns of equal length n, in (source, row) order.

    Account texts (`own_card`, `own_account`, `other`) are clean identifiers: complete, or incomplete with one
    `*` standing for what is hidden (`6222*1234`, `62220212345678*`); wallets carry a prefix (`wechat:`, `alipay:`).
    `own_card` and `own_account` of one row are one account. Times are UTC microseconds; a DAY row stands at
    its Shanghai midnight. `amount_fen` ≥ 0 with `side` telling the direction; `balance_fen` is the own account's
    after the row, `UNKNOWN_FEN` where not told. `row` is the place in the file as people count (from 1).
    """

    sources: tuple[Source, ...]
    source: NDArray[np.int32]
    row: NDArray[np.int32]
    side: NDArray[np.int8]
    at_us: NDArray[np.int64]
    precision: NDArray[np.int8]
    amount_fen: NDArray[np.int64]
    balance_fen: NDArray[np.int64]
    other_balance_fen: NDArray[np.int64]
    flags: NDArray[np.uint16]
    own_card: Coded
    own_account: Coded
    own_name: Coded
    own_id: Coded
    other: Coded
    other_name: Coded
    other_id: Coded
    other_bank: Coded
    serial: Coded
    currency: Coded
    summary: Coded
    merchant: Coded
    place: Coded
    terminal: Coded
    ip: Coded
    mac: Coded

    def __len__(self) -> int:
        return len(self.row)


CODED_COLUMNS = (
    "own_card", "own_account", "own_name", "own_id", "other", "other_name", "other_id", "other_bank", "serial",
    "currency", "summary", "merchant", "place", "terminal", "ip", "mac",
)  # fmt: skip
NUMBER_COLUMNS = (
    "row", "side", "at_us", "precision", "amount_fen", "balance_fen", "other_balance_fen", "flags",
)  # fmt: skip
