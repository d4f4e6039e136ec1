"""A synthetic ledger for the bench of traces: power-law traffic of accounts with mule trees planted in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.flow_index import Transfers

DAYS = 30
TREES, FAN_OUT, DEPTH = 200, 4, 5
PASSED_ON = 0.95
BEGIN_S = 1_780_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """The ledger and the payments that victims made in it."""

    transfers: Transfers
    accounts: int
    victims: NDArray[np.int64]


def make_ledger(count: int, seed: int = 7) -> Made:
    """`count` transfers over 30 days: a tenth as many accounts, Zipf-like popularity, 200 trees of mules."""
    rng = np.random.default_rng(seed)
    trees = _trees(rng)
    background = count - len(trees[0])
    ordinary = max(count // 10, 1_000)
    accounts = ordinary + int(max(trees[0].max(), trees[1].max())) + 1
    payer, payee = _popular(rng, background, ordinary), _popular(rng, background, ordinary)
    at_s = np.sort(rng.integers(0, DAYS * 86_400, background, dtype=np.int64))
    amount = np.minimum(np.exp(rng.normal(9.5, 1.8, background)), 1e10).astype(np.int64) + 1
    columns = (payer, payee, amount, at_s)
    planted = (trees[0] + ordinary, trees[1] + ordinary, trees[2], trees[3])
    payer, payee, amount, at_s = (np.concatenate(pair) for pair in zip(columns, planted, strict=True))
    order = np.argsort(at_s, kind="stable")
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    return Made(
        transfers=Transfers(
            payer=payer[order].astype(np.int32),
            payee=payee[order].astype(np.int32),
            amount_fen=amount[order],
            at_s=at_s[order] + BEGIN_S,
        ),
        accounts=accounts,
        victims=np.sort(place[background + np.flatnonzero(trees[4])]),
    )


def _popular(rng: np.random.Generator, count: int, accounts: int) -> NDArray[np.int64]:
    """Accounts drawn by a power law: a few take part in a large share of all transfers."""
    return np.minimum((accounts * rng.random(count) ** 3).astype(np.int64), accounts - 1)


def _trees(rng: np.random.Generator) -> tuple[NDArray[np.int64], ...]:
    """Payers, payees, fen, seconds and whether a victim paid: each tree splits money four ways, five layers deep."""
    rows: list[tuple[int, int, int, int, bool]] = []
    account = 0
    for _ in range(TREES):
        begin = int(rng.integers(0, (DAYS - 3) * 86_400))
        fen = int(rng.integers(5_000_000, 50_000_000))
        layer = [(account + 1, fen, begin)]
        rows.append((account, account + 1, fen, begin, True))
        account += 2
        for _ in range(DEPTH - 1):
            below = []
            for payer, held, since in layer:
                parts = rng.dirichlet(np.ones(FAN_OUT)) * held * PASSED_ON
                for part in parts.astype(np.int64).tolist():
                    since += int(rng.integers(120, 1_800)) // FAN_OUT
                    rows.append((payer, account, max(part, 1), since, False))
                    below.append((account, max(part, 1), since))
                    account += 1
            layer = below
    return tuple(np.array(column) for column in zip(*rows, strict=True))
