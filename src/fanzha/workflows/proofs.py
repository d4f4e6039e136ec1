"""The rows that prove money which no row tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.movements.movements import NO_MOVEMENT, NO_ROW
from fanzha.workflows.case_ledger import CaseLedger, Place


@dataclass(frozen=True, kw_only=True, eq=False)
class Proofs:
    """The way from a transfer that only balances prove to rows of a case's files."""

    ledger: CaseLedger
    flow: CaseFlow

    def of(self, transfer: int) -> tuple[Place, ...]:
        """The row whose balance proves it, else those of the payment that it was needed for."""
        row = int(self.flow.row[transfer])
        if row != NO_ROW:
            return (self.ledger.place(row),)
        keys, m = self._told_payments
        payee = int(self.flow.index.transfers.payee[transfer])
        at = int(np.searchsorted(keys, payee * m + transfer))
        if payee < 0 or at == len(keys) or keys[at] // m != payee:
            return ()
        needed = int(self.flow.movement[keys[at] % m])
        return tuple(self.ledger.place(row) for row in self.ledger.rows_of(needed))

    @cached_property
    def _told_payments(self) -> tuple[NDArray[np.int64], int]:
        """int64[k]: payer · m + transfer of each payment that rows tell, rising; and m, the number of transfers."""
        payer, m = self.flow.index.transfers.payer.astype(np.int64), len(self.flow.movement)
        told = np.flatnonzero((self.flow.movement != NO_MOVEMENT) & (payer >= 0))
        return np.sort(payer[told] * m + told), m
