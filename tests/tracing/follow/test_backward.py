"""Following money backward equals slow replays, and is forward's mirror."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.backward import trace_backward
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Direction, Holding, Method, Question, TraceLimits
from fanzha.tracing.follow.trace import HopKind, Stop, Trace
from tests.tracing.follow.replay import Moved, Replayed
from tests.tracing.follow.replay_backward import replay_lots, replay_reach, replay_shares
from tests.tracing.follow.test_forward import ACCOUNTS, World, index_of, told, worlds

LOTS = (Method.FIFO, Method.LIFO)
LONG = 10**6


@st.composite
def backward_worlds(draw: st.DrawFn, methods: tuple[Method, ...], most: int = 60) -> World:
    party = st.integers(-1, ACCOUNTS - 1)
    steps = draw(st.lists(st.tuples(party, party, st.integers(1, most), st.integers(0, 3)), min_size=1, max_size=40))
    times = np.cumsum([step[3] for step in steps]).tolist()
    moved = [Moved(payer, payee, fen, at) for (payer, payee, fen, _), at in zip(steps, times, strict=True)]
    moved.append(Moved(draw(st.integers(0, ACCOUNTS - 1)), -1, draw(st.integers(1, 60)), times[-1]))
    moving = [number for number, each in enumerate(moved) if each.payer != each.payee]
    starts = draw(st.lists(st.sampled_from(moving), min_size=1, max_size=4, unique=True))
    held = Holding(
        account=draw(st.integers(0, ACCOUNTS - 1)),
        at_s=draw(st.integers(0, times[-1] + 1)),
        fen=draw(st.one_of(st.none(), st.integers(1, 80))),
    )
    is_held = draw(st.sampled_from([False, False, True]))
    return World(
        moved=moved,
        opening=draw(st.lists(st.integers(0, 50), min_size=ACCOUNTS, max_size=ACCOUNTS)),
        ends=draw(st.sets(st.integers(0, ACCOUNTS - 1), max_size=1)),
        question=Question(
            starts=() if is_held else tuple(starts),
            held=held if is_held else None,
            method=draw(st.sampled_from(methods)),
            direction=Direction.BACKWARD,
            horizon_s=draw(st.sampled_from([0, 3, 20, 1_000])),
            floor_fen=draw(st.sampled_from([1, 1, 5, 30])),
        ),
    )


def ask(world: World) -> Trace:
    return trace_backward(index_of(world), world.question)


def without_zeros(replayed: Replayed) -> Replayed:
    return Replayed(hops=+replayed.hops, held=+replayed.held)


@given(world=backward_worlds(LOTS))
@settings(deadline=None, max_examples=300)
def test_every_fen_is_found_where_the_slow_replay_finds_it(world: World) -> None:
    trace = ask(world)

    assert trace.stop is Stop.NOTHING_LEFT
    assert told(trace) == without_zeros(replay_lots(world.moved, world.opening, world.ends, world.question))


@given(world=st.one_of(backward_worlds((Method.PRORATA,)), backward_worlds((Method.PRORATA,), most=10**15)))
@settings(deadline=None, max_examples=300)
def test_shares_equal_the_slow_replay(world: World) -> None:
    question = world.question
    if question.held is not None:
        account, at_s = question.held.account, question.held.at_s
        paid = Moved(
            account, -1, balance(world, account, at_s) if question.held.fen is None else question.held.fen, at_s
        )
        if paid.fen == 0:
            return
        place = sum(each.at_s <= at_s for each in world.moved)
        moved = [*world.moved[:place], paid, *world.moved[place:]]
        expected = replay_shares(
            moved, world.opening, world.ends, replace(question, held=None, starts=(place,), floor_fen=1)
        )
        if question.floor_fen > 1 or account in world.ends:
            return
        expected.hops = type(expected.hops)(
            {(n - (n > place), label, kind): fen for (n, label, kind), fen in expected.hops.items() if n != place}
        )
    else:
        expected = replay_shares(world.moved, world.opening, world.ends, question)

    assert told(ask(world)) == without_zeros(expected)


def balance(world: World, account: int, at_s: int) -> int:
    held = world.opening[account]
    for each in world.moved:
        if each.at_s <= at_s and each.payer != each.payee:
            held = max(held - each.fen, 0) if each.payer == account else held + each.fen * (each.payee == account)
    return held


@given(world=backward_worlds((Method.POISON,)))
@settings(deadline=None, max_examples=200)
def test_reach_against_time_equals_the_slow_replay(world: World) -> None:
    if world.question.held is not None:
        return
    hops = ask(world).hops
    inside = np.isin(hops.kind, (HopKind.FOLLOWED, HopKind.LEFT))

    found = set(zip(hops.transfer[inside].tolist(), hops.label[inside].tolist(), strict=True))
    assert found == replay_reach(world.moved, world.ends, world.question)


@given(world=backward_worlds((*LOTS, Method.PRORATA)))
@settings(deadline=None, max_examples=200)
def test_no_fen_is_lost_or_made_backward(world: World) -> None:
    trace, question = ask(world), world.question

    ended, held = trace.hops.kind != HopKind.FOLLOWED, trace.held.fen.sum()
    if question.held is None:
        first = np.isin(trace.hops.transfer, question.starts)
        mixed = len(question.starts) > 1
        asked = None if mixed else trace.hops.fen[first].sum()
    else:
        there = balance(world, question.held.account, question.held.at_s)
        asked = there if question.held.fen is None else question.held.fen
    if asked is not None:
        assert trace.hops.fen[ended].sum() + held == asked


def fen_of(trace: Trace, transfer: int) -> int:
    return int(trace.hops.fen[trace.hops.transfer == transfer].sum())


@given(world=worlds(methods=LOTS))
@settings(deadline=None, max_examples=60)
def test_backward_is_the_exact_mirror_of_forward(world: World) -> None:
    """As many fen of a payment came from a source as the source sent into that payment."""
    index, source = index_of(world), world.question.starts[0]
    question = replace(world.question, starts=(source,), horizon_s=LONG, floor_fen=1)
    forward = trace_forward(index, question)
    for number, each in enumerate(world.moved):
        if each.payer != each.payee:
            back = trace_backward(index, replace(question, starts=(number,), direction=Direction.BACKWARD))
            assert fen_of(back, source) == fen_of(forward, number)


@given(world=worlds(methods=(Method.PRORATA,)))
@settings(deadline=None, max_examples=100)
def test_shares_are_within_a_fen_a_mixing_of_exact_ones(world: World) -> None:
    start = world.question.starts[0]
    question = replace(world.question, starts=(start,), direction=Direction.BACKWARD, horizon_s=LONG, floor_fen=1)
    trace = trace_backward(index_of(world), question)
    exact: dict[int, Fraction] = {}
    pools: list[dict[int | None, Fraction]] = [{None: Fraction(fen)} if fen else {} for fen in world.opening]
    for number, each in enumerate(world.moved):
        if each.payer == each.payee:
            continue
        parts: dict[int | None, Fraction] = {None: Fraction(each.fen)}
        if each.payer >= 0 and each.payer not in world.ends:
            pool = pools[each.payer]
            there = sum(pool.values())
            share = min(Fraction(each.fen) / there, Fraction(1)) if there else Fraction(0)
            parts = {source: fen * share for source, fen in pool.items()}
            parts[None] = parts.get(None, Fraction(0)) + each.fen - sum(parts.values())
            pools[each.payer] = {source: fen * (1 - share) for source, fen in pool.items() if share < 1}
        elif each.payer >= 0:
            held = sum(pools[each.payer].values())
            pools[each.payer] = {None: Fraction(max(held - each.fen, 0))}
        if number == start:
            exact = {source: fen for source, fen in parts.items() if source is not None}
        if each.payee >= 0:
            pool = pools[each.payee]
            is_source = each.payer < 0 or each.payer in world.ends
            for source, fen in ({number: Fraction(each.fen)} if is_source else parts).items():
                pool[source] = pool.get(source, Fraction(0)) + fen
    sources = trace.hops.kind == HopKind.LEFT
    found = dict(zip(trace.hops.transfer[sources].tolist(), trace.hops.fen[sources].tolist(), strict=True))
    found.pop(start, None)
    for source in found.keys() | exact.keys():
        assert abs(found.get(source, 0) - exact.get(source, Fraction(0))) <= len(world.moved)


def line(fen: list[tuple[int, int, int]]) -> World:
    moved = [Moved(payer, payee, each, at) for at, (payer, payee, each) in enumerate(fen)]
    question = Question(starts=(len(moved) - 1,), direction=Direction.BACKWARD, floor_fen=1, horizon_s=LONG)
    return World(moved=moved, opening=[0] * ACCOUNTS, ends=set(), question=question)


@pytest.mark.parametrize(
    ("method", "expected"),
    [(Method.FIFO, {0: 3_900, 1: 600}), (Method.LIFO, {0: 2_400, 1: 2_100}), (Method.PRORATA, {0: 2_925, 1: 1_575})],
)
def test_a_payment_of_mixed_money_is_made_of(method: Method, expected: dict[int, int]) -> None:
    world = line([(-1, 0, 3_900), (-1, 0, 2_100), (0, 1, 4_500)])
    trace = ask(replace(world, question=replace(world.question, method=method)))
    left = trace.hops.kind == HopKind.LEFT
    assert dict(zip(trace.hops.transfer[left].tolist(), trace.hops.fen[left].tolist(), strict=True)) == expected


def test_a_fen_that_is_half_of_each_is_the_older_ones() -> None:
    world = line([(-1, 0, 1), (-1, 0, 1), (0, 1, 1)])
    trace = ask(replace(world, question=replace(world.question, method=Method.PRORATA)))
    assert trace.hops.transfer.tolist() == [2, 0]


def test_limits_are_told() -> None:
    count = 300
    moved = [(-1, 0, 7)] * count + [(0, 1, 7 * count)]
    world = line(moved)
    few = [TraceLimits(hops=100), TraceLimits(account_events=100), TraceLimits(events=100)]
    index = index_of(world)
    short, cut, stopped = (trace_backward(index, replace(world.question, limits=each)) for each in few)
    assert short.stop is Stop.ROOM and stopped.stop is Stop.EVENTS
    assert cut.cut.tolist() == [0] and cut.held.fen.tolist() == [7 * count]


def test_what_cannot_be_asked_is_refused() -> None:
    world = line([(-1, 0, 5), (0, 1, 5)])
    index = index_of(world)
    with pytest.raises(Invalid, match=r"trace\.conservative_backward"):
        trace_backward(index, replace(world.question, method=Method.CONSERVATIVE))
    with pytest.raises(Invalid, match=r"trace\.no_such_transfer"):
        trace_backward(index, replace(world.question, starts=(2,)))
    with pytest.raises(Invalid, match=r"trace\.no_such_account"):
        trace_backward(index, replace(world.question, starts=(), held=Holding(account=9, at_s=0)))
    with pytest.raises(Invalid, match=r"trace\.holding_forward"):
        Question(held=Holding(account=0, at_s=0))
    with pytest.raises(Invalid, match=r"trace\.start_moves_nothing"):
        trace_backward(index_of(line([(0, 0, 5)])), replace(world.question, starts=(0,)))
