"""What accounts held before their first row, and money that came or left without a row, by told balances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_UNTOLD = np.iinfo(np.int64).min

FLOW, FLOW_UNTOLD, ASIDE, STILL = range(4)
"""A movement that the account's own row tells, one that only others tell, a row that moves nothing because another
row of this account takes it back (or because it went to the account itself), any other row that moves nothing."""


class Events(NamedTuple):
    """What happened to accounts, `bounds[a]:bounds[a + 1]` to account `a`; `told` is the balance of `book` after it.

    `turn` is the place of a `FLOW` among the account's own in its ledger.
    """

    bounds: NDArray[np.int64]
    kind: NDArray[np.int8]
    signed: NDArray[np.int64]
    told: NDArray[np.int64]
    book: NDArray[np.int32]
    turn: NDArray[np.int64]


class Opened(NamedTuple):
    """What each book held before its first row, the account's books together, what the account then held; who can't
    tell. What others tell before the account's own first row is taken off: that row's balance knows of it already."""

    of_book: NDArray[np.int64]
    of_books: NDArray[np.int64]
    of_account: NDArray[np.int64]
    is_unknown: NDArray[np.bool_]


@compiled
def open_books(events: Events, books: int) -> Opened:
    """What was there before the first events, which lie in the ledger's order."""
    bounds, kind, signed, told, book, _ = events
    accounts = len(bounds) - 1
    of_book, since, known = np.zeros(books, np.int64), np.zeros(books, np.int64), np.zeros(books, np.bool_)
    together, of_account = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
    unknown = np.ones(accounts, np.bool_)
    for a in range(accounts):
        early, begun = np.int64(0), False
        for at in range(bounds[a], bounds[a + 1]):
            if kind[at] == FLOW_UNTOLD:
                early += 0 if begun else signed[at]
                continue
            begun, b = True, book[at]
            since[b] += signed[at]
            if told[at] != _UNTOLD and not known[b]:
                known[b] = True
                of_book[b] = told[at] - since[b]
                together[a] += of_book[b]
                unknown[a] = False
        for at in range(bounds[a], bounds[a + 1]):
            if kind[at] != FLOW_UNTOLD and not known[book[at]]:
                unknown[a] = True
        if not unknown[a]:
            of_account[a] = max(together[a] - early, 0)
    return Opened(of_book, together, of_account, unknown)


class Found(NamedTuple):
    """Money that came or left unseen: `at` an event, right before it or right after; `fen`, negative where it left.

    `slips`: events whose told balance the account's next one takes back to the fen: it proves nothing.
    """

    at: NDArray[np.int64]
    is_after: NDArray[np.bool_]
    fen: NDArray[np.int64]
    slips: NDArray[np.int64]


@compiled
def find_unseen(events: Events, opened: Opened) -> Found:
    """Where money came or left unseen; the events are in the order in which they are followed.

    A balance is believed only where what was followed so far is what the account's ledger has before it. What a payment
    shows leaving leaves before what is only inferred: before it comes no more than it could not be paid without.
    """
    bounds, kind, signed, told, book, _ = events
    agrees = _agrees(events)
    aside, balance = np.zeros(len(opened.of_book), np.int64), opened.of_book.copy()
    places, fen = [(np.int64(0), False) for _ in range(0)], [np.int64(0) for _ in range(0)]
    slips = [np.int64(0) for _ in range(0)]
    for a in range(len(bounds) - 1):
        if opened.is_unknown[a]:
            continue
        held, total = opened.of_account[a], opened.of_books[a]
        for at in range(bounds[a], bounds[a + 1]):
            moved, b = signed[at] if kind[at] <= FLOW_UNTOLD else np.int64(0), book[at]
            first, then = max(-moved - held, 0), np.int64(0)
            if kind[at] != FLOW_UNTOLD:
                aside[b] += signed[at] if kind[at] == ASIDE else 0
                balance[b] += moved
                total += moved
            if agrees[at]:
                expected = aside[b] + balance[b]
                before, after = _proven(held, moved, total + told[at] - expected)
                is_new = told[at] != expected and (before != first or after != 0)
                if is_new and _is_taken_back(events, agrees, a, at, expected):
                    slips.append(np.int64(at))
                else:
                    first, then = before, after
                    total += told[at] - expected
                    balance[b] = told[at] - aside[b]
            if first != 0:
                places.append((np.int64(at), False))
                fen.append(first)
            if then != 0:
                places.append((np.int64(at), True))
                fen.append(then)
            held += first + moved + then
    return Found(
        np.array([at for at, _ in places], np.int64),
        np.array([is_after for _, is_after in places], np.bool_),
        np.array(fen, np.int64),
        np.array(slips, np.int64),
    )


@compiled
def _agrees(events: Events) -> NDArray[np.bool_]:
    """Which events tell a balance that knows of what was followed so far, and of nothing else."""
    bounds, kind, _, told, _, turn = events
    agrees = np.zeros(len(kind), np.bool_)
    for a in range(len(bounds) - 1):
        own, latest = 0, np.int64(-1)
        for at in range(bounds[a], bounds[a + 1]):
            if kind[at] == FLOW:
                own, latest = own + 1, max(latest, turn[at])
            is_told = kind[at] != FLOW_UNTOLD and told[at] != _UNTOLD
            agrees[at] = is_told and latest == own - 1 and (kind[at] != FLOW or turn[at] == latest)
    return agrees


@compiled
def _proven(held: np.int64, moved: np.int64, total: np.int64) -> tuple[np.int64, np.int64]:
    """What came (negative: left) right before and right after an event for the account to hold `total` then."""
    nothing = np.int64(0)
    if moved >= 0:
        return max(nothing, total - moved) - held, nothing
    short = max(nothing, -moved - held)
    return short, max(nothing, total) - (held + short + moved)


@compiled
def _is_taken_back(events: Events, agrees: NDArray[np.bool_], a: int, at: int, expected: np.int64) -> bool:
    """Whether the book's next balance is what its rows alone make of the one that was `expected` at an event."""
    bounds, kind, signed, told, book, _ = events
    for later in range(at + 1, bounds[a + 1]):
        if kind[later] == FLOW_UNTOLD or book[later] != book[at]:
            continue
        if kind[later] != STILL:
            expected += signed[later]
        if agrees[later]:
            return bool(told[later] == expected)
    return False
