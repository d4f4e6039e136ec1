"""What one process holds in memory of its cases: ledgers, shown again at once and grown by what came since, and what it
sealed itself, which the round that follows need not read back."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from fanzha.kernel.ids import CaseId, ImportId
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.records.statements.rows import StatementRows
from fanzha.workflows.case_ledger import CaseLedger

ROWS_HELD = 1_000_000
"""Rows of ledgers that one process holds in memory, but always the one used last: some 350 bytes each where each has a
serial of its own, and 130 more once their money was followed, so half a gigabyte at most beside it."""
LEDGER_ROWS = 200
"""A ledger weighs as much as so many rows though it has none."""

FRESH_ROWS = 100_000
"""Rows of imports that one process keeps in memory from their sealing until a ledger is made of them."""
SHEET_ROWS = 50
FRESH_SECONDS = 60.0
"""So long; then another process has made it, and what is sealed lies in clear no longer than it must."""

Part = tuple[ImportId, str]
"""An import by its id and the SHA-256 of its sealed rows."""

Parts = frozenset[Part]

SourcedAccount = tuple[str, AccountRecord]
"""What is told of an account, with the key of the source that tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A case's ledger, the imports whose rows it is made of, and the records of accounts that these tell."""

    case_id: CaseId
    parts: Parts
    ledger: CaseLedger
    accounts: tuple[SourcedAccount, ...] | None = None
    """None where the ledger was read as kept, for which nobody needed them."""


@dataclass(slots=True)
class HeldLedgers:
    """The ledgers of the cases used last, so many rows of them; shared by the threads of a process.

    A ledger is what its imports make it, so that their names alone say which one it is.
    """

    rows: int = ROWS_HELD
    _held: OrderedDict[CaseId, list[Held]] = field(default_factory=OrderedDict)
    _rows: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, case_id: CaseId, parts: Parts) -> Held | None:
        """The ledger of exactly these imports; its case is now the one used last."""
        with self._lock:
            found = next((each for each in self._held.get(case_id, ()) if each.parts == parts), None)
            if found is not None:
                self._held.move_to_end(case_id)
            return found

    def put(self, held: Held) -> CaseLedger:
        """Hold a ledger in place of those that grew into it; the cases used longest ago give way."""
        with self._lock:
            before = self._held.pop(held.case_id, [])
            now = [*(each for each in before if not each.parts <= held.parts), held]
            self._held[held.case_id] = now
            self._rows += _rows_of(now) - _rows_of(before)
            while self._rows > self.rows and self._give_way(held):
                pass
        return held.ledger

    def grown_into(self, case_id: CaseId, parts: Parts) -> Held | None:
        """The case's ledger held with most of these imports and none beside them."""
        with self._lock:
            fitting = [each for each in self._held.get(case_id, ()) if each.parts <= parts]
        return max(fitting, key=lambda each: len(each.parts), default=None)

    def _give_way(self, to: Held) -> bool:
        """Forget the oldest ledger of the case used longest ago; false where only this one is left."""
        case_id, some = next(iter(self._held.items()))
        if some[-1] is to and len(some) == 1:
            return False
        self._rows -= _rows_of([some.pop(0)])
        if not some:
            del self._held[case_id]
        return True


def _rows_of(some: Sequence[Held]) -> int:
    return sum(LEDGER_ROWS + len(each.ledger.rows) for each in some)


HELD = HeldLedgers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An import as it was sealed: the rows of its sheets, and what it tells of accounts."""

    rows: tuple[StatementRows, ...]
    accounts: tuple[SourcedAccount, ...]


@dataclass(slots=True)
class FreshImports:
    """Imports that this process sealed, until they are taken or old; beyond so many rows the oldest give way.

    Sealed anew after its transaction was taken back, an import has another SHA-256: what was never committed is never
    asked for.
    """

    rows: int = FRESH_ROWS
    now: Callable[[], float] = time.monotonic
    _held: OrderedDict[Part, tuple[float, Fresh]] = field(default_factory=OrderedDict)
    _rows: int = 0
    _lock: Lock = field(default_factory=Lock)

    def put(self, part: Part, fresh: Fresh) -> None:
        """Keep an import for whoever makes a ledger of it."""
        with self._lock:
            self._held[part] = self.now(), fresh
            self._rows += _weight(fresh)
            self._forget()

    def take(self, part: Part) -> Fresh | None:
        """The import, which the ledger that it becomes part of holds from here on."""
        with self._lock:
            self._forget()
            _, found = self._held.pop(part, (0.0, None))
            if found is not None:
                self._rows -= _weight(found)
            return found

    def _forget(self) -> None:
        """What nobody took soon another process took from the disk."""
        old = self.now() - FRESH_SECONDS
        while self._held and (self._rows > self.rows or next(iter(self._held.values()))[0] < old):
            self._rows -= _weight(self._held.popitem(last=False)[1][1])


def _weight(fresh: Fresh) -> int:
    """Its rows, and its sheets, each of which weighs as much as some dozens though it has none."""
    return sum(map(len, fresh.rows)) + SHEET_ROWS * len(fresh.rows)


FRESH = FreshImports()
