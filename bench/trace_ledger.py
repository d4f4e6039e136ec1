"""A synthetic ledger for the bench of traces: power-law traffic with mule trees planted among its own accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.flow_index import Transfers

DAYS = 30
SECONDS = DAYS * 86_400
TREES, FAN_OUT, DEPTH = 200, 4, 5
PASSED_ON = 0.95
CASHED_OUT_IN = 2
BEGIN_S = 1_780_000_000
AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """The ledger and the payments that victims made in it."""

    transfers: Transfers
    accounts: int
    victims: NDArray[np.int64]


def make_ledger(count: int, seed: int = 7) -> Made:
    """`count` transfers over 30 days, a tenth as many accounts.

    Who takes part falls by a power law, so that the first account has a hundredth of all traffic at ten million.
    Mules are accounts drawn evenly, with ordinary traffic of their own before, between and after; the last layer
    spends at accounts drawn by the power law: money of every tree runs into hubs.
    """
    rng = np.random.default_rng(seed)
    accounts = max(count // 10, 1_000)
    planted = _trees(rng, accounts, min(TREES, count // 5_000))
    planted = tuple(column[np.argsort(planted[3], kind="stable")] for column in planted)
    background = count - len(planted[0])
    counts = np.bincount(rng.integers(0, SECONDS, background, dtype=np.int32), minlength=SECONDS)
    place = np.arange(len(planted[0])) + np.cumsum(counts)[planted[3]]
    ordinary = np.ones(count, np.bool_)
    ordinary[place] = False
    columns: list[NDArray[Any]] = [np.empty(count, kind) for kind in (np.int32, np.int32, np.int64, np.int64)]
    at_s: NDArray[Any] = np.repeat(np.arange(BEGIN_S, BEGIN_S + SECONDS), counts)
    for begin in range(0, count, AT_ONCE):
        mine = ordinary[begin : begin + AT_ONCE]
        done, many = begin - int(np.searchsorted(place, begin)), int(mine.sum())
        parts = (_popular(rng, many, accounts), _popular(rng, many, accounts), _amounts(rng, many))
        for column, part in zip(columns, (*parts, at_s[done : done + many]), strict=True):
            column[begin : begin + AT_ONCE][mine] = part
    for column, part in zip(columns, (*planted[:3], planted[3] + BEGIN_S), strict=True):
        column[place] = part
    payer, payee, amount, at_s = columns
    return Made(
        transfers=Transfers(payer=payer, payee=payee, amount_fen=amount, at_s=at_s),
        accounts=accounts,
        victims=place[planted[4] == 1],
    )


def _popular(rng: np.random.Generator, count: int, accounts: int) -> NDArray[np.int64]:
    """Accounts drawn by a power law: a few take part in a large share of all transfers."""
    return np.minimum((accounts * rng.random(count) ** 3).astype(np.int64), accounts - 1)


def _amounts(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Fen about a median of 134 yuan, one in a hundred above 9,000."""
    return np.minimum(np.exp(rng.normal(9.5, 1.8, count)), 1e10).astype(np.int64) + 1


def _trees(rng: np.random.Generator, accounts: int, trees: int) -> tuple[NDArray[np.int64], ...]:
    """Payers, payees, fen, seconds and whether a victim paid: each tree splits money four ways, five layers deep."""
    rows: list[tuple[int, int, int, int, int]] = []
    for _ in range(trees):
        begin = int(rng.integers(0, SECONDS - 3 * 86_400))
        fen = int(rng.integers(5_000_000, 50_000_000))
        victim, mule = (int(each) for each in rng.choice(accounts, 2, replace=False))
        rows.append((victim, mule, fen, begin, 1))
        layer = [(mule, fen, begin)]
        for _ in range(DEPTH - 1):
            layer = [row for each in layer for row in _spread(rng, rows, each, rng.integers(0, accounts, FAN_OUT))]
        for each in layer:
            _spread(rng, rows, each, _popular(rng, CASHED_OUT_IN, accounts))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def _spread(
    rng: np.random.Generator,
    rows: list[tuple[int, int, int, int, int]],
    held: tuple[int, int, int],
    to: NDArray[np.int64],
) -> list[tuple[int, int, int]]:
    """One mule passes on what it holds within half an hour; who holds how much since when then."""
    payer, fen, since = held
    below = []
    for payee, part in zip(to.tolist(), rng.dirichlet(np.ones(len(to))) * fen * PASSED_ON, strict=True):
        since += int(rng.integers(120, 1_800)) // len(to)
        rows.append((payer, payee, max(int(part), 1), since, 0))
        below.append((payee, max(int(part), 1), since))
    return below


def make_hub(counterparties: int) -> Made:
    """One account that is paid by half of so many others while it pays the other half, and a victim's payment in it."""
    rng = np.random.default_rng(5)
    hub, others, half = 0, rng.permutation(np.arange(1, counterparties + 1)), counterparties // 2
    pays = np.arange(counterparties) >= half
    at_s = np.where(pays, np.arange(counterparties) - half, np.arange(counterparties)) * (80_000 / half) + BEGIN_S
    order = np.argsort(at_s, kind="stable")
    amount = _amounts(rng, counterparties)
    payer, payee = np.where(pays, hub, others)[order], np.where(pays, others, hub)[order]
    victim = counterparties // 10
    payer[victim], payee[victim], amount[victim] = counterparties + 1, hub, 50_000_000
    columns = payer.astype(np.int32), payee.astype(np.int32), amount, at_s[order].astype(np.int64)
    transfers = Transfers(payer=columns[0], payee=columns[1], amount_fen=columns[2], at_s=columns[3])
    return Made(transfers=transfers, accounts=counterparties + 2, victims=np.array([victim]))
