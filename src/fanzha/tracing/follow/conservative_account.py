"""One account by three rules at once: what FIFO, LIFO and pro-rata each say of whose money lies there."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from fanzha.tracing.follow.account_events import EMPTY_FEN, AccountEvents

Lot = tuple[int, int | None]
"""Fen, and the label they carry, if any."""

Parts = tuple[Sequence[Lot], Sequence[Lot], Sequence[Lot]]
"""One payment's money by FIFO, by LIFO (both oldest first) and in proportion."""


class ThreeWays:
    """The money of one account since it was last empty, by each rule; dust from before leaves last and is nobody's."""

    def __init__(self, events: AccountEvents, at: int) -> None:
        """Before the event `at`, when nothing there is anybody's yet."""
        self.events, self.next = events, at
        there = int(events.before[at])
        last = int(events.empty.searchsorted(at)) - 1
        self.dust = int(events.after[events.empty[last]]) if last >= 0 else 0
        if last < 0 and events.opening <= EMPTY_FEN:
            self.dust = events.opening
        clean: list[Lot] = [(there - self.dust, None)] if there > self.dust else []
        self.fifo, self.lifo, self.shares = deque[Lot](), deque[Lot](), Counter[int | None]()
        self.labelled = 0
        self.add((clean, clean, clean))

    def add(self, parts: Parts) -> None:
        """Lay money on top."""
        for lots, laid in ((self.fifo, parts[0]), (self.lifo, parts[1])):
            self.labelled += _laid_on(lots, laid)
        for fen, label in parts[2]:
            self.shares[label] += fen

    def take(self, fen: int) -> Parts:
        """Take a payment out; what is not there since the account was empty is nobody's and comes last."""
        seen = min(fen, sum(self.shares.values()))
        rest: list[Lot] = [(fen - seen, None)] if fen > seen else []
        oldest, newest = _taken(self.fifo, seen), _taken(self.lifo, seen, newest_first=True)
        self.labelled -= sum(fen for fen, label in (*oldest, *newest) if label is not None)
        return [*oldest, *rest], [*newest, *rest], [*self._share(seen), *rest]

    def settle(self, balance: int) -> None:
        """Forget everything once the account is empty."""
        if balance <= EMPTY_FEN:
            self.dust = balance
            self.fifo.clear()
            self.lifo.clear()
            self.shares.clear()
            self.labelled = 0

    @property
    def is_nobodys(self) -> bool:
        """Whether by every rule nothing that lies there is anybody's."""
        return not self.labelled and all(label is None for label in self.shares)

    def lies(self) -> Parts:
        """All that lies there."""
        return list(self.fifo), list(self.lifo), [(fen, label) for label, fen in self.shares.items()]

    def _share(self, fen: int) -> list[Lot]:
        """Every label's share in proportion, by the largest remainder, ties by the earliest start; nobody's first."""
        whole = sum(self.shares.values())
        if not whole:
            return []
        labels = sorted(self.shares, key=lambda label: -1 if label is None else label)
        parts = {label: divmod(self.shares[label] * fen, whole) for label in labels}
        given = {label: part for label, (part, _) in parts.items()}
        for label in sorted(labels, key=lambda label: -parts[label][1])[: fen - sum(given.values())]:
            given[label] += 1
        self.shares.subtract(given)
        self.shares = +self.shares
        return [(part, label) for label, part in given.items() if part]


def _laid_on(lots: deque[Lot], laid: Iterable[Lot]) -> int:
    """Lay lots on top, where those of one label that meet become one; how many of their fen are somebody's."""
    labelled = 0
    for fen, label in laid:
        labelled += fen if label is not None else 0
        if lots and lots[-1][1] == label:
            lots[-1] = lots[-1][0] + fen, label
        else:
            lots.append((fen, label))
    return labelled


def _taken(lots: deque[Lot], fen: int, *, newest_first: bool = False) -> list[Lot]:
    """Take fen out of lots that lie oldest first; they keep that order."""
    taken: list[Lot] = []
    while fen:
        there, label = lots.pop() if newest_first else lots.popleft()
        part = min(there, fen)
        taken.append((part, label))
        fen -= part
        if part < there and newest_first:
            lots.append((there - part, label))
        elif part < there:
            lots.appendleft((there - part, label))
    if newest_first:
        taken.reverse()
    return taken
