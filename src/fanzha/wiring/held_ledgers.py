"""Ledgers of cases that one process holds in memory: shown again at once, and grown by what came since."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from fanzha.kernel.ids import CaseId, ImportId
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.workflows.case_ledger import CaseLedger

ROWS_HELD = 4_000_000
"""Rows of ledgers that one process holds in memory (about 150 bytes each)."""

Parts = frozenset[tuple[ImportId, str]]
"""Imports by id and the SHA-256 of their sealed rows."""


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
    """The ledgers used last, so many rows of them; shared by the threads of a process."""

    rows: int = ROWS_HELD
    _held: OrderedDict[UUID, Held] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, made_id: UUID) -> CaseLedger | None:
        """A held ledger, now the one used last."""
        with self._lock:
            found = self._held.get(made_id)
            if found is None:
                return None
            self._held.move_to_end(made_id)
            return found.ledger

    def put(self, made_id: UUID, held: Held) -> CaseLedger:
        """Hold a ledger in place of those that grew into it; the ones used longest ago give way."""
        with self._lock:
            for each in [key for key, old in self._held.items() if _is_grown(old, held)]:
                del self._held[each]
            self._held[made_id] = held
            while len(self._held) > 1 and sum(len(each.ledger.rows) for each in self._held.values()) > self.rows:
                self._held.popitem(last=False)
        return held.ledger

    def grown_into(self, case_id: CaseId, parts: Parts) -> Held | None:
        """The case's ledger held with most of these imports and none beside them."""
        with self._lock:
            fitting = [each for each in self._held.values() if each.case_id == case_id and each.parts <= parts]
        return max(fitting, key=lambda each: len(each.parts), default=None)


def _is_grown(old: Held, new: Held) -> bool:
    return old.case_id == new.case_id and old.parts < new.parts


HELD = HeldLedgers()
