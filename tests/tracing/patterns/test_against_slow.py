"""Every finder finds on random ledgers exactly what its definition, followed step by step, finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.movements.movements import NO_MOVEMENT
from fanzha.tracing.patterns.common_collector import OwnedMoney, find_common_collectors
from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.devices import DeviceUses
from fanzha.tracing.patterns.find import FINDERS
from fanzha.tracing.patterns.pattern import Pattern, PatternKind
from tests.tracing.patterns import slow
from tests.tracing.patterns.scenes import live
from tests.tracing.patterns.slow import DAY, Deal, Found, World

ACCOUNTS = 6
EXAMPLES = 600

SLOW: Mapping[PatternKind, Callable[[World, Mapping[str, int]], list[Found]]] = {
    PatternKind.PASS_THROUGH: slow.pass_through,
    PatternKind.SCATTER: slow.scatter,
    PatternKind.GATHER: slow.gather,
    PatternKind.SCATTER_GATHER: slow.scatter_gather,
    PatternKind.CYCLE: slow.cycles,
    PatternKind.RELAY: slow.relays,
    PatternKind.TEST_PAYMENT: slow.test_payments,
    PatternKind.CASH_RUN: slow.cash_runs,
    PatternKind.SHARED_DEVICE: slow.shared_devices,
}

LIMITS: Mapping[str, Sequence[int]] = {
    "dwell_s": (3, 10, DAY),
    "window_s": (2, 12, DAY),
    "hop_s": (4, 20, DAY),
    "gap_s": (2, 10),
    "passed_bp": (1, 5_000, 8_000, 10_000),
    "shrink_bp": (0, 1_000, 4_000),
    "few": (1, 2),
    "few_bp": (0, 6_000, 10_000),
    "least_people": (1, 2, 2, 3),
    "most_people": (2, 5),
    "least_movements": (2, 3),
    "most_movements": (3, 4, 8),
    "most_arrivals": (1, 3),
    "least_arrival_fen": (1, 4),
    "least_part_fen": (1, 4),
    "least_fen": (1, 6),
    "trifle_fen": (2, 4),
    "regular_days": (28, 28, 0),
    "comparisons": (1_000,),
}
AMOUNTS = (1, 2, 3, 4, 5, 8, 9, 10, 10, 10)
SEEDS = st.integers(0, 2**48)


def limits_of(chance: Random, kind: PatternKind) -> dict[str, int]:
    return {name: chance.choice(LIMITS[name]) for name in live(kind).limits}


def world_of(chance: Random) -> World:
    """A dozen dealings, money often paid on by whoever just got it; each oddity now and then."""
    at, payee, deals = 0, 0, list[Deal]()
    seldom, amounts = chance.choice((0.0, 0.1)), chance.choice((AMOUNTS, AMOUNTS, (10,), (10, 9)))
    for _ in range(chance.randint(1, 20)):
        at += chance.choice((0, 0, 1, 1, 2, 5))
        payer = payee if chance.random() < 0.6 else chance.randrange(-1, ACCOUNTS)
        back = [deal.payer for deal in deals[-4:]] if chance.random() < 0.3 else ()
        payee = chance.choice(back or range(-1, ACCOUNTS))
        deals.append(
            Deal(
                payer=payer,
                payee=payee,
                fen=chance.choice(amounts),
                payer_s=at,
                payee_s=at + chance.choice((0, 0, 0, -1, 1)),
                payer_timed=chance.random() >= seldom,
                payee_timed=chance.random() >= seldom,
                counts=chance.random() >= seldom,
                is_cash=chance.random() < 0.25,
                is_night=chance.random() < 0.5,
                known_s=chance.choice((0, 0, 0, 0, 0, 0, 27, 28)) * DAY,
                device=chance.choice((-1, 0, 0, 1)),
            )
        )
    return World(
        deals=deals,
        person=chance.choice((list(range(ACCOUNTS)), [0, 1, 2, 2, 4, 5])),
        opening=[chance.choice((0, 0, 0, 3)) for _ in range(ACCOUNTS)],
        ends=[chance.random() < seldom for _ in range(ACCOUNTS)],
        inconclusive=[chance.random() < seldom for _ in range(ACCOUNTS)],
    )


def dealings_of(world: World) -> Dealings:
    def column(name: str, kind: type) -> np.ndarray:
        return np.array([getattr(deal, name) for deal in world.deals], kind)

    count = np.arange(len(world.deals), dtype=np.int32)
    device = column("device", np.int64)
    used = np.flatnonzero(device >= 0)
    used = used[np.argsort(device[used], kind="stable")]
    counts = column("counts", np.bool_)
    return Dealings(
        payer=column("payer", np.int32),
        payee=column("payee", np.int32),
        fen=column("fen", np.int64),
        payer_s=column("payer_s", np.int64),
        payee_s=column("payee_s", np.int64),
        payer_timed=column("payer_timed", np.bool_),
        payee_timed=column("payee_timed", np.bool_),
        number=np.where(counts, 100 + count, NO_MOVEMENT).astype(np.int32),
        counts=counts,
        is_cash=column("is_cash", np.bool_),
        is_night=column("is_night", np.bool_),
        known_s=column("known_s", np.int64),
        person=np.array(world.person, np.int64),
        opening_fen=np.array(world.opening, np.int64),
        is_end=np.array(world.ends, np.bool_),
        is_inconclusive=np.array(world.inconclusive, np.bool_),
        devices=(
            DeviceUses(kind="ip", values=("device 0", "device 1"), code=device[used], dealing=used.astype(np.int64)),
        ),
    )


def said(found: Found | Pattern) -> tuple[object, ...]:
    told = (found.roles, found.movements, found.fen, found.first_s, found.last_s, found.numbers, found.is_conclusive)
    return (*(dict(each) if isinstance(each, Mapping) else each for each in told), found.clue)


def in_one_order(found: list[Found] | tuple[Pattern, ...]) -> list[tuple[object, ...]]:
    return sorted((said(each) for each in found), key=repr)


@pytest.mark.parametrize("kind", SLOW)
def test_the_slow_way_agrees(kind: PatternKind) -> None:
    seen = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True)
    @given(SEEDS)
    def agrees(seed: int) -> None:
        nonlocal seen
        chance = Random(seed)
        world, limits = world_of(chance), limits_of(chance, kind)
        found = FINDERS[kind](dealings_of(world), replace(live(kind), limits=limits))
        assert in_one_order(found) == in_one_order(SLOW[kind](world, limits))
        assert list(found) == sorted(found, key=lambda each: (-each.fen, each.first_s))
        seen += bool(found)

    agrees()
    assert seen >= 8, f"{kind} was found in {seen} worlds only: the comparison would prove nothing"


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_common_collectors_agree(seed: int) -> None:
    chance = Random(seed)
    world, limits = world_of(chance), limits_of(chance, PatternKind.COMMON_COLLECTOR)
    deals, victims = range(len(world.deals)), range(ACCOUNTS)
    money = sorted({(chance.choice(deals), chance.choice(victims), 3) for _ in range(chance.randrange(10))})
    columns = np.array(money, np.int64).reshape(-1, 3).T
    found = find_common_collectors(
        dealings_of(world),
        replace(live(PatternKind.COMMON_COLLECTOR), limits=limits),
        OwnedMoney(dealing=columns[0], owner=columns[1], fen=columns[2], role="victims"),
    )
    assert in_one_order(found) == in_one_order(slow.common_collectors(world, limits, money))
