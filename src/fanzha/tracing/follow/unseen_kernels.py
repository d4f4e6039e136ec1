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


@compiled
def find_unseen(events: Events, opened: Opened) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events, in the order in which they are followed, before which money came or left unseen; fen (negative: left).

    A balance is believed only where what was followed so far is what the account's ledger has before it.
    """
    bounds, kind, signed, told, book, turn = events
    aside, balance = np.zeros(len(opened.of_book), np.int64), opened.of_book.copy()
    places, fen = [np.int64(0) for _ in range(0)], [np.int64(0) for _ in range(0)]
    for a in range(len(bounds) - 1):
        held, total, own, latest = opened.of_account[a], opened.of_books[a], 0, np.int64(-1)
        for at in range(bounds[a], bounds[a + 1]):
            moved = signed[at] if kind[at] <= FLOW_UNTOLD else np.int64(0)
            if kind[at] == FLOW:
                own, latest = own + 1, max(latest, turn[at])
            if kind[at] != FLOW_UNTOLD:
                b = book[at]
                aside[b] += signed[at] if kind[at] == ASIDE else 0
                balance[b] += moved
                total += moved
                agrees = latest == own - 1 and (kind[at] != FLOW or turn[at] == latest)
                if told[at] != _UNTOLD and agrees and not opened.is_unknown[a]:
                    total += told[at] - aside[b] - balance[b]
                    balance[b] = told[at] - aside[b]
                    came = max(total - moved, 0) - held
                    held += came
                    if came != 0:
                        places.append(np.int64(at))
                        fen.append(came)
            if held + moved < 0 and not opened.is_unknown[a]:
                places.append(np.int64(at))
                fen.append(-held - moved)
            held = max(held + moved, 0)
    return np.array(places), np.array(fen)
