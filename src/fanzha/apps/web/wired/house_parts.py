"""What all parts of the console's data share: the open house, and ledgers made ready for pages."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.wiring.house import House
from fanzha.workflows.case_ledger import CaseLedger

SHOWN_HELD = 2
"""Ledgers kept ready; one holds its rows, so few."""


@dataclass(slots=True)
class HouseParts:
    """The open house and the ledgers last shown."""

    house: House
    _shown: OrderedDict[int, ShownLedger] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def shown(self, ledger: CaseLedger) -> ShownLedger:
        """The ledger with its sums; the same ledger again is the same value."""
        with self._lock:
            held = self._shown.get(id(ledger))
            if held is None:
                held = self._shown[id(ledger)] = ShownLedger(keys=self.house.keys, ledger=ledger)
            self._shown.move_to_end(id(ledger))
            while len(self._shown) > SHOWN_HELD:
                self._shown.popitem(last=False)
        return held
