"""Payments as people name them when they ask for a trace: by id, or by account, time and amount."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import SHANGHAI, micros
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.identifiers import account
from fanzha.records.statements.rows import StatementRows
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow
from fanzha.tracing.movements.tellings import row_ids
from fanzha.workflows.case_ledger import CaseLedger, movement_id

_ID = re.compile(r"[0-9a-f]{16}")
_WIDTHS = ((10, timedelta(days=1)), (16, timedelta(minutes=1)))
"""A time told to the day or to the minute names all of it."""

_SHAPES = {"day": "%Y-%m-%d", "minute": "%Y-%m-%dT%H:%M", "second": "%Y-%m-%dT%H:%M:%S"}

LISTED = 5

VICTIMS = "victims"
"""Names as a start all that the case's victims paid."""

VICTIM_PAYMENTS = 2_000
"""Payments of victims that are followed together; of more, a person chooses."""


def is_id(told: str) -> bool:
    """Whether it names a payment by the id of its movement."""
    return bool(_ID.fullmatch(told))


def starting_movement(ledger: CaseLedger, told: str) -> int:
    """The number of the movement that `MOVEMENT_ID` or `ACCOUNT@TIME@FEN` names.

    TIME is Shanghai's unless it tells an offset: `2026-03-01`, `2026-03-01T09:12` or `2026-03-01T09:12:05`. `Invalid`
    when it can't be read, `NotFound` when nothing fits, which says what there is instead and names no account,
    `Conflict` with their ids when several do.
    """
    if is_id(told):
        return ledger.number(told)
    wanted = _payment(told)
    fitting = _fitting(ledger, wanted)
    if not len(fitting):
        raise _nothing_fits(ledger, wanted)
    if len(fitting) > 1:
        ids = ", ".join(movement_id(int(ledger.found.movements.id[each])) for each in fitting[:LISTED])
        raise Conflict("trace.start_ambiguous", count=len(fitting), ids=ids)
    return int(fitting[0])


def told_in(rows: StatementRows, told: str) -> bool:
    """Whether one of these rows tells of the payment that is named, whatever became of it."""
    if is_id(told):
        return bool((row_ids(rows) == np.uint64(int(told, 16))).any())
    wanted = _payment(told)
    mine = np.zeros(len(rows), np.bool_)
    for column in (rows.own_card, rows.own_account, rows.other):
        mine |= np.append(np.array([each == wanted.number for each in column.values], np.bool_), False)[column.codes]
    in_time = (rows.at_us >= wanted.begin_us) & (rows.at_us < wanted.begin_us + wanted.width_us)
    return bool((mine & in_time & (rows.amount_fen == wanted.fen)).any())


class _Payment(NamedTuple):
    """What `ACCOUNT@TIME@FEN` names: a clean number, fen, and a stretch of time."""

    number: str
    fen: int
    begin_us: int
    width_us: int


def _payment(told: str) -> _Payment:
    number, _, rest = told.partition("@")
    moment, _, fen = rest.rpartition("@")
    if not number or not moment or not (fen.isascii() and fen.isdigit()):
        raise Invalid("trace.bad_start", told=account.mask(number) if number else told)
    return _Payment(account.clean(number), int(fen), *told_moment(moment))


def told_moment(told: str) -> tuple[int, int]:
    """Where a told time begins and how long it lasts, microseconds; Shanghai's unless it tells an offset."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Invalid("trace.bad_time", told=told) from None
    width = next((lasting for length, lasting in _WIDTHS if len(told) == length), timedelta(seconds=1))
    return micros(at if at.tzinfo else at.replace(tzinfo=SHANGHAI)), width // timedelta(microseconds=1)


def _fitting(ledger: CaseLedger, wanted: _Payment) -> NDArray[np.intp]:
    moved = ledger.found.movements
    end_us = wanted.begin_us + wanted.width_us
    times = [(at >= wanted.begin_us) & (at < end_us) for at in (moved.payer_at_us, moved.payee_at_us, ledger.at_us)]
    mine = np.isin(np.arange(len(moved)), _payments_of(ledger, wanted.number))
    return np.flatnonzero(mine & (moved.amount_fen == wanted.fen) & np.logical_or.reduce(times))


def _payments_of(ledger: CaseLedger, number: str) -> NDArray[np.intp]:
    """All that an account paid or got."""
    moved, nodes = ledger.found.movements, _nodes(ledger, number)
    return np.flatnonzero((np.isin(moved.payer, nodes) | np.isin(moved.payee, nodes)) & moved.moving)


def _nodes(ledger: CaseLedger, number: str) -> list[int]:
    return [node for node, known in enumerate(ledger.found.accounts.identifiers) if number in known]


def _nothing_fits(ledger: CaseLedger, wanted: _Payment) -> NotFound:
    """What the account has instead: the nearest payments of that amount, or at that time, or any."""
    if not _nodes(ledger, wanted.number):
        return NotFound("trace.start_of_unknown_account")
    mine = _payments_of(ledger, wanted.number)
    if not len(mine):
        return NotFound("trace.start_of_idle_account")
    away_us = np.abs(ledger.at_us[mine] - wanted.begin_us - wanted.width_us // 2)
    as_much = ledger.found.movements.amount_fen[mine] == wanted.fen
    code = "start_at_another_time" if as_much.any() else "start_of_another_amount"
    some = as_much if as_much.any() else np.ones(len(mine), np.bool_)
    nearest = mine[some][np.argsort(away_us[some], kind="stable")][:LISTED]
    return NotFound(f"trace.{code}", payments=", ".join(_listed(ledger, int(each)) for each in nearest))


def _listed(ledger: CaseLedger, number: int) -> str:
    """When a payment was, as exactly as files tell, and its id: nothing that is personal."""
    told = ledger.told(number)
    at, exact = (told.payer_at, told.payer_precision) if told.payer_at else (told.payee_at, told.payee_precision)
    shown = "" if at is None else at.astimezone(SHANGHAI).strftime(_SHAPES.get(exact, _SHAPES["second"]))
    return f"{shown} ({told.id})"


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
