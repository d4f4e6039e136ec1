"""The same entry again: overlapping statements of one account, matched as multisets between files."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, UNKNOWN_FEN, Flag
from fanzha.tracing.movements.accounts import Fits
from fanzha.tracing.movements.entry_kernels import (
    BALANCES_APART,
    NOTHING_AGAINST,
    SAME_ALL,
    SAME_BALANCE,
    SAME_PARTY,
    SAME_SERIAL,
    SERIALS_APART,
    same_entries,
)
from fanzha.tracing.movements.movements import MINUTE_US, PairingLimits
from fanzha.tracing.movements.runs import packed
from fanzha.tracing.movements.tellings import SECOND_US, Tellings, mixed_key

ENOUGH_TO_JUDGE = 3
"""Entries that two files share beyond doubt before their never agreeing on serials (or balances) means anything."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """Which telling repeats which: `primary`: int64[n], itself for the telling that stands for its entry.

    `tellings` are the rows again, primary ones with what only their repeats tell filled in.
    """

    primary: NDArray[np.int64]
    tellings: Tellings


def once(rows: Tellings, fits: Fits, limits: PairingLimits) -> Entries:
    """Find entries told by several files of one account; in doubt two equal rows of one file are two entries."""
    root = _same_place(rows)
    following = np.full(len(rows), -1, np.int32)
    chosen = _worth_comparing(rows, root)
    whole = _in_whole_seconds(rows)
    fine = mixed_key(*(column[chosen] for column in (rows.own, rows.side, rows.sum, whole.at_us, whole.width_us)))
    systems = _systems_apart(whole, chosen, fine)
    _compare(whole, fits, systems, limits, (chosen, fine), root, following)
    rough = chosen[_mixes_precisions(rows, chosen) & (root[chosen] == chosen)]
    day = mixed_key(*(column[rough] for column in (rows.own, rows.side, rows.sum, rows.day())))
    _compare(whole, fits, systems, limits, (rough, day), root, following)
    primary = _richest(rows, root)
    return Entries(primary=primary, tellings=_filled(rows, primary, fits.partial))


def _in_whole_seconds(rows: Tellings) -> Tellings:
    """The rows without fractions of seconds, on which two exports of one entry need not agree."""
    return replace(rows, at_us=rows.at_us - rows.at_us % SECOND_US, width_us=np.maximum(rows.width_us, SECOND_US))


def _same_place(rows: Tellings) -> NDArray[np.int32]:
    """For each row itself, or the first row read from the very same place of the very same file."""
    root = np.arange(len(rows), dtype=np.int32)
    root[1:][(rows.file[1:] == rows.file[:-1]) & (rows.line[1:] == rows.line[:-1])] = 0
    return np.maximum.accumulate(root)


def _worth_comparing(rows: Tellings, root: NDArray[np.int32]) -> NDArray[np.int64]:
    """Rows of accounts that several files tell of, and rows that could be written twice in one file."""
    accounts = int(rows.own.max(initial=-1)) + 1
    lowest = np.full(accounts, np.iinfo(np.int32).max, np.int32)
    highest = np.full(accounts, -1, np.int32)
    np.minimum.at(lowest, rows.own, rows.file)
    np.maximum.at(highest, rows.own, rows.file)
    in_several = (lowest < highest)[rows.own]
    twice_told = (rows.serial != ABSENT) & (rows.balance != UNKNOWN_FEN)
    return np.flatnonzero((in_several | twice_told) & (root == np.arange(len(rows))))


def _mixes_precisions(rows: Tellings, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows belong to accounts whose rows tell time in different precisions."""
    accounts = int(rows.own.max(initial=-1)) + 1
    lowest = np.full(accounts, np.iinfo(np.int64).max, np.int64)
    highest = np.zeros(accounts, np.int64)
    np.minimum.at(lowest, rows.own[chosen], rows.width_us[chosen])
    np.maximum.at(highest, rows.own[chosen], rows.width_us[chosen])
    return (lowest < highest)[rows.own[chosen]]


def _compare(  # noqa: PLR0913
    rows: Tellings,
    fits: Fits,
    systems: tuple[NDArray[np.int64], NDArray[np.int8]],
    limits: PairingLimits,
    keyed: tuple[NDArray[np.int64], NDArray[np.int64]],
    root: NDArray[np.int32],
    following: NDArray[np.int32],
) -> None:
    """Join rows whose keys are equal, the surest evidence first, over all of them."""
    chosen, key = keyed
    members, bounds = packed(chosen, key)
    reversal = rows.has(Flag.REVERSAL)
    for tier in (SAME_ALL, SAME_SERIAL, SAME_BALANCE, SAME_PARTY, NOTHING_AGAINST):
        same_entries(
            tier,
            bounds,
            members,
            (rows.file, rows.other, rows.book, rows.serial),
            reversal,
            (rows.at_us, rows.width_us, rows.balance),
            (fits.start, fits.nodes, fits.partial, fits.wide),
            systems,
            root,
            following,
            limits.comparisons,
        )


def _systems_apart(
    rows: Tellings, chosen: NDArray[np.int64], key: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Pairs of files that share entries beyond doubt and yet never a serial (or balance): another system's."""
    members, bounds = packed(chosen, key)
    twos = bounds[:-1][np.diff(bounds) == 2]
    a, b = members[twos], members[twos + 1]
    sure = (rows.file[a] != rows.file[b]) & (rows.width_us[a] == SECOND_US)
    a, b = a[sure], b[sure]
    pairs, which = np.unique(rows.file[a].astype(np.int64) << 32 | rows.file[b], return_inverse=True)
    apart = np.zeros(len(pairs), np.int8)
    for told, same, mark in (
        ((rows.serial[a] != ABSENT) & (rows.serial[b] != ABSENT), rows.serial[a] == rows.serial[b], SERIALS_APART),
        (
            (rows.balance[a] != UNKNOWN_FEN) & (rows.balance[b] != UNKNOWN_FEN),
            rows.balance[a] == rows.balance[b],
            BALANCES_APART,
        ),
    ):
        both = np.bincount(which[told], minlength=len(pairs))
        agree = np.bincount(which[told & same], minlength=len(pairs))
        apart[(both >= ENOUGH_TO_JUDGE) & (agree == 0)] |= mark
    return pairs, apart


def _richest(rows: Tellings, root: NDArray[np.int32]) -> NDArray[np.int64]:
    """For each row the telling of its entry that says most: finest time, then balance, counterparty, serial."""
    root = root[root]
    told = 4 * (rows.balance != UNKNOWN_FEN) + 2 * (rows.other != ABSENT) + (rows.serial != ABSENT)
    score = np.where(rows.width_us > MINUTE_US, told - 16, told) + 8 * (rows.width_us <= SECOND_US)
    repeated = np.flatnonzero(root != np.arange(len(rows)))
    primary = np.arange(len(rows), dtype=np.int64)
    members = np.unique(np.concatenate([root[repeated].astype(np.int64), repeated]))
    order = members[np.lexsort((members, -score[members], root[members]))]
    first = np.concatenate([[True], root[order][1:] != root[order][:-1]]) if len(order) else np.zeros(0, np.bool_)
    primary[order] = order[first][np.cumsum(first) - 1]
    return primary


def _filled(rows: Tellings, primary: NDArray[np.int64], partial: NDArray[np.bool_]) -> Tellings:
    """The rows with what only repeats tell copied to their primary telling, the first in canonical order winning."""
    repeats = np.flatnonzero(primary != np.arange(len(rows)))[::-1]
    to = primary[repeats]
    balance, other, other_name = rows.balance.copy(), rows.other.copy(), rows.other_name.copy()
    serial, flags = rows.serial.copy(), rows.flags.copy()
    for column, untold in ((balance, UNKNOWN_FEN), (other, ABSENT), (other_name, ABSENT), (serial, ABSENT)):
        missing = (column[to] == untold) & (column[repeats] != untold)
        column[to[missing]] = column[repeats[missing]]
    told = repeats[other[repeats] != ABSENT]
    better = told[partial[other[primary[told]]] & ~partial[other[told]]]
    other[primary[better]] = other[better]
    np.bitwise_or.at(flags, to, flags[repeats])
    return replace(rows, balance=balance, other=other, other_name=other_name, serial=serial, flags=flags)
