"""The proof of money that no row tells: the next payment that it was needed for, and nothing where none follows."""

from __future__ import annotations

from dataclasses import replace

from fanzha.tracing.movements.movements import NO_MOVEMENT
from fanzha.workflows.trace_case import TracedCase
from tests.workflows.test_case_patterns import Story


def untold(case: TracedCase, transfer: int) -> TracedCase:
    """The same trace, had no row told of one transfer."""
    movement = case.flow.movement.copy()
    movement[transfer] = NO_MOVEMENT
    return replace(case, flow=replace(case.flow, movement=movement))


def test_untold_money_is_proved_by_the_next_payment_that_rows_tell() -> None:
    case = Story().traced()
    moved = case.flow.index.transfers
    proved = []
    for at, transfer in enumerate(case.trace.hops.transfer.tolist()):
        payee = moved.payee[transfer]
        later = [each for each in range(transfer + 1, len(case.flow.movement)) if moved.payer[each] == payee]
        told = untold(case, transfer)
        if later:
            assert told.hop(at).evidence == case.ledger.told(int(case.flow.movement[later[0]])).evidence
            after_that = untold(told, later[0]).hop(at).evidence
            rest = case.flow.movement[later[1:2]].tolist()
            assert after_that == (case.ledger.told(rest[0]).evidence if rest else ())
        else:
            assert told.hop(at).evidence == ()
        proved.append(bool(later))
    assert any(proved) and not all(proved)
