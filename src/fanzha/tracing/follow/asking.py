"""Which statements to ask for next by the fen at stake, and how fast money went through each account of a trace."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, CaseFlow
from fanzha.tracing.follow.inferred import Inferred, Unsettled
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import Movements

DAY_S = 86_400
SHANGHAI_S = 8 * 3_600


class Lack(IntEnum):
    """Why it is not known what became of money that arrived in an account."""

    NO_STATEMENT = 0
    ENDS_BEFORE_ARRIVAL = 1
    ENDS_BEFORE_HORIZON = 2
    """The money lay there when the account's statement ended, and may have moved on within the horizon."""
    BALANCES_CONTRADICT = 3
    """Its statement has holes: its balances prove money that its rows don't tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthAsking:
    """A statement to ask for: traced fen last seen there or carried off by guesses, when they came, for which days.

    Seconds are UTC; days count from 1970-01-01, both inclusive, up to the end of the horizon.
    """

    account: int
    lack: Lack
    fen: int
    first_arrival_s: int
    last_arrival_s: int
    first_day: int
    last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How traced money went through an account within the horizon; `residue_fen` = in − out, what lay there at its end.

    `dwell_s` is what the fen that left had stayed on average, the first in counted out first; None where none left.
    `night_cash_fen` left as cash between 23:00 and 06:00. `last_s`: the last arrival or departure.
    """

    account: int
    in_fen: int
    out_fen: int
    residue_fen: int
    dwell_s: int | None
    night_cash_fen: int
    first_s: int
    last_s: int

    @property
    def pass_through_share(self) -> float:
        """The share of what came in that went out."""
        return self.out_fen / self.in_fen if self.in_fen else 0.0


def statements_worth_asking(flow: CaseFlow, trace: Trace, found: Inferred) -> tuple[WorthAsking, ...]:
    """Accounts where the trace loses money for want of a statement, most fen first; the trace runs forward."""
    lying: dict[int, int] = defaultdict(int)
    for account, fen in zip(trace.held.account.tolist(), trace.held.fen.tolist(), strict=True):
        lying[account] += fen
    firsts, lasts = _arrivals(flow, trace)
    horizon_ends = int(flow.index.transfers.at_s[list(trace.question.starts)].max()) + trace.question.horizon_s
    asked = []
    for account in {**lying, **found.unsettled}:
        first, last, told = int(firsts[account]), int(lasts[account]), int(flow.told_until_s[account])
        guessed = found.unsettled.get(account)
        lack, until = _lack(told, last), horizon_ends
        since = first if lack is Lack.NO_STATEMENT else max(first, told)
        fen = lying.get(account, 0) + (_carried_off(trace, guessed) if guessed else 0)
        if guessed is not None:
            since = min(since, int(flow.index.transfers.at_s[guessed.since]))
        if told >= horizon_ends or account not in lying:
            if guessed is None:
                continue
            lack, until = Lack.BALANCES_CONTRADICT, int(flow.index.transfers.at_s[guessed.guesses[-1]])
        if fen:
            asked.append(
                WorthAsking(
                    account=account,
                    lack=lack,
                    fen=fen,
                    first_arrival_s=first,
                    last_arrival_s=last,
                    first_day=_day(since),
                    last_day=_day(until),
                )
            )
    return tuple(sorted(asked, key=lambda each: (-each.fen, each.account)))


def _carried_off(trace: Trace, guessed: Unsettled) -> int:
    """Traced fen that an account's guessed payments took along: nobody knows where to."""
    return int(trace.hops.fen[np.isin(trace.hops.transfer, guessed.guesses)].sum())


def _arrivals(flow: CaseFlow, trace: Trace) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By account, the first and the last second at which traced money came."""
    arrived = trace.hops.transfer[trace.hops.kind == HopKind.FOLLOWED]
    at_s, payee = flow.index.transfers.at_s[arrived], flow.index.transfers.payee[arrived]
    first = np.full(len(flow.told_until_s), np.iinfo(np.int64).max)
    last = np.full(len(flow.told_until_s), np.iinfo(np.int64).min)
    np.minimum.at(first, payee, at_s)
    np.maximum.at(last, payee, at_s)
    return first, last


def _lack(told_until_s: int, last_arrival_s: int) -> Lack:
    if told_until_s == NEVER_TOLD_S:
        return Lack.NO_STATEMENT
    return Lack.ENDS_BEFORE_ARRIVAL if told_until_s < last_arrival_s else Lack.ENDS_BEFORE_HORIZON


def _day(at_s: int) -> int:
    return (at_s + SHANGHAI_S) // DAY_S


def passages(flow: CaseFlow, movements: Movements, trace: Trace) -> tuple[Passage, ...]:
    """The fast facts of every account that traced money reached, by account; the trace runs forward."""
    moved, hops = flow.index.transfers, trace.hops
    night_cash = is_night_cash(flow, movements)
    events: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    starts = np.array(trace.question.starts)[hops.label] == hops.transfer
    columns = (hops.transfer.tolist(), hops.fen.tolist(), hops.kind.tolist(), starts.tolist())
    for transfer, fen, kind, is_start in zip(*columns, strict=True):
        at_s, payer, payee = int(moved.at_s[transfer]), int(moved.payer[transfer]), int(moved.payee[transfer])
        if kind == HopKind.FOLLOWED:
            events[payee].append((at_s, fen, False))
        if payer >= 0 and not is_start and kind != HopKind.AFTER_HORIZON:
            events[payer].append((at_s, -fen, bool(night_cash[transfer])))
    reached = [account for account, some in events.items() if any(fen > 0 for _, fen, _ in some)]
    return tuple(_passage(account, events[account]) for account in sorted(reached))


def is_night_cash(flow: CaseFlow, movements: Movements) -> NDArray[np.bool_]:
    """By transfer: whether it was cash at night."""
    wanted = np.uint16(Flag.CASH | Flag.NIGHT)
    told = np.append((movements.flags & wanted) == wanted, False)
    return np.asarray(told[flow.movement], np.bool_)


def _passage(account: int, events: list[tuple[int, int, bool]]) -> Passage:
    """Match what left with what came, in the order in which the hops stand."""
    waiting: deque[tuple[int, int]] = deque()
    stayed = matched = night = 0
    for at_s, fen, was_night_cash in events:
        if fen > 0:
            waiting.append((at_s, fen))
            continue
        night += -fen if was_night_cash else 0
        left = -fen
        while left and waiting:
            since, there = waiting.popleft()
            part = min(there, left)
            stayed, matched, left = stayed + part * (at_s - since), matched + part, left - part
            if there > part:
                waiting.appendleft((since, there - part))
    came = sum(fen for _, fen, _ in events if fen > 0)
    gone = came - sum(fen for _, fen, _ in events)
    return Passage(
        account=account,
        in_fen=came,
        out_fen=gone,
        residue_fen=came - gone,
        dwell_s=stayed // matched if matched else None,
        night_cash_fen=night,
        first_s=min(at_s for at_s, _, _ in events),
        last_s=max(at_s for at_s, _, _ in events),
    )
