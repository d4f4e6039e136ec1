"""Rows as plain numbers in an order that does not depend on how they were imported."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Coded, Flag, Precision, StatementRows
from fanzha.tracing.movements.accounts import Parties
from fanzha.tracing.movements.movements import DAY_US, MINUTE_US
from fanzha.tracing.movements.ordering_kernels import file_directions
from fanzha.tracing.movements.runs import by_node, numbered, stirred

SHANGHAI_US = 8 * 3_600_000_000
SECOND_US = 1_000_000
_WIDTH_US = np.array([DAY_US, MINUTE_US, SECOND_US], np.int64)
_OWN_CURRENCY = frozenset({"CNY", "RMB", "156", ""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tellings:
    """Columns of length n in canonical order: by source key, then row as time ran (newest-first files turned round).

    `place`: index into the statement rows. `file`: rank of the source's key. `line`: the row's place in its file.
    A row happened in `at_us … at_us + width_us − 1`. `book` tells several accounts under one card apart; equal `sum`
    is equal amount and currency; `by_time` are the rows by time, then canonical order. Codes are `ABSENT` where untold.
    """

    place: NDArray[np.int64]
    file: NDArray[np.int32]
    line: NDArray[np.int32]
    side: NDArray[np.int8]
    own: NDArray[np.int32]
    other: NDArray[np.int32]
    book: NDArray[np.int32]
    own_name: NDArray[np.int32]
    other_name: NDArray[np.int32]
    serial: NDArray[np.int32]
    currency: NDArray[np.int32]
    amount: NDArray[np.int64]
    sum: NDArray[np.int32]
    balance: NDArray[np.int64]
    at_us: NDArray[np.int64]
    width_us: NDArray[np.int64]
    by_time: NDArray[np.int64]
    flags: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.place)

    @property
    def payer(self) -> NDArray[np.int32]:
        """Who pays by each row."""
        return np.where(self.side > 0, self.other, self.own)

    @property
    def payee(self) -> NDArray[np.int32]:
        """Who is paid by each row."""
        return np.where(self.side > 0, self.own, self.other)

    def has(self, flag: Flag) -> NDArray[np.bool_]:
        """Which rows carry any of these flags."""
        carried: NDArray[np.bool_] = (self.flags & np.uint16(flag)) != 0
        return carried

    def in_time(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The chosen rows by time, then canonical order."""
        return self.by_time[chosen[self.by_time]]

    def day(self) -> NDArray[np.int64]:
        """The Shanghai day of each row."""
        return (self.at_us + SHANGHAI_US) // DAY_US


def tellings(rows: StatementRows, parties: Parties) -> Tellings:
    """The rows in canonical order."""
    file, order = _canonical(rows, parties.own)
    currency, amount, at_us = _currency(rows.currency)[order], rows.amount_fen[order], rows.at_us[order]
    return Tellings(
        place=order,
        file=file[order],
        line=rows.row[order].astype(np.int32),
        side=rows.side[order],
        own=parties.own[order],
        other=parties.other[order],
        book=parties.book[order],
        own_name=parties.own_name[order],
        other_name=parties.other_name[order],
        serial=rows.serial.codes[order],
        currency=currency,
        amount=amount,
        sum=numbered(mixed_key(amount, currency))[0],
        balance=rows.balance_fen[order],
        at_us=at_us,
        width_us=_widths(rows.precision[order], at_us),
        by_time=np.argsort(at_us, kind="stable"),
        flags=rows.flags[order],
    )


def row_ids(rows: StatementRows) -> NDArray[np.uint64]:
    """uint64[n]: for each row an id that only its source's key and its place in it decide."""
    keys = np.array(
        [int.from_bytes(blake2b(source.key.encode(), digest_size=8).digest(), "big") for source in rows.sources],
        np.uint64,
    )
    found = keys[rows.source]
    stirred(found, mixed_key(rows.row))
    return found


def mixed_key(*columns: NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8]) -> NDArray[np.int64]:
    """int64[n]: equal where all columns are equal, and else different but for one chance in 2⁶⁴ a pair."""
    key = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        stirred(key, column)
    return key.view(np.int64)


def _canonical(rows: StatementRows, own: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Ranks of the rows' sources, and the order by them and line; an account's part from new to old is turned round."""
    rank, tie = _source_ranks(rows)
    file = rank[rows.source]
    order = _sorted(file, rows.row, tie[rows.source])
    columns = file[order], own[order], rows.at_us[order]
    part, parts = numbered(mixed_key(columns[0], columns[1]))
    signed = (rows.side * rows.amount_fen)[order]
    descending = file_directions(by_node(part, parts)[0], *columns, rows.balance_fen[order], signed)
    if descending.any():
        line = rows.row[order]
        order = order[np.lexsort((np.where(descending, -line, line), columns[0]))]
    return file, order


def _source_ranks(rows: StatementRows) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each source the rank of its key, and of its import among imports."""
    keys = {key: rank for rank, key in enumerate(sorted({source.key for source in rows.sources}))}
    imports = {key: rank for rank, key in enumerate(sorted({source.import_id for source in rows.sources}))}
    return (
        np.array([keys[source.key] for source in rows.sources], np.int32),
        np.array([imports[source.import_id] for source in rows.sources], np.int32),
    )


def _sorted(
    file: NDArray[np.int32], line: NDArray[np.int64] | NDArray[np.int32], tie: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The order by file, line, import; most cases arrive in it."""
    key = file.astype(np.int64) << 40 | line
    if (key[1:] > key[:-1]).all():
        return np.arange(len(key))
    return np.lexsort((tie, key))


def is_own_currency(text: str) -> bool:
    """Whether a clean currency text means the yuan (ISO 4217)."""
    return text in _OWN_CURRENCY


def _currency(coded: Coded) -> NDArray[np.int32]:
    """Currencies as codes; untold ones are the country's own, −1."""
    numbers = {text: rank for rank, text in enumerate(sorted(set(coded.values)))}
    codes = [ABSENT if is_own_currency(text) else numbers[text] for text in coded.values]
    return np.array([*codes, ABSENT], np.int32)[coded.codes]


def _widths(precision: NDArray[np.int8], at_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """How long a told time lasts: `10:00` a minute, `10:00:00` a second, `10:00:00.123` a millisecond."""
    width = _WIDTH_US[precision]
    fraction = at_us % SECOND_US
    if fraction.any():
        width[fraction != 0] = np.where(fraction[fraction != 0] % 1_000, 1, 1_000)
    return width


def precision_of(width_us: NDArray[np.int64]) -> NDArray[np.int8]:
    """The precision that a width stands for."""
    finer = np.where(width_us == MINUTE_US, np.int8(Precision.MINUTE), np.int8(Precision.SECOND))
    return np.where(width_us == DAY_US, np.int8(Precision.DAY), finer)
