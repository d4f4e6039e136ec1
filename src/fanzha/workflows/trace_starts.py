"""Payments as people name them when they ask for a trace: by id, or by account, time and amount."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import SHANGHAI, micros
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.identifiers import account
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow
from fanzha.workflows.case_ledger import CaseLedger, movement_id

_ID = re.compile(r"[0-9a-f]{16}")
_WIDTHS = ((10, timedelta(days=1)), (16, timedelta(minutes=1)))
"""A time told to the day or to the minute names all of it."""

LISTED = 5

VICTIMS = "victims"
"""Names as a start all that the case's victims paid."""

VICTIM_PAYMENTS = 2_000
"""Payments of victims that are followed together; of more, a person chooses."""


def starting_movement(ledger: CaseLedger, told: str) -> int:
    """The number of the movement that `MOVEMENT_ID` or `ACCOUNT@TIME@FEN` names.

    TIME is Shanghai's unless it tells an offset: `2026-03-01`, `2026-03-01T09:12` or `2026-03-01T09:12:05`. `Invalid`
    when it can't be read, `NotFound` when nothing fits, `Conflict` with their ids when several do.
    """
    if _ID.fullmatch(told):
        return ledger.number(told)
    number, _, rest = told.partition("@")
    moment, _, fen = rest.rpartition("@")
    if not number or not moment or not fen.isdigit():
        raise Invalid("trace.bad_start", told=account.mask(number) if number else told)
    begin, width = told_moment(moment)
    fitting = _fitting(ledger, account.clean(number), int(fen), begin, width)
    if not len(fitting):
        raise NotFound("trace.start_not_found")
    if len(fitting) > 1:
        ids = ", ".join(movement_id(int(ledger.found.movements.id[each])) for each in fitting[:LISTED])
        raise Conflict("trace.start_ambiguous", count=len(fitting), ids=ids)
    return int(fitting[0])


def told_moment(told: str) -> tuple[int, int]:
    """Where a told time begins and how long it lasts, microseconds; Shanghai's unless it tells an offset."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Invalid("trace.bad_time", told=told) from None
    width = next((lasting for length, lasting in _WIDTHS if len(told) == length), timedelta(seconds=1))
    return micros(at if at.tzinfo else at.replace(tzinfo=SHANGHAI)), width // timedelta(microseconds=1)


def _fitting(ledger: CaseLedger, number: str, fen: int, begin: int, width: int) -> np.ndarray:
    moved, accounts = ledger.found.movements, ledger.found.accounts
    nodes = [node for node, known in enumerate(accounts.identifiers) if number in known]
    mine = np.isin(moved.payer, nodes) | np.isin(moved.payee, nodes)
    times = [(at >= begin) & (at < begin + width) for at in (moved.payer_at_us, moved.payee_at_us, ledger.at_us)]
    return np.flatnonzero(mine & moved.moving & (moved.amount_fen == fen) & np.logical_or.reduce(times))


def paid_by_accounts(ledger: CaseLedger, flow: CaseFlow, nodes: Collection[int]) -> NDArray[np.intp]:
    """The numbers of the movements by which these accounts paid others; what went among them has not left them."""
    m, some = ledger.found.movements, np.array(sorted(nodes), np.int64)
    paid = np.isin(m.payer, some) & ~np.isin(m.payee, some) & (flow.transfer != NO_TRANSFER)
    return np.flatnonzero(paid)


def victims_payments(ledger: CaseLedger, flow: CaseFlow, nodes: Collection[int]) -> tuple[str, ...]:
    """The ids of all that the victims' accounts paid; `NotFound` when they paid nothing, `Invalid` when too much."""
    numbers = paid_by_accounts(ledger, flow, nodes)
    if not len(numbers):
        raise NotFound("trace.victims_paid_nothing")
    if len(numbers) > VICTIM_PAYMENTS:
        raise Invalid("trace.too_many_starts", count=len(numbers), most=VICTIM_PAYMENTS)
    return tuple(movement_id(int(ledger.found.movements.id[number])) for number in numbers)
