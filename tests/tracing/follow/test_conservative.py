"""What is certain: the worked examples of domain 2.3, and equality with a slow replay."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow import conservative
from fanzha.tracing.follow.conservative import LIES_THERE, ConservativeTrace, trace_conservative
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Method, Question, TraceLimits
from fanzha.tracing.follow.trace import HopKind, Stop
from tests.tracing.follow.replay import Moved
from tests.tracing.follow.replay_conservative import Certain, replay_conservative
from tests.tracing.follow.test_forward import ACCOUNTS, World, index_of, told, worlds

Asked = tuple[list[Moved], Question]


@st.composite
def conservative_worlds(draw: st.DrawFn) -> World:
    """Amounts near what counts as empty, and large ones."""
    world = draw(worlds(methods=(Method.CONSERVATIVE,)))
    if draw(st.booleans()):
        fen = st.sampled_from([30, 70, 100, 101, 200, 200, 300, 5_000])
        world = replace(world, moved=[replace(each, fen=draw(fen)) for each in world.moved])
    return world


def certain(trace: ConservativeTrace) -> Certain:
    found, disputed = told(trace.trace), trace.disputed
    columns = (disputed.transfer, disputed.account, disputed.label, disputed.low_fen, disputed.high_fen)
    ranges = {
        (transfer, account, label): (low, high)
        for transfer, account, label, low, high in zip(*(column.tolist() for column in columns), strict=True)
    }
    return Certain(hops=found.hops, held=found.held, disputed=ranges)


@given(world=conservative_worlds())
@settings(deadline=None, max_examples=300)
def test_what_is_certain_equals_the_slow_replay(world: World) -> None:
    trace = trace_conservative(index_of(world), world.question)

    assert trace.trace.stop is Stop.NOTHING_LEFT
    assert certain(trace) == replay_conservative(world.moved, world.opening, world.ends, world.question)


@given(world=worlds(methods=(Method.CONSERVATIVE,)), data=st.data())
@settings(deadline=None, max_examples=200)
def test_what_lies_there_by_every_rule_is_no_less_than_the_least_told(world: World, data: st.DataObject) -> None:
    """Account by account and in all, by each rule alone; in proportion within the fen that rounding moves."""
    amounts = st.sampled_from([1_000, 2_000, 2_500, 7_000])
    world = replace(
        world, moved=[replace(each, fen=data.draw(amounts)) for each in world.moved], opening=[0] * ACCOUNTS
    )
    answer = certain(trace_conservative(index_of(world), world.question))
    least = Counter[int]()
    for (account, _label), fen in answer.held.items():
        least[account] += fen
    for (transfer, account, _label), (low, _high) in answer.disputed.items():
        least[account] += low if transfer == LIES_THERE else 0
    for method in (Method.FIFO, Method.LIFO, Method.PRORATA):
        held = Counter[int]()
        for (account, _label), fen in told(
            trace_forward(index_of(world), replace(world.question, method=method))
        ).held.items():
            held[account] += fen
        rounded = len(world.moved) if method is Method.PRORATA else 0
        assert all(held[account] >= fen - rounded for account, fen in least.items())
        assert held.total() >= least.total() - rounded


def ask(transfers: Sequence[tuple[int, int, int]], *starts: int, opening: int = 0) -> Certain:
    moved = [Moved(payer, payee, fen, at) for at, (payer, payee, fen) in enumerate(transfers)]
    question = Question(starts=starts, method=Method.CONSERVATIVE, floor_fen=1)
    world = World(moved=moved, opening=[opening, *[0] * (ACCOUNTS - 1)], ends=set(), question=question)
    return certain(trace_conservative(index_of(world), question))


def test_example_b_a_credit_into_an_empty_account_is_all_there() -> None:
    """Balance zero at 10:00; A credits 20,000 yuan at 10:05; no debit: all of it is A's, directly."""
    answer = ask([(-1, 0, 2_000_000)], 0)
    assert answer.held == {(0, 0): 2_000_000}
    assert not answer.disputed


def test_example_c_two_credits_and_a_debit_are_nobodys_for_certain() -> None:
    """A 39,000 then B 21,000, debit 45,000: FIFO leaves A 0, LIFO 15,000, pro-rata 9,750 yuan."""
    answer = ask([(-1, 0, 3_900_000), (-1, 0, 2_100_000), (0, 1, 4_500_000)], 0, 1)
    assert not answer.held
    assert answer.disputed == {
        (2, 0, 0): (2_400_000, 3_900_000),
        (2, 0, 1): (600_000, 2_100_000),
        (LIES_THERE, 0, 0): (0, 1_500_000),
        (LIES_THERE, 0, 1): (0, 1_500_000),
    }
    assert all(kind == HopKind.FOLLOWED and transfer < 2 for transfer, _, kind in answer.hops)


def test_an_account_that_was_emptied_forgets_who_was_there_before() -> None:
    answer = ask([(-1, 0, 700), (0, 1, 650), (-1, 0, 900), (0, 2, 400)], 2)
    assert answer.hops[3, 0, HopKind.FOLLOWED] == 400
    assert answer.held == {(0, 0): 500, (2, 0): 400}


@pytest.mark.parametrize(("there", "is_certain"), [(100, True), (101, False)])
def test_a_hundred_fen_do_not_make_an_account_mixed(there: int, is_certain: bool) -> None:
    answer = ask([(-1, 0, 900), (0, 1, 400)], 0, opening=there)
    assert bool(answer.disputed) is not is_certain
    assert answer.held == ({(0, 0): 500, (1, 0): 400} if is_certain else {})


def test_what_everybody_agrees_left_whole_is_followed_on() -> None:
    """Whatever the convention, an account paid out whole sends on all it got."""
    answer = ask([(-1, 0, 3_000), (-1, 0, 1_000), (0, 1, 4_000), (1, -1, 4_000)], 0)
    assert answer.hops[3, 0, HopKind.LEFT] == 3_000


def test_limits_are_told() -> None:
    moved = [Moved(-1, 0, 10_000, 0), *(Moved(0, at % 3 + 1, 10, at) for at in range(1, 60))]
    question = Question(starts=(0,), method=Method.CONSERVATIVE, floor_fen=1)
    world = World(moved=moved, opening=[0] * ACCOUNTS, ends=set(), question=question)
    index = index_of(world)
    few = [TraceLimits(hops=10), TraceLimits(account_events=10), TraceLimits(events=10)]
    short, cut, stopped = (trace_conservative(index, replace(question, limits=each)).trace for each in few)
    assert (short.stop, stopped.stop) == (Stop.ROOM, Stop.EVENTS)
    assert cut.cut.tolist() == [0] and int(cut.held.fen[0]) == 10_000 - 9 * 10
    with pytest.raises(Invalid, match=r"trace\.no_such_transfer"):
        trace_conservative(index, replace(question, starts=(100,)))


def test_a_busy_account_is_cut_and_named_so_that_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = [Moved(-1, 0, 500, 0), *(Moved(-1, 0, 5, at) for at in range(1, 40)), Moved(0, 1, 500, 50)]
    question = Question(starts=(0,), method=Method.CONSERVATIVE, floor_fen=1)
    index = index_of(World(moved=moved, opening=[0] * ACCOUNTS, ends=set(), question=question))
    assert trace_conservative(index, question).trace.cut.tolist() == []

    monkeypatch.setattr(conservative, "MOST_ACCOUNT_EVENTS", 20)
    assert trace_conservative(index, question).trace.cut.tolist() == [0]
    monkeypatch.setattr(conservative, "MOST_EVENTS", 10)
    assert trace_conservative(index, question).trace.stop is Stop.EVENTS
