"""`fanzha trace --ledger DIR`: where money of named payments went, over a folder of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

from fanzha.apps.cli.commands import command, option, verb
from fanzha.apps.cli.output import Format, Row, give, give_one
from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account as accounts
from fanzha.tracing.follow.question import HOUR_S, Method, Question
from fanzha.wiring.ledger_traces import LedgerTrace, opened_ledger, starting_transfers, trace_ledger

app = verb()

HOP = ("start", "payer", "payee", "amount_fen", "traced_fen", "at", "kind", "file", "row")
HELD = ("account", "start", "held_fen")
LISTS = ("held", "hops")


@command(app, "trace")
def trace(  # noqa: PLR0913 a command's parameters are its options
    ledger: Annotated[str, option("trace.ledger", "--ledger", metavar="DIR")],
    start: Annotated[list[str], option("trace.from", "--from", metavar="FILE:ROW|ACCOUNT@TIME@FEN")],
    method: Annotated[str, option("trace.method", "--method", metavar="fifo|lifo|prorata|poison")] = "fifo",
    horizon: Annotated[str, option("trace.horizon", "--horizon", metavar="72h")] = "72h",
    floor_fen: Annotated[int, option("trace.floor", "--floor-fen")] = 10_000,
    rows: Annotated[str, option("trace.rows", "--rows", metavar="held|hops")] = "held",
    mask: Annotated[bool, option("trace.mask", "--mask")] = False,
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """What lies where, or every hop that led there; as JSON both, with sums and what limits were reached."""
    if method not in (Method.FIFO, Method.LIFO, Method.PRORATA, Method.POISON):
        raise Invalid("trace.bad_method", told=method)
    if rows not in LISTS:
        raise Invalid("trace.bad_list", told=rows)
    opened = opened_ledger(ledger)
    question = Question(
        starts=starting_transfers(opened, start),
        method=Method(method),
        horizon_s=_hours(horizon) * HOUR_S,
        floor_fen=floor_fen,
    )
    found, hidden = trace_ledger(opened, question), mask or form is Format.TABLE
    if form is Format.JSON:
        give_one(_whole(found, start, hidden), form)
    elif rows == "hops":
        give(_hops(found, hidden), HOP, form)
    else:
        give(_held(found, hidden), HELD, form)


def _hours(told: str) -> int:
    hours = told.removesuffix("h")
    if not hours.isdigit():
        raise Invalid("trace.unread_horizon", told=told)
    return int(hours)


def _whole(found: LedgerTrace, start: list[str], hidden: bool) -> Row:
    question, answer = found.trace.question, found.trace
    return {
        "method": question.method,
        "horizon_hours": question.horizon_s // HOUR_S,
        "floor_fen": question.floor_fen,
        "starts": len(start),
        **found.sums(),
        "stopped_by": answer.stop.name.lower(),
        "cut_accounts": [_shown(found.ledger.names[each], hidden) for each in answer.cut.tolist()],
        "events": answer.events,
        "held": list(_held(found, hidden)),
        "hops": list(_hops(found, hidden)),
    }


def _held(found: LedgerTrace, hidden: bool) -> Iterator[Row]:
    for account, start, fen in found.held():
        yield {"account": _shown(account, hidden), "start": start, "held_fen": fen}


def _hops(found: LedgerTrace, hidden: bool) -> Iterator[Row]:
    for each in found.hops():
        yield {**asdict(each), "payer": _shown(each.payer, hidden), "payee": _shown(each.payee, hidden)}


def _shown(account: str, hidden: bool) -> str:
    return accounts.mask(account) if hidden and account else account
