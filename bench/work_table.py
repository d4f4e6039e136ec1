"""`fanzha bench work`: the work table under a hundred thousand and a million running clocks, beside procrastinate."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bench.measured import Result, report
from bench.work_worker import BATCH, KIND
from fanzha.adapters.store.server import SUPERUSER, EmbeddedServer, start_server
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Wanted, enqueue_all, take
from fanzha.settings import DEFAULT_DATABASE, Settings
from fanzha.wiring.house import CENTRE, House, open_house

FULL = {"clocks": (100_000, 1_000_000), "sweeps": 300, "idle_seconds": 30, "rows": 50_000, "jobs": 5_000, "late": 3_000}
QUICK = {"clocks": (10_000, 100_000), "sweeps": 50, "idle_seconds": 5, "rows": 10_000, "jobs": 1_000, "late": 500}
SWEEP_AIM_MS = {100_000: 5.0, 1_000_000: 10.0}
DUE_AT_ONCE = 20
LATE_A_SECOND = 100
AHEAD = timedelta(seconds=5)
"""Clocks are set before they are due: what is wished for when it is due already cannot be in time."""
PEER = "procrastinate"
LEASE = timedelta(minutes=10)
_TICKS = os.sysconf("SC_CLK_TCK")

_CLOCKS = text("""
INSERT INTO work (id, kind, key, unit_path, large, state, due_at, attempts, payload, progress, created_at)
SELECT gen_random_uuid(), :kind, 'clock-' || n, 'centre', false, 'waiting', CAST(:now AS timestamptz)
  + make_interval(hours => 1) + n * make_interval(secs => 180.0 * 86400 / :many), 0, '{}', '{}', :now
FROM generate_series(CAST(:first AS int), CAST(:many AS int)) AS n
""")
_JOBS = text("""
INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at, priority)
SELECT 'bench', 'bench.work_peer.take_effect', '{}', 'todo', now() + make_interval(hours => 1, secs => n), 0
FROM generate_series(CAST(:first AS int), CAST(:many AS int)) AS n
""")
_FETCH = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['bench']::varchar[], :worker)")
_WORKER = text("SELECT worker_id FROM procrastinate_register_worker_v1()")


def measure(*, quick: bool) -> dict[str, object]:
    """Every number by one server and one worker, ours and theirs one after the other."""
    sizes = QUICK if quick else FULL
    with _scene() as scene:
        results = [*_with_clocks(scene, sizes), _rows_a_second(scene, sizes), *_lateness(scene, sizes)]
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in sizes.items()}
    return report("work", settings | {"rows_at_once": BATCH.limit}, results, ("psycopg", "sqlalchemy", PEER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Our house and, in a database of its own on the same server, theirs."""

    house: House
    server: EmbeddedServer
    environment: dict[str, str]

    def engine(self, database: str) -> Engine:
        """The bench's own hand on a database: it sees everything."""
        return create_engine(self.server.url(SUPERUSER, database), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def peer(self, what: str) -> subprocess.Popen[str]:
        """A process of theirs."""
        address = f"host={self.server.data} dbname={PEER} user={SUPERUSER}"
        command = [sys.executable, "-m", "bench.work_peer", address, what]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker of ours while the block runs, ready to work when it begins."""
        running = subprocess.Popen([sys.executable, "-m", "bench.work_worker"], env=self.environment)
        try:
            self.wish("ready", 1)
            self.await_effects("ready", 1)
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait()

    def wish(self, name: str, many: int, over: timedelta = timedelta(), ahead: timedelta = timedelta()) -> None:
        """So many rows, due now or at random moments of a time to come."""
        now, name, chance = self.house.now(), f"{name}-{time.monotonic_ns()}", random.Random(1)
        new = [
            NewWork(kind=KIND, key=f"{name}-{n}", unit_path=CENTRE, due_at=now + ahead + over * chance.random())
            for n in range(many)
        ]
        with self.house.act(worker(CENTRE)) as connection:
            enqueue_all(connection, new, now)

    def await_effects(self, name: str, many: int) -> None:
        """Wait until so many rows of this name took effect."""
        with self.engine(DEFAULT_DATABASE).connect() as connection:
            count = text("SELECT count(*) FROM bench_effect WHERE starts_with(key, :name)")
            while int(connection.scalar(count, {"name": name}) or 0) < many:
                time.sleep(0.02)


def _with_clocks(scene: Scene, sizes: dict[str, object]) -> Iterator[Result]:
    """What a look for due work and an idle house cost beside so many waiting clocks."""
    there = 0
    for many in sizes["clocks"]:  # type: ignore[attr-defined]
        asked = {"first": there + 1, "many": many, "now": scene.house.now(), "kind": KIND}
        for database, fill in ((DEFAULT_DATABASE, _CLOCKS), (PEER, _JOBS)):
            with scene.engine(database).connect() as connection:
                names = fill.compile().params
                connection.execute(fill, {name: value for name, value in asked.items() if name in names})
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("CHECKPOINT"))
        there = many
        yield from _sweeps(scene, many, int(str(sizes["sweeps"])))
        yield _idle(scene, many, float(str(sizes["idle_seconds"])))


def _sweeps(scene: Scene, many: int, sweeps: int) -> Iterator[Result]:
    ours, theirs = [], []
    wanted = Wanted(kinds=("bench.sweep", KIND), lease=LEASE, limit=BATCH.limit)
    for number in range(sweeps):
        now = scene.house.now()
        with scene.house.act(worker(CENTRE)) as connection:
            due = [
                NewWork(kind="bench.sweep", key=f"{many}-{number}-{n}", unit_path=CENTRE, due_at=now)
                for n in range(DUE_AT_ONCE)
            ]
            enqueue_all(connection, due, now)
        begun = time.perf_counter()
        with scene.house.act_as_house() as connection:
            found = take(connection, wanted, scene.house.now(), scene.house.wall.now())
        ours.append((time.perf_counter() - begun) * 1000)
        assert len(found) == DUE_AT_ONCE
    with scene.engine(PEER).connect() as connection:
        peer = connection.scalar(_WORKER)
        for _ in range(min(sweeps, 20)):
            begun = time.perf_counter()
            assert connection.scalar(_FETCH, {"worker": peer}) is None
            theirs.append((time.perf_counter() - begun) * 1000)
    beside = {"baseline": statistics.median(theirs), "baseline_name": f"{PEER}, one look that finds nothing"}
    yield Result(
        name=f"work_sweep_ms@{many}", value=statistics.median(ours), unit="ms", aim=SWEEP_AIM_MS.get(many), **beside
    )
    yield Result(name=f"work_sweep_ms_p99@{many}", value=statistics.quantiles(ours, n=100)[98], unit="ms")


def _idle(scene: Scene, many: int, seconds: float) -> Result:
    """The share of one core that a worker and the database use while nothing is due."""
    with scene.worker() as running:
        ours = _cpu_share(scene, running.pid, seconds)
    with scene.peer("wait") as peer:
        theirs = _cpu_share(scene, peer.pid, seconds)
        peer.kill()
    return Result(
        name=f"work_idle_cpu_share@{many}",
        value=ours,
        unit="share of a core",
        baseline=theirs,
        baseline_name=f"{PEER}, its worker and the database",
        aim=0.01,
    )


def _cpu_share(scene: Scene, pid: int, seconds: float) -> float:
    """Of the process and the whole database, once they have come to rest."""
    time.sleep(5)
    postmaster = int((scene.server.data / "postmaster.pid").read_text("ascii").split()[0])
    before = _cpu(pid) + _cpu(postmaster, *_children(postmaster))
    begun = time.perf_counter()
    time.sleep(seconds)
    after = _cpu(pid) + _cpu(postmaster, *_children(postmaster))
    return (after - before) / (time.perf_counter() - begun)


def _cpu(*pids: int) -> float:
    """CPU seconds of these processes, and of their children that have ended."""
    fields = [Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split() for pid in pids]
    return sum(int(each) for told in fields for each in told[11:15]) / _TICKS


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def _rows_a_second(scene: Scene, sizes: dict[str, object]) -> Result:
    rows, jobs = int(str(sizes["rows"])), int(str(sizes["jobs"]))
    with scene.worker():
        scene.wish("rows", rows)
        begun = time.perf_counter()
        scene.await_effects("rows", rows)
        ours = rows / (time.perf_counter() - begun)
    with scene.engine(PEER).connect() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))  # its clocks would be looked through for each job
        connection.execute(text("VACUUM ANALYZE procrastinate_jobs"))
    told, _ = scene.peer(str(jobs)).communicate()
    return Result(
        name="work_rows_per_second",
        value=ours,
        unit="rows/s",
        baseline=jobs / float(told),
        baseline_name=f"{PEER}, one worker, 32 at once, no other jobs in its table",
        aim=5_000.0,
        aim_op=">=",
    )


def _lateness(scene: Scene, sizes: dict[str, object]) -> Iterator[Result]:
    """How late clocks are that fall due at random moments, beside a million others, while rows are wished for."""
    many = int(str(sizes["late"]))
    over = timedelta(seconds=many / LATE_A_SECOND)
    with scene.worker():
        scene.wish("late", many, over, ahead=AHEAD)
        until = time.monotonic() + (AHEAD + over).total_seconds()
        while time.monotonic() < until:
            scene.wish("meanwhile", DUE_AT_ONCE)
            time.sleep(0.1)
        scene.await_effects("late", many)
    with scene.engine(DEFAULT_DATABASE).connect() as connection:
        asked = text(
            "SELECT extract(epoch FROM e.at - w.due_at) FROM bench_effect e JOIN work w ON w.key = e.key"
            " WHERE w.kind = :kind AND starts_with(e.key, 'late')"
        )
        late = sorted(float(each) for each in connection.scalars(asked, {"kind": KIND}))
    assert len(late) == many, "each took effect once"
    yield Result(name="work_lateness_seconds_p50", value=statistics.median(late), unit="s")
    yield Result(name="work_lateness_seconds_max", value=late[-1], unit="s", aim=1.0)
    yield Result(name="work_earliness_seconds_max", value=max(0.0, -late[0]), unit="s", aim=1.0)


@contextmanager
def _scene() -> Iterator[Scene]:
    home = Path(tempfile.mkdtemp(prefix="fanzha-bench-", dir="/var/tmp"))
    home.chmod(0o755)
    settings = Settings(home=home / "data", keys=home / "keys", database_url="", workers=2)  # type: ignore[arg-type]
    environment = {**os.environ, "FANZHA_HOME": str(settings.home), "FANZHA_KEYS": str(settings.keys)}
    environment |= {"FANZHA_DATABASE_URL": "", "PYTHONPATH": os.pathsep.join(["src", ".", *_paths()])}
    server = start_server(settings.home)
    try:
        with open_house(settings, "live") as house:
            scene = Scene(house=house, server=server, environment=environment)
            _prepare(scene)
            yield scene
    finally:
        server.leave()
        rmtree(home, ignore_errors=True)


def _paths() -> Sequence[str]:
    return [each for each in (os.environ.get("PYTHONPATH"),) if each]


def _prepare(scene: Scene) -> None:
    with scene.engine(DEFAULT_DATABASE).connect() as connection:
        connection.execute(text("CREATE TABLE bench_effect (key text, at timestamptz)"))
        connection.execute(text("GRANT SELECT, INSERT ON bench_effect TO fanzha_app"))
    with scene.engine("postgres").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {PEER}"))
    if scene.peer("prepare").wait() != 0:
        raise SystemExit(1)
