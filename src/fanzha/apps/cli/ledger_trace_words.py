"""Traces over a folder of Parquet files as the command line tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from fanzha.apps.cli.output import Row
from fanzha.kernel.identifiers import account as accounts
from fanzha.tracing.follow.question import HOUR_S
from fanzha.wiring.ledger_traces import LedgerTrace

COLUMNS = {
    "hops": ("start", "payer", "payee", "amount_fen", "traced_fen", "at", "kind", "file", "row"),
    "held": ("account", "start", "held_fen"),
}


def ledger_trace_lines(found: LedgerTrace, starts: int, hidden: bool) -> Row:
    """A whole trace as JSON, with sums and what limits were reached."""
    question, answer = found.trace.question, found.trace
    return {
        "method": question.method,
        "direction": question.direction,
        "horizon_hours": question.horizon_s // HOUR_S,
        "floor_fen": question.floor_fen,
        "starts": starts,
        **found.sums(),
        "stopped_by": answer.stop.name.lower(),
        "cut_accounts": [_shown(found.ledger.names[each], hidden) for each in answer.cut.tolist()],
        "events": answer.events,
        "held": list(held_rows(found, hidden)),
        "hops": list(hop_rows(found, hidden)),
    }


def held_rows(found: LedgerTrace, hidden: bool) -> Iterator[Row]:
    """What lies where."""
    for account, start, fen in found.held():
        yield {"account": _shown(account, hidden), "start": start, "held_fen": fen}


def hop_rows(found: LedgerTrace, hidden: bool) -> Iterator[Row]:
    """Every hop that led there."""
    for each in found.hops():
        yield {**asdict(each), "payer": _shown(each.payer, hidden), "payee": _shown(each.payee, hidden)}


def _shown(account: str, hidden: bool) -> str:
    return accounts.mask(account) if hidden and account else account
