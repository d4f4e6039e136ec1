"""Reach against time: every transfer before a moment, asked only whether its payee's money was looked for by then."""

from __future__ import annotations

from fanzha.kernel.compiled import inlined, lean
from fanzha.tracing.follow.reach_kernels import (
    ACCOUNTS,
    CUTS,
    Timeline,
    Wide,
    count_of_events,
    has_bit,
    key_in_time,
    place_in_time,
    set_bit,
)
from fanzha.tracing.follow.workspace import (
    BELOW_FLOOR,
    DONE,
    EVENTS,
    FOLLOWED,
    FULL,
    HOPS,
    LEFT,
    TOO_MANY_EVENTS,
    Ledger,
    Task,
)


@lean
def sweep_back(ledger: Ledger, lines: tuple[Timeline, Timeline], task: Task, wide: Wide, span: tuple[int, int]) -> int:
    """Reach back from one key to another, the latest transfer first; why it ended."""
    base, fresh = lines
    low, new_low = place_in_time(base, span[0]), place_in_time(fresh, span[0])
    at, new = place_in_time(base, span[1]), place_in_time(fresh, span[1])
    ended = DONE
    while (at > low or new > new_low) and ended == DONE:
        if new == new_low or (at > low and key_in_time(base, at - 1) > key_in_time(fresh, new - 1)):
            at -= 1
            t = int(base.turn[at]) if len(base.turn) else at
            if has_bit(wide, base.columns[1][t], 0):
                ended = came_by(ledger, base, task, wide, t)
        else:
            new -= 1
            t = int(fresh.turn[new]) if len(fresh.turn) else new
            if has_bit(wide, fresh.columns[1][t], 0):
                ended = came_by(ledger, fresh, task, wide, t)
    return ended


@inlined
def came_by(ledger: Ledger, line: Timeline, task: Task, wide: Wide, t: int) -> int:
    """Note a payment that brought money which is looked for, and look for its payer's when it is followed."""
    payer, payee, fen = line.columns[0][t], line.columns[1][t], line.columns[2][t]
    hop, counts, kind = wide.counts[HOPS], wide.counts, BELOW_FLOOR
    if payer == payee:
        return DONE
    counts[EVENTS] += 1
    if counts[EVENTS] > task.most_events:
        return TOO_MANY_EVENTS
    if hop == len(wide.transfer) or counts[ACCOUNTS] == len(wide.cut):
        return FULL
    if fen >= task.floor_fen:
        kind = LEFT if payer < 0 or ledger.is_end[payer] else FOLLOWED
    counts[HOPS] = hop + 1
    wide.transfer[hop], wide.fen[hop], wide.kind[hop] = line.first + t, fen, kind
    if kind == FOLLOWED and not has_bit(wide, payer, 0):
        _mark(ledger, task, wide, payer)
    return DONE


@inlined
def _mark(ledger: Ledger, task: Task, wide: Wide, account: int) -> None:
    """Look for an account's money; one with more events than a trace reads is only noted, once."""
    if count_of_events(ledger, account) <= task.most_account_events:
        set_bit(wide, account, 0)
        wide.counts[ACCOUNTS] += 1
    elif not has_bit(wide, account, 1):
        set_bit(wide, account, 1)
        wide.cut[wide.counts[CUTS]] = account
        wide.counts[CUTS] += 1


@lean
def start_back(ledger: Ledger, line: Timeline, task: Task, wide: Wide, t: int) -> int:
    """Begin with one payment, whoever got it."""
    return came_by(ledger, line, task, wide, t)
