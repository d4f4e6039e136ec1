"""Following money forward equals a slow replay of the whole ledger, to the fen."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Broken
from fanzha.tracing.follow import workspace
from fanzha.tracing.follow.flow_index import FlowIndex, Transfers, build_index
from fanzha.tracing.follow.forward import RULES, trace_forward
from fanzha.tracing.follow.question import Method, Question, TraceLimits
from fanzha.tracing.follow.trace import HopKind, Stop, Trace
from tests.tracing.follow.replay import Moved, Replayed, replay

ACCOUNTS = 5


@dataclass(frozen=True)
class World:
    moved: list[Moved]
    opening: list[int]
    ends: set[int]
    question: Question


@st.composite
def worlds(draw: st.DrawFn, methods: tuple[Method, ...] = (Method.FIFO, Method.LIFO, Method.PRORATA)) -> World:
    party = st.integers(-1, ACCOUNTS - 1)
    fen = st.one_of(st.integers(1, 60), st.integers(1, 10**13), st.sampled_from([2**32 - 2, 2**32 - 1, 2**32, 10**15]))
    steps = draw(st.lists(st.tuples(party, party, fen, st.integers(0, 3)), min_size=1, max_size=40))
    times = np.cumsum([step[3] for step in steps]).tolist()
    moved = [Moved(payer, payee, amount, at) for (payer, payee, amount, _), at in zip(steps, times, strict=True)]
    moved.append(Moved(-1, draw(st.integers(0, ACCOUNTS - 1)), 7, times[-1]))
    moving = [number for number, each in enumerate(moved) if each.payer != each.payee]
    starts = draw(st.lists(st.sampled_from(moving), min_size=1, max_size=4, unique=True))
    return World(
        moved=moved,
        opening=draw(st.lists(st.integers(0, 50), min_size=ACCOUNTS, max_size=ACCOUNTS)),
        ends=draw(st.sets(st.integers(0, ACCOUNTS - 1), max_size=1)),
        question=Question(
            starts=tuple(starts),
            method=draw(st.sampled_from(methods)),
            horizon_s=draw(st.sampled_from([0, 3, 20, 1_000])),
            floor_fen=draw(st.sampled_from([1, 1, 5, 30])),
        ),
    )


def index_of(world: World) -> FlowIndex:
    moved = world.moved
    return build_index(
        Transfers(
            payer=np.array([each.payer for each in moved], np.int32),
            payee=np.array([each.payee for each in moved], np.int32),
            amount_fen=np.array([each.fen for each in moved], np.int64),
            at_s=np.array([each.at_s for each in moved], np.int64),
        ),
        len(world.opening),
        opening_fen=np.array(world.opening, np.int64),
        is_end=np.isin(np.arange(len(world.opening)), list(world.ends)),
    )


def told(trace: Trace) -> Replayed:
    hops, held = trace.hops, trace.held
    found = zip(hops.transfer.tolist(), hops.label.tolist(), hops.kind.tolist(), strict=True)
    places = zip(held.account.tolist(), held.label.tolist(), strict=True)
    return Replayed(
        hops=Counter(dict(zip(found, hops.fen.tolist(), strict=True))),
        held=Counter(dict(zip(places, held.fen.tolist(), strict=True))),
    )


@given(world=worlds())
@settings(deadline=None, max_examples=500)
def test_a_trace_equals_the_slow_replay(world: World) -> None:
    trace = trace_forward(index_of(world), world.question)

    assert trace.stop is Stop.NOTHING_LEFT
    assert told(trace) == replay(world.moved, world.opening, world.ends, world.question)


def test_of_equal_remainders_the_earliest_payment_has_the_larger_in_whatever_order_they_are_named() -> None:
    moved = [Moved(-1, 0, 1, 0), Moved(-1, 0, 1, 0), Moved(0, 1, 1, 0)]
    for starts in ((0, 1), (1, 0)):
        question = Question(starts=starts, method=Method.PRORATA, horizon_s=0, floor_fen=1)
        hops = trace_forward(index_of(World(moved, [0, 0], set(), question)), question).hops
        assert starts[hops.label[hops.transfer == 2][0]] == 0


@given(world=worlds())
@settings(deadline=None, max_examples=200)
def test_no_fen_is_lost_or_made(world: World) -> None:
    trace = trace_forward(index_of(world), world.question)

    for label, start in enumerate(world.question.starts):
        mine = trace.hops.label == label
        begun = mine & (trace.hops.transfer == start) & (trace.hops.kind != HopKind.AFTER_HORIZON)
        ended = mine & (trace.hops.kind != HopKind.FOLLOWED)
        held = trace.held.label == label
        assert trace.hops.fen[begun].sum() == trace.hops.fen[ended].sum() + trace.held.fen[held].sum()


def test_a_small_room_grows_until_the_trace_fits() -> None:
    count = 20_000
    transfers = Transfers(
        payer=np.concatenate([[-1], np.zeros(count)]).astype(np.int32),
        payee=np.concatenate([[0], np.arange(1, count + 1)]).astype(np.int32),
        amount_fen=np.concatenate([[count * 7], np.full(count, 7)]).astype(np.int64),
        at_s=np.arange(count + 1),
    )
    index = build_index(transfers, count + 1)

    whole = trace_forward(index, Question(starts=(0,), floor_fen=1))
    short = trace_forward(index, Question(starts=(0,), floor_fen=1, limits=TraceLimits(accounts=5_000)))
    cut = trace_forward(index, Question(starts=(0,), floor_fen=1, limits=TraceLimits(account_events=100)))

    assert (whole.stop, len(whole.held.fen), whole.held.fen.sum()) == (Stop.NOTHING_LEFT, count, count * 7)
    assert short.stop is Stop.ROOM
    assert cut.cut.tolist() == [0] and cut.held.fen.sum() == count * 7


@given(world=worlds(methods=(Method.POISON,)))
@settings(deadline=None, max_examples=200)
def test_poison_reaches_whoever_was_paid_after_it_arrived(world: World) -> None:
    question, expected = world.question, set()
    reached: dict[int, int] = {}
    until = {label: world.moved[start].at_s + question.horizon_s for label, start in enumerate(question.starts)}
    for number, each in enumerate(world.moved):
        label = question.starts.index(number) if number in question.starts else reached.get(each.payer)
        is_reached = each.payer in reached
        if label is None or each.payer == each.payee or each.fen < question.floor_fen:
            continue
        label = reached[each.payer] if is_reached else label
        if each.at_s <= until[label]:
            expected.add((number, label))
            if each.payee >= 0 and each.payee not in world.ends:
                reached.setdefault(each.payee, label)

    hops = trace_forward(index_of(world), question).hops
    inside = np.isin(hops.kind, (HopKind.FOLLOWED, HopKind.LEFT))
    assert set(zip(hops.transfer[inside].tolist(), hops.label[inside].tolist(), strict=True)) == expected


@pytest.mark.parametrize("method", [Method.FIFO, Method.LIFO, Method.PRORATA])
def test_money_that_comes_back_after_the_room_grew_finds_its_account(
    method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "FIRST_ACCOUNTS", 64)
    rng = np.random.default_rng(4)
    accounts, first = 1_500, 700
    out = [(0, int(each), 20, at) for at, each in enumerate(rng.permutation(np.arange(1, accounts))[:first].tolist())]
    parties = rng.integers(0, accounts, (4_000, 2)).tolist()
    moved = [Moved(-1, 0, 20 * first, 0), *(Moved(a, b, fen, at + 1) for a, b, fen, at in out)]
    moved += [Moved(a, b, 3 + at % 19, first + at) for at, (a, b) in enumerate(parties)]
    world = World(moved, [at % 7 for at in range(accounts)], set(), Question(starts=(0,), method=method, floor_fen=1))

    trace = trace_forward(index_of(world), world.question)
    assert len(trace.held.fen) > workspace.FIRST_ACCOUNTS * workspace.GROWTH
    assert told(trace) == replay(world.moved, world.opening, world.ends, world.question)


def test_kernels_and_answers_speak_of_the_same_kinds_of_hops_and_ends() -> None:
    """The kernels write numbers and a trace reads them by name: they are kept in two places, and are one list."""
    assert {each.name: int(each) for each in HopKind} == {each.name: getattr(workspace, each.name) for each in HopKind}
    assert (Stop.NOTHING_LEFT, Stop.ROOM, Stop.EVENTS) == (workspace.DONE, workspace.FULL, workspace.TOO_MANY_EVENTS)
    rules = (workspace.OLDEST_FIRST, workspace.NEWEST_FIRST, workspace.IN_PROPORTION, workspace.EVERYTHING)
    assert tuple(RULES.values()) == rules and set(Method) - set(RULES) == {Method.CONSERVATIVE}


def test_the_conservative_method_is_not_a_rule_of_its_own() -> None:
    index = index_of(World([Moved(0, 1, 100, 1)], [0, 0], set(), Question(starts=(0,))))
    with pytest.raises(Broken, match="no_rule_of_its_own"):
        trace_forward(index, Question(starts=(0,), method=Method.CONSERVATIVE))
