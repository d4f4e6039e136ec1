"""`fanzha bench trace`: following money over a power-law ledger, beside the same reach asked of DuckDB and SQLite."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bench.measured import Result, report
from bench.trace_baselines import DuckReach, SqliteReach, Way
from bench.trace_ledger import Made, make_hub, make_ledger
from fanzha.adapters.ledger_folder.names import Names
from fanzha.adapters.ledger_folder.transfer_files import ROWS_AT_ONCE
from fanzha.tracing.follow.flow_index import FlowIndex, Transfers, append, build_index
from fanzha.tracing.follow.follow import follow
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Direction, Method, Question, TraceLimits
from fanzha.tracing.follow.trace import HopKind, Trace

FULL = (1_000_000, 10_000_000)
QUICK = (1_000_000,)
HORIZON_S, FLOOR_FEN = 86_400, 10_000
APPENDED, HUB_COUNTERPARTIES, INTERNED = 1_000_000, 1_000_000, 5_000_000
SQLITE_MOST = 10_000_000
ASKED_OF_DUCKDB, ASKED_OF_SQLITE, ASKED_OF_PYTHON = 5, 20, 40
FOLLOWED_BOTH_WAYS = (Method.FIFO, Method.LIFO, Method.PRORATA, Method.POISON)
CUT_AT = 1_000
P95_AIM_MS = {10_000_000: 1.0, 100_000_000: 10.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Every question once: milliseconds of wall and of our own processor time, events read, answers."""

    wall_ms: NDArray[np.float64]
    cpu_ms: NDArray[np.float64]
    events: int
    answers: list[Trace]


def measure(*, quick: bool, transactions: Sequence[int] = ()) -> dict[str, object]:
    """Each size in turn: index, traces by every method, reach beside the baselines, appended rows; then one hub."""
    sizes = tuple(transactions) or (QUICK if quick else FULL)
    settings = {"transactions": sizes, "horizon_s": HORIZON_S, "floor_fen": FLOOR_FEN, "appended": APPENDED}
    results = [result for size in sizes for result in _measure_size(size, quick)]
    return report("trace", settings, [*results, *_measure_hub()], ("numpy", "numba", "duckdb"))


def _measure_size(size: int, quick: bool) -> Iterator[Result]:
    _warm()
    made = make_ledger(size)
    index, built = _timed_build(made)
    at = f"@{size}"
    yield Result(name=f"index_transactions_per_second{at}", value=size / built, unit="1/s", aim=5e6, aim_op=">=")
    yield Result(name=f"index_bytes_per_transaction{at}", value=index.bytes_per_transfer, unit="B", aim=40.0)
    yield Result(name=f"index_peak_mib{at}", value=_peak_mib(), unit="MiB")
    yield Result(name=f"intern_texts_per_second{at}", value=_interned_a_second(made), unit="1/s", aim_op=">=")
    fifo = _ask_all(index, made.victims, Method.FIFO)
    yield from _percentiles("fifo_24h", fifo, at, P95_AIM_MS.get(size))
    yield from _by_event(index, made, fifo, at)
    for method in (Method.LIFO, Method.PRORATA):
        yield from _percentiles(f"{method}_24h", _ask_all(index, made.victims, method), at, None)
    some = made.victims[:ASKED_OF_PYTHON]
    yield from _percentiles("conservative_24h", _ask_all(index, some, Method.CONSERVATIVE), at, None)
    last = np.array([each.hops.transfer[each.hops.kind == HopKind.FOLLOWED][-1] for each in fifo.answers])
    for method in FOLLOWED_BOTH_WAYS:
        back = _ask_all(index, last, method, Direction.BACKWARD)
        yield from _percentiles(f"backward_{method}_24h", back, at, None)
    yield from _beside_baselines(made, index, at, quick)
    yield from _appended(made, index, fifo, at)


def _by_event(index: FlowIndex, made: Made, fifo: Timed, at: str) -> Iterator[Result]:
    """What an event costs, with and without what a question costs that touches none."""
    nothing = [Question(starts=(start,), method=Method.FIFO, horizon_s=0) for start in made.victims.tolist()]
    fixed = np.empty(len(nothing))
    for place, question in enumerate(nothing):
        begun = time.thread_time()
        trace_forward(index, question)
        fixed[place] = (time.thread_time() - begun) * 1e6
    whole_us, asked_us = float(fifo.cpu_ms.sum() * 1e3), float(np.median(fixed))
    beyond = whole_us - asked_us * len(nothing)
    yield Result(name=f"fifo_24h_ns_an_event{at}", value=whole_us * 1e3 / fifo.events, unit="ns", aim=60.0)
    yield Result(name=f"fifo_24h_ns_an_event_beyond_the_question{at}", value=beyond * 1e3 / fifo.events, unit="ns")
    yield Result(name=f"fifo_question_us{at}", value=asked_us, unit="us")


def _timed_build(made: Made) -> tuple[FlowIndex, float]:
    begun = time.thread_time()
    index = build_index(made.transfers, made.accounts)
    return index, time.thread_time() - begun


def _interned_a_second(made: Made) -> float:
    """How fast payers of 19 digits become ids, apart from the index, which is given ids."""
    payers = pa.array(made.transfers.payer[:INTERNED]).cast(pa.string())
    texts = pc.binary_join_element_wise("999999", pc.utf8_lpad(payers, 13, "0"), "").cast(pa.large_string())
    names, begun = Names.none(), time.thread_time()
    for begin in range(0, len(texts), ROWS_AT_ONCE):
        names.add(texts.slice(begin, ROWS_AT_ONCE))
    return len(texts) / (time.thread_time() - begun)


def _question(start: int, method: Method, direction: Direction = Direction.FORWARD) -> Question:
    return Question(starts=(start,), method=method, direction=direction, horizon_s=HORIZON_S, floor_fen=FLOOR_FEN)


def _ask_all(
    index: FlowIndex, starts: NDArray[np.int64], method: Method, direction: Direction = Direction.FORWARD
) -> Timed:
    """Every start once, nothing of its money having been looked at before."""
    wall, cpu, answers = np.empty(len(starts)), np.empty(len(starts)), []
    for place, start in enumerate(starts.tolist()):
        question = _question(start, method, direction)
        begun, begun_cpu = time.perf_counter(), time.thread_time()
        answers.append(follow(index, question)[0])
        wall[place], cpu[place] = (time.perf_counter() - begun) * 1e3, (time.thread_time() - begun_cpu) * 1e3
    return Timed(wall_ms=wall, cpu_ms=cpu, events=max(1, sum(each.events for each in answers)), answers=answers)


def _percentiles(name: str, timed: Timed, at: str, aim: float | None) -> Iterator[Result]:
    yield Result(name=f"{name}_ms_p50{at}", value=float(np.percentile(timed.wall_ms, 50)), unit="ms")
    yield Result(name=f"{name}_ms_p95{at}", value=float(np.percentile(timed.wall_ms, 95)), unit="ms", aim=aim)
    yield Result(name=f"{name}_ms_max{at}", value=float(timed.wall_ms.max()), unit="ms")
    yield Result(name=f"{name}_cpu_ms_p95{at}", value=float(np.percentile(timed.cpu_ms, 95)), unit="ms")
    events, hops = (np.median([f(each) for each in timed.answers]) for f in (lambda t: t.events, lambda t: len(t.hops)))
    yield Result(name=f"{name}_events_p50{at}", value=float(events), unit="events")
    yield Result(name=f"{name}_hops_p50{at}", value=float(hops), unit="hops")


def _beside_baselines(made: Made, index: FlowIndex, at: str, quick: bool) -> Iterator[Result]:
    """Reach asked of us and of the others, who must find the same accounts."""
    reach = _ask_all(index, made.victims, Method.POISON)
    yield from _percentiles("reach_24h", reach, at, None)
    databases = {"duckdb": (DuckReach, ASKED_OF_DUCKDB, 1_000.0)}
    if len(made.transfers) <= SQLITE_MOST and not (quick and len(made.transfers) > max(QUICK)):
        databases["sqlite"] = (SqliteReach, ASKED_OF_SQLITE, None)
    for name, (database, asked, aim) in databases.items():
        places = np.linspace(0, len(made.victims) - 1, asked).astype(int).tolist()
        theirs, same = _ask_database(database, made, [reach.answers[place] for place in places])
        way, theirs_ms = min(theirs.items(), key=lambda told: told[1])
        ours = float(np.median(reach.wall_ms[places]))
        told = {"baseline": theirs_ms, "baseline_name": f"{name}, the same question, {way}"}
        yield Result(name=f"reach_24h_ms_beside_{name}_p50{at}", value=ours, unit="ms", **told)
        yield Result(name=f"reach_24h_times_{name}{at}", value=theirs_ms / ours, unit="times", aim=aim, aim_op=">=")
        yield Result(name=f"reach_24h_same_answers_{name}{at}", value=same, unit="share", aim=1.0, aim_op=">=")


def _ask_database(
    database: Callable[[Made], DuckReach | SqliteReach], made: Made, answers: list[Trace]
) -> tuple[dict[Way, float], float]:
    """By way of asking the median time of these questions, and the share to which the database has our answer."""
    times, same, opened = {way: list[float]() for way in Way}, 0, database(made)
    for way, answer in product(Way, answers):
        start = answer.question.starts[0]
        last = int(np.searchsorted(made.transfers.at_s, made.transfers.at_s[start] + HORIZON_S, "right")) - 1
        begun = time.perf_counter()
        reached = opened.reach(way, start, last, FLOOR_FEN)
        times[way].append((time.perf_counter() - begun) * 1e3)
        hops = answer.hops.transfer[answer.hops.kind == HopKind.FOLLOWED]
        same += reached == set(made.transfers.payee[hops].tolist())
    opened.close()
    return {way: float(np.median(each)) for way, each in times.items()}, same / (len(answers) * len(Way))


def _appended(made: Made, index: FlowIndex, before: Timed, at: str) -> Iterator[Result]:
    """A day more of the same traffic, one row in a hundred late; traces then against traces before."""
    rng = np.random.default_rng(11)
    moved, end_s = made.transfers, int(made.transfers.at_s[-1])
    count = min(APPENDED, len(moved))
    at_s = end_s + np.sort(rng.integers(0, 86_400, count))
    late = rng.random(count) < 0.01
    at_s[late] -= rng.integers(0, 20 * 86_400, int(late.sum()))
    some = rng.integers(0, len(moved), count)
    more = Transfers(
        payer=moved.payer[some], payee=moved.payee[rng.permutation(some)], amount_fen=moved.amount_fen[some], at_s=at_s
    )
    begun = time.perf_counter()
    longer = append(index, more)
    seconds = time.perf_counter() - begun
    after = _ask_all(longer, made.victims, Method.FIFO)
    slower = float(np.percentile(after.cpu_ms, 95) / np.percentile(before.cpu_ms, 95))
    yield Result(name=f"append_{count}_rows_seconds{at}", value=seconds, unit="s", aim=1.0)
    yield Result(name=f"fifo_24h_appended_times_slower_p95{at}", value=slower, unit="times", aim=2.0)


def _measure_hub() -> Iterator[Result]:
    """Money that runs into an account with a million counterparties, of which it pays half within the horizon."""
    made = make_hub(HUB_COUNTERPARTIES)
    index = build_index(made.transfers, made.accounts)
    hub = f"hub_of_{HUB_COUNTERPARTIES}_counterparties"
    for method in Method:
        timed = _ask_all(index, made.victims, method)
        yield Result(name=f"{hub}_{method}_ms", value=float(timed.wall_ms.max()), unit="ms")
        yield Result(name=f"{hub}_{method}_cut", value=float(len(timed.answers[0].cut)), unit="accounts")
    last = np.flatnonzero(made.transfers.payer == made.transfers.payee[made.victims[0]])[-1:]
    for method in FOLLOWED_BOTH_WAYS:
        timed = _ask_all(index, last, method, Direction.BACKWARD)
        yield Result(name=f"{hub}_backward_{method}_ms", value=float(timed.wall_ms.max()), unit="ms")
    few = replace(_question(int(made.victims[0]), Method.FIFO), limits=TraceLimits(account_events=CUT_AT))
    begun = time.perf_counter()
    cut = trace_forward(index, few).cut
    yield Result(name=f"{hub}_fifo_cut_at_{CUT_AT}_ms", value=(time.perf_counter() - begun) * 1e3, unit="ms")
    yield Result(name=f"{hub}_fifo_cut_at_{CUT_AT}", value=float(len(cut)), unit="accounts", aim=1.0, aim_op=">=")


def _warm() -> None:
    """Compile what will be measured."""
    made = make_ledger(100_000)
    index = build_index(made.transfers, made.accounts)
    for grown in (index, append(index, made.transfers)):
        for method in Method:
            follow(grown, _question(int(made.victims[0]), method))
            if method in FOLLOWED_BOTH_WAYS:
                follow(grown, _question(int(made.victims[0]), method, Direction.BACKWARD))
    _interned_a_second(made)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
