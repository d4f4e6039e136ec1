"""One trace through a case as the picture sees it, and the layers of its accounts that follow from that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Precision
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import NO_MOVEMENT, Exit
from fanzha.tracing.picture.seen import NOBODY, Lying, Moved, Seen
from fanzha.workflows import lying as columns
from fanzha.workflows.case_ledger import CaseLedger, movement_id
from fanzha.workflows.lying import LIES, Lies

_FEN = {Lies.HELD: "held_fen", Lies.LAST_SEEN: "last_seen_fen", Lies.BEFORE: "before_fen"}
_PRECISIONS = [each.name.lower() for each in sorted(Precision)]
_EXITS = [each.name.lower() for each in sorted(Exit)]


def seen_trace(
    ledger: CaseLedger,
    flow: CaseFlow,
    trace: Trace,
    lies: columns.Lying,
    exits: NDArray[np.int8],
    exact: NDArray[np.int8],
) -> Seen:
    """A trace as the picture needs it; `lies`, `exits` and `exact` are those of `workflows.lying`."""
    names = [*ledger.found.accounts.primary, NOBODY]
    return Seen(
        method=trace.question.method,
        direction=trace.question.direction,
        moved=tuple(_moved(ledger, flow, trace, exits, exact)),
        lying=tuple(
            Lying(account=names[account], label=label, **{_FEN[LIES[kind]]: fen})
            for account, label, fen, kind in zip(
                lies.account.tolist(), lies.label.tolist(), lies.fen.tolist(), lies.lies.tolist(), strict=True
            )
        ),
        inconclusive=frozenset(names[node] for node in np.flatnonzero(flow.is_inconclusive).tolist()),
    )


def _moved(
    ledger: CaseLedger, flow: CaseFlow, trace: Trace, exits: NDArray[np.int8], exact: NDArray[np.int8]
) -> Iterator[Moved]:
    """Hop by hop; `names` ends with nobody's, which an unknown party's node finds from behind."""
    names, hops, transfers = [*ledger.found.accounts.primary, NOBODY], trace.hops, flow.index.transfers
    at = hops.transfer
    number = flow.movement[at]
    ids = np.where(number == NO_MOVEMENT, 0, ledger.found.movements.id[number])
    starts = np.array(trace.question.starts or (-1,))
    told = (
        transfers.at_s[at], transfers.payer[at], transfers.payee[at], hops.fen, hops.label, hops.kind, exits,
        number != NO_MOVEMENT, ids, starts[hops.label] == at, exact[at],
    )  # fmt: skip
    for second, payer, payee, fen, label, kind, exit, is_told, id, is_start, told_to in zip(
        *(column.tolist() for column in told), strict=True
    ):
        yield Moved(
            at_s=second,
            payer=names[payer],
            payee=names[payee],
            fen=fen,
            label=label,
            became=HopKind(kind),
            exit=_EXITS[exit] if kind == HopKind.LEFT else "",
            movement=movement_id(id) if is_told else "",
            is_start=is_start,
            precision=_PRECISIONS[told_to],
        )
