"""What all parts of the console's data share: the open house, and ledgers made ready for pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from fanzha.apps.web.wired.latest import Latest
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.wiring.house import House
from fanzha.workflows.case_ledger import CaseLedger

SHOWN_HELD = 2
"""Ledgers kept ready; one holds its rows, so few."""


@dataclass(slots=True)
class HouseParts:
    """The open house and the ledgers last shown."""

    house: House
    _shown: Latest[int, ShownLedger] = field(default_factory=lambda: Latest(SHOWN_HELD))

    def shown(self, ledger: CaseLedger) -> ShownLedger:
        """The ledger with its sums; the same ledger again is the same value."""
        return self._shown.get(id(ledger), lambda: ShownLedger(keys=self.house.keys, ledger=ledger))
