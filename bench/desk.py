"""`fanzha bench desk`: reports come in, and how soon orders leave; every layer of every chase, on one machine.

Reports are posted to the console as browsers post them; the house is `fanzha serve`; banks are processes that speak
the protocol. A report's time begins when it was due to be sent, whether or not a browser was free to send it. An order
counts as on the wire when its bank's receipt is written, which is later than the first byte that leaves.

A chase is eight accounts in four layers, and its money is in them before the report. What spreads it out are people and
banks: chiefs sign one authority after the other, over some five minutes, and automatic banks answer as the published
file says (a statement after 1.5 minutes at the median, a stop after 0.7). Were the house to take no time at all, the
last account would be shown 7.6 minutes after the report and the last bank answer after 9.7 (medians). What the house
takes of each layer is told apart, from the answer that showed an account until its bank's receipt; its aim is for the
time until its stop leaves.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Row, text

from bench.desk_city import ACCOUNTS, Theft, plan_thefts
from bench.desk_scene import BANKS, HOUSE, SORTS, Browser, Chiefs, DeskScene, browser, desk_scene
from bench.measured import Result, report
from fanzha.simulation.institutions.kept import truth_of
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.truth import twice

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many reports come, in how long; how long their money rests in a layer; how long chases are watched at most,
    and how long nothing must be stopped or due for them to count as over."""

    alone: int
    reports: int
    over_s: float
    hop_s: float
    watched_s: float
    still_s: float
    profile: Profile
    browsers: int = 16
    between_s: float = 1.5


AUTOMATIC, PROMPT = Profile.AUTOMATIC, Profile.PROMPT
FULL = Size(alone=40, reports=1_000, over_s=60, hop_s=25, watched_s=780, still_s=90, profile=AUTOMATIC)
QUICK = Size(alone=10, reports=20, over_s=4, hop_s=3, watched_s=60, still_s=20, profile=PROMPT, browsers=4)
SETTLE_S = 3.0
LOOK_S = 5.0
"""How often the bench looks whether chases are over: once in so long it costs nothing."""
_STEPS = {"taken": "taken_at", "drafted": "drafted_at", "sending": "sent", "receipt": "told"}
"""How far a report has come: what is told of each step, and where the row of `_WIRE` tells it."""
_TOLD = "kind IN ('receipt', 'answered', 'part') OR kind = 'asked' AND told ->> 'code' IN ('received', 'working')"
"""By which entries a bank is known to have an order: where the line broke, as published, by what it says when asked."""
_WIRE = f"""
SELECT i.number, i.taken_at, min(f.opened_at) AS drafted_at, min(e.at) FILTER (WHERE e.kind = 'sent') AS sent,
  min(e.at) FILTER (WHERE {_TOLD.replace("kind", "e.kind")}) AS told
FROM incident i JOIN order_file f ON f.case_id = i.case_id AND f.kind = 'stop'
JOIN order_entry e ON e.order_id = f.id
JOIN authority_use u ON u.order_id = f.id AND u.layer = 1
GROUP BY i.number, i.taken_at
"""
_LAYER_STEPS = ("heard", "drafted", "sending", "receipt")
"""How far an account that an answer showed has come: its answer has its effect, its stop is made, leaves, is taken."""
_OURS = "sending"
"""So far it is the house's own part, for which the aim is; what follows is its bank's, and the writing of its word."""
_LAYERS = f"""
SELECT extract(epoch FROM w.finished_at - m.at) AS heard, extract(epoch FROM f.opened_at - m.at) AS drafted,
  extract(epoch FROM s.sent - m.at) AS sending, extract(epoch FROM s.told - m.at) AS receipt,
  u.layer, i.number, extract(epoch FROM m.at - i.taken_at) AS shown
FROM authority_use u JOIN order_file f ON f.id = u.order_id JOIN incident i ON i.case_id = f.case_id
CROSS JOIN LATERAL (
  SELECT at, message_id FROM case_message c JOIN case_subject t ON t.import_id = c.import_id
  WHERE t.case_id = f.case_id AND t.subject_id = f.target ORDER BY at LIMIT 1
) m
LEFT JOIN work w ON w.kind = 'institution_message' AND w.key = CAST(m.message_id AS text)
CROSS JOIN LATERAL (
  SELECT min(at) FILTER (WHERE kind = 'sent') AS sent,
    min(at) FILTER (WHERE {_TOLD}) AS told
  FROM order_entry WHERE order_id = f.id
) s
WHERE u.layer > 1 AND m.at < f.opened_at AND u.kind = 'stop'
"""
_QUESTIONS = """
SELECT extract(epoch FROM min(e.at) - f.opened_at) FROM order_file f
JOIN order_entry e ON e.order_id = f.id AND e.kind = 'sent' WHERE f.kind = 'query' GROUP BY f.id
"""
"""How long each question to a bank waited until it left."""
_ROUNDS = """
SELECT extract(epoch FROM finished_at - due_at) FROM work
WHERE kind = 'chase' AND state = 'done' AND NOT progress ? 'taken_back' AND finished_at >= due_at
"""
"""How long each round waited by which no stop of a next layer leaves."""
_COUNTS = {
    "orders_count": "SELECT count(*) FROM order_file",
    "orders_held_count": "SELECT count(*) FROM order_standing WHERE times > 0",
    "accounts_stopped_count": "SELECT count(DISTINCT target) FROM order_file WHERE kind = 'stop'",
    "stops_of_one_account_twice_count": "SELECT count(*) FROM (SELECT 1 FROM order_file WHERE kind = 'stop'"
    " GROUP BY case_id, target HAVING count(*) > 1) AS twice",
    "instructions_undecided_count": "SELECT count(*) FROM work WHERE kind IN ('stop_delivery', 'order_delivery')"
    " AND state IN ('waiting', 'running')",
    "work_waiting_count": "SELECT count(*) FROM work WHERE state IN ('waiting', 'running')"
    " AND due_at <= CAST(:now AS timestamptz) AND kind NOT IN ('stop_delivery', 'order_delivery')",
    "work_stuck_count": "SELECT count(*) FROM work WHERE state = 'stuck'",
}
_NEVER = ("stops_of_one_account_twice_count", "work_stuck_count")


@dataclass(slots=True)
class Told:
    """When each report was due to be sent, by the number of its incident; what was refused."""

    due: dict[str, float] = field(default_factory=dict)
    answered_s: list[float] = field(default_factory=list)
    failed: int = 0


def measure(*, quick: bool) -> dict[str, object]:
    """Reports alone, of which only the first stops are allowed; then all at once, and what their chases come to."""
    size = QUICK if quick else FULL
    with desk_scene(size.profile) as running:
        thefts = _thefts(running, size)
        alone, quiet = _spending(running, lambda: _alone(running, thefts[: size.alone], size))
        chiefs = Chiefs(running)
        signing = threading.Thread(target=chiefs.work, daemon=True)
        signing.start()
        crowd, during = _spending(running, lambda: _crowd(running, chiefs, thefts[size.alone :], size))
        _, after = _spending(running, lambda: _watch(running, size))
        chiefs.over.set()
        signing.join()
        results = list(_results(running, alone, crowd))
        results += [*_spent("alone", quiet, size.alone), *_spent("reports", during, size.reports)]
        results += _spent("all", during + after, size.reports)
        settings: dict[str, object] = {
            "reports": size.reports,
            "over_seconds": size.over_s,
            "accounts": ACCOUNTS,
            "banks": BANKS,
        }
        settings |= {"profile": size.profile.value, "chases_allowed": chiefs.allowed}
    return report("desk", settings, results, ("sqlalchemy", "psycopg"))


def _spending(running: DeskScene, do: Callable[[], T]) -> tuple[T, Counter[str]]:
    """What comes of it, and the CPU time that each sort of process spent meanwhile."""
    before = running.cpu_seconds()
    told = do()
    spent = running.cpu_seconds()
    spent.subtract(before)
    return told, spent


def _thefts(running: DeskScene, size: Size) -> list[Theft]:
    """All thefts, paid within a hop and at rest in their last accounts when this returns."""
    many = size.alone + size.reports
    hop, begin = timedelta(seconds=size.hop_s), running.house.now() + timedelta(seconds=SETTLE_S)
    paid = [begin + hop * (number / many) * 0.7 for number in range(many)]
    thefts = plan_thefts(running.banks, paid, hop, running.house.now())
    running.start_banks()
    time.sleep(SETTLE_S + 5.2 * size.hop_s)
    return thefts


def _alone(running: DeskScene, thefts: Sequence[Theft], size: Size) -> Told:
    told, mine = Told(), browser(running)
    for each in thefts:
        time.sleep(size.between_s)
        _post(running, mine, each, running.house.now().timestamp(), told)
    time.sleep(size.between_s)
    return told


def _crowd(running: DeskScene, chiefs: Chiefs, thefts: Sequence[Theft], size: Size) -> Told:
    """Reports evenly over the time, each by whichever browser is free."""
    told, due = Told(), SimpleQueue[tuple[float, Theft] | None]()
    begin = time.monotonic()

    def post(mine: Browser) -> None:
        while (found := due.get()) is not None:
            late = time.monotonic() - found[0]
            number = _post(running, mine, found[1], running.house.now().timestamp() - late, told)
            if number is not None:
                chiefs.waiting.put(number)

    browsers = [browser(running) for _ in range(size.browsers)]
    threads = [threading.Thread(target=post, args=(each,), daemon=True) for each in browsers]
    for thread in threads:
        thread.start()
    for number, theft in enumerate(thefts):
        at = begin + number * size.over_s / size.reports
        time.sleep(max(0.0, at - time.monotonic()))
        due.put((at, theft))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return told


def _post(running: DeskScene, mine: Browser, theft: Theft, at: float, told: Told) -> str | None:
    """The number of the incident that was due to be reported at `at`."""
    try:
        number = mine.report(theft, uuid4().hex)
    except OSError:
        told.failed += 1
        return None
    told.due[number] = at
    told.answered_s.append(running.house.now().timestamp() - at)
    return number


def _watch(running: DeskScene, size: Size) -> None:
    """Until no account was stopped and no work was due for a while, or the time is over."""
    until, stopped, last_at = time.monotonic() + size.watched_s, -1, time.monotonic()
    while time.monotonic() < min(until, last_at + size.still_s):
        time.sleep(LOOK_S)
        counts = _counts(running)
        if counts["accounts_stopped_count"] != stopped or counts["work_waiting_count"]:
            stopped, last_at = counts["accounts_stopped_count"], time.monotonic()


def _counts(running: DeskScene) -> dict[str, int]:
    now = running.house.now()
    with running.engine.connect() as connection:
        return {
            name: int(connection.scalar(text(asked), {"now": now} if ":now" in asked else {}) or 0)
            for name, asked in _COUNTS.items()
        }


def _results(running: DeskScene, alone: Told, crowd: Told) -> Iterator[Result]:
    with running.engine.connect() as connection:
        wire = {row.number: row for row in connection.execute(text(_WIRE))}
        layers = list(connection.execute(text(_LAYERS)))
        questions, rounds = (
            [float(each) for each in connection.scalars(text(asked))] for asked in (_QUESTIONS, _ROUNDS)
        )
        durable = {name: connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit")}
    counts = _counts(running)
    for name, told, aim in (("alone", alone, 0.3), ("crowd", crowd, 2.0)):
        known = [(told.due[number], wire[number]) for number in told.due if number in wire]
        for step, column in _STEPS.items():
            after = [getattr(row, column).timestamp() - at for at, row in known if getattr(row, column) is not None]
            yield from _spread(f"report_to_{step}_seconds@{name}", after, aim if step == "receipt" else None)
        yield from _spread(f"report_answered_seconds@{name}", told.answered_s, None)
        lost = len(told.due) - sum(row.sent is not None for _, row in known)
        yield Result(name=f"reports_without_order_count@{name}", value=lost, unit="count", aim=0)
        yield Result(name=f"reports_refused_count@{name}", value=told.failed, unit="count", aim=0)
    for step in _LAYER_STEPS:
        after = [float(getattr(row, step)) for row in layers if getattr(row, step) is not None]
        yield from _spread(f"layer_to_{step}_seconds", after, 0.2 if step == _OURS else None)
    yield from _spread("question_drafted_to_sending_seconds", questions, None)
    yield from _spread("other_round_due_to_done_seconds", rounds, None)
    last = [max(float(row.shown) for row in some) for some in _by_incident(layers)]
    yield from _spread("report_to_last_account_shown_seconds", last, None)
    yield Result(name="layers_deepest_count", value=max((row.layer for row in layers), default=1), unit="count")
    for name, count in counts.items():
        yield Result(name=name, value=count, unit="count", aim=0 if name in _NEVER else None)
    truth = [each for bank in running.banks for each in truth_of(bank.folder)]
    yield Result(name="effects_twice_count", value=len(twice(truth)), unit="count", aim=0)
    lax = sum(each != "on" for each in durable.values())
    yield Result(name="commits_not_durable_settings_count", value=lax, unit="count", aim=0)


def _by_incident(layers: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """The accounts of each chase that answers showed."""
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in layers:
        found[row.number].append(row)
    return list(found.values())


def _spread(name: str, found: Sequence[float], aim: float | None) -> Iterator[Result]:
    """The middle, the 95th percentile, which the aim is for, and the worst."""
    if not found:
        return
    plain, _, size = name.partition("@")
    at = f"@{size}" if size else ""
    ranked = sorted(found)
    yield Result(name=f"{plain}_p50{at}", value=statistics.median(ranked), unit="s")
    yield Result(name=f"{plain}_p95{at}", value=ranked[int(0.95 * (len(ranked) - 1))], unit="s", aim=aim)
    yield Result(name=f"{plain}_max{at}", value=ranked[-1], unit="s")


def _spent(when: str, spent: Mapping[str, float], reports: int) -> Iterator[Result]:
    """CPU by sort of process, and of each what a report costs; what the bench itself and others took is told apart."""
    for name in SORTS:
        value = spent.get(name, 0.0)
        yield Result(name=f"cpu_seconds_{name}@{when}", value=value, unit="s")
        yield Result(name=f"cpu_ms_{name}_per_report@{when}", value=1000 * value / reports, unit="ms")
    house = sum(spent.get(name, 0.0) for name in HOUSE)
    yield Result(name=f"cpu_ms_house_per_report@{when}", value=1000 * house / reports, unit="ms")
