"""What of a trace rests on balances alone: guessed movements, and what they leave open in their accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.account_events import account_events
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind, Trace

AT_FIRST, FOR_EVER = -1, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """An account in which guessed movements (`guesses`, transfers, rising) met traced money.

    Within `stretches` (transfers, both ends within) whose money moved rests on them; `AT_FIRST`: its opening too,
    `FOR_EVER`: what lies there in the end too. What no row tells lies behind `since`, a transfer.
    """

    account: int
    guesses: tuple[int, ...]
    stretches: tuple[tuple[int, int], ...]
    since: int

    def holds_open(self, transfer: int) -> bool:
        """Whether what lay there right after a transfer (`AT_FIRST`: before all of them) rests on a guess."""
        return any(first <= transfer < last for first, last in self.stretches)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inferred:
    """Which hops (bool[h]) rest on a balance, and the accounts where balances decide."""

    hops: NDArray[np.bool_]
    unsettled: dict[int, Unsettled]


def inferred(flow: CaseFlow, trace: Trace) -> Inferred:
    """What of a trace rests on balances; a mere reach shares nothing out: in it only the guesses themselves do."""
    hops, moved = trace.hops, flow.index.transfers
    is_forward = trace.question.direction is Direction.FORWARD
    guesses = flow.unseen()
    rests = np.isin(hops.transfer, guesses)
    if trace.question.method is Method.POISON or not len(guesses):
        return Inferred(hops=rests, unsettled={})
    found = {each.account: each for each in _unsettled(flow, trace, guesses, is_forward)}
    party = (moved.payer if is_forward else moved.payee)[hops.transfer]
    for account, each in found.items():
        mine = np.flatnonzero(party == account)
        for first, last in each.stretches:
            rests[mine] |= (hops.transfer[mine] >= first) & (hops.transfer[mine] <= last)
    return Inferred(hops=rests, unsettled=found)


def _unsettled(flow: CaseFlow, trace: Trace, guesses: NDArray[np.int64], is_forward: bool) -> Iterator[Unsettled]:
    """Accounts whose guesses happened while traced money lay there, as far as the hops tell."""
    moved = flow.index.transfers
    followed = trace.hops.transfer[trace.hops.kind == HopKind.FOLLOWED]
    there = (moved.payee if is_forward else moved.payer)[followed]
    whose = np.maximum(moved.payer[guesses], moved.payee[guesses])
    for account in np.intersect1d(there, whose).tolist():
        met, mine = followed[there == account], guesses[whose == account]
        mine = mine[mine > met.min()] if is_forward else mine[mine < met.max()]
        if len(mine):
            yield _stretched(flow, account, mine, is_forward)


def _stretched(flow: CaseFlow, account: int, guesses: NDArray[np.int64], is_forward: bool) -> Unsettled:
    """Each guess leaves open what follows it until the account is empty; backward, what came before since it was."""
    events = account_events(flow.index, account)
    empty = events.number[events.empty]
    if is_forward:
        ends = np.append(empty, FOR_EVER)[np.searchsorted(empty, guesses)]
        stretches = zip(guesses.tolist(), ends.tolist(), strict=True)
    else:
        begins = np.append(AT_FIRST - 1, empty)[np.searchsorted(empty, guesses)] + 1
        stretches = zip(begins.tolist(), guesses.tolist(), strict=True)
    before = max(int(np.searchsorted(events.number, guesses[0])) - 2, 0)
    return Unsettled(
        account=account, guesses=tuple(guesses.tolist()), stretches=tuple(stretches), since=int(events.number[before])
    )
