"""The public AMLSim samples: which planted alerts are named, and what is named beside them; counted and printed.

The samples label accounts, not payments; planted payments are told apart by their sums, which ordinary ones never have:
below 20 for cycles, below 10 for fan-in. Sums are small and times are days, so the limits are set for this judge.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.find import FINDERS
from fanzha.tracing.patterns.pattern import Pattern, PatternKind
from tests.tracing.follow.test_amlsim import DAY_S, table
from tests.tracing.patterns.scenes import live

SMALL = {"least_fen": 1, "regular_days": 3_650}

pytestmark = [
    pytest.mark.external,
    pytest.mark.skipif("FANZHA_DATA" not in os.environ, reason="FANZHA_DATA names no folder: AMLSim is not judged"),
]


@dataclass(frozen=True)
class Sample:
    """A sample as dealings, and which of them are planted."""

    deals: Dealings
    planted: np.ndarray

    def named(self, kind: PatternKind, **limits: int) -> tuple[Pattern, ...]:
        typology = live(kind)
        return FINDERS[kind](self.deals, replace(typology, limits={**typology.limits, **SMALL, **limits}))


def sample(name: str, below: float) -> Sample:
    folder = Path(os.environ["FANZHA_DATA"]) / "amlsim-samples" / name
    nodes, told = table(folder / "nodes.csv.zst"), table(folder / "transactions.csv.zst").astype(np.float64)
    told = told[told[:, 0] != told[:, 1]]
    count, at_s = len(told), told[:, 3].astype(np.int64) * DAY_S
    fraud = nodes[:, 1].astype(np.int64) == 1
    planted = told[:, 2] < below
    assert fraud[told[planted][:, :2].astype(np.int64)].all()
    never = np.zeros(count, np.bool_)
    return Sample(
        deals=Dealings(
            payer=told[:, 0].astype(np.int32),
            payee=told[:, 1].astype(np.int32),
            fen=np.rint(told[:, 2] * 100).astype(np.int64),
            payer_s=at_s,
            payee_s=at_s,
            payer_timed=never,
            payee_timed=never,
            number=np.arange(count, dtype=np.int32),
            counts=~never,
            is_cash=never,
            is_night=never,
            known_s=np.zeros(count, np.int64),
            person=np.arange(len(nodes)),
            opening_fen=np.rint(nodes[:, 2].astype(np.float64) * 100).astype(np.int64),
            is_end=np.zeros(len(nodes), np.bool_),
            is_inconclusive=np.zeros(len(nodes), np.bool_),
        ),
        planted=planted,
    )


def closes(deals: Dealings, some: list[int]) -> bool:
    """Whether one of these payments came back, later and later, to the account that had made it."""

    def leads(at: int, home: int, been: frozenset[int]) -> bool:
        payee = int(deals.payee[at])
        if payee == home:
            return len(been) > 2
        after = (each for each in some if (deals.payer_s[each], each) > (deals.payer_s[at], at))
        return payee not in been and any(
            leads(each, home, been | {payee}) for each in after if deals.payer[each] == payee
        )

    return any(leads(at, int(deals.payer[at]), frozenset({int(deals.payer[at])})) for at in some)


def test_cycles_that_close_in_time_are_named_and_nothing_else() -> None:
    judged = sample("20K_cycle200", 20)
    deals, by_sum = judged.deals, defaultdict(list)
    for at in np.flatnonzero(judged.planted).tolist():
        by_sum[int(deals.fen[at])].append(at)
    closing = {fen for fen, some in by_sum.items() if closes(deals, some)}
    named = judged.named(PatternKind.CYCLE, hop_s=150 * DAY_S, most_movements=20)
    outside = [each for each in named if not judged.planted[list(each.movements)].all()]
    print(f"cycle200: {len(by_sum)} sums planted, {len(closing)} of them close in time, {len(named)} cycles named,")
    print(f"          {len(outside)} outside of what is planted")
    assert not outside
    assert {int(deals.fen[each.movements[0]]) for each in named} == closing


def test_fan_in_alone_is_no_gather() -> None:
    """The sample's collectors pass nothing on at once; what is named there is what ordinary accounts happened to do."""
    judged = sample("20K_fanin200", 10)
    deals, payers = judged.deals, defaultdict(set)
    for at in np.flatnonzero(judged.planted).tolist():
        payers[int(deals.payee[at])].add(int(deals.payer[at]))
    collectors = {account for account, some in payers.items() if len(some) > 2}
    named = judged.named(PatternKind.GATHER, least_part_fen=1, least_movements=3, few_bp=0)
    about = {each.roles["account"][0] for each in named}
    print(f"fanin200: {len(about & collectors)} of {len(collectors)} collectors with three payers or more named,")
    print(f"          {len(about - collectors)} of {deals.accounts - len(collectors)} other accounts")
    assert len(about) < deals.accounts // 100
