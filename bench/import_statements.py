"""`fanzha bench import`: a large dirty statement from file to durable movements, beside pandas only reading it."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench.measured import Result, report
from bench.statement_ledger import Made, make_csv, make_xlsx
from fanzha.adapters.store.server import start_server

CASE = "BENCH"
FULL = {"csv_rows": 1_000_000, "xlsx_rows": 50_000, "runs": 3}
QUICK = {"csv_rows": 100_000, "xlsx_rows": 10_000, "runs": 1}
SECONDS_AIM = {1_000_000: 16.0, 50_000: 4.0}
MEMORY_AIM_MIB = 1024.0

PANDAS_CSV = "import pandas, sys; pandas.read_csv(sys.argv[1], dtype=str, encoding='gb18030', on_bad_lines='skip')"
PANDAS_XLSX = "import pandas, sys; pandas.read_excel(sys.argv[1], dtype=str, engine='calamine')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One child process: its wall time, its own CPU time and its peak memory."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str


def measure(*, quick: bool) -> dict[str, object]:
    """Import both files in processes of their own, each run into a new case; medians of the runs."""
    sizes = QUICK if quick else FULL
    results: list[Result] = []
    with _instance() as environment, tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        for made, reader, kind in _files(Path(folder), sizes):
            results += _measure_file(made, reader, kind, environment, sizes["runs"])
    return report("import", sizes, results, ("numpy", "numba", "pyarrow", "pandas", "python-calamine", "psycopg"))


def _files(folder: Path, sizes: dict[str, int]) -> Iterator[tuple[Made, str, str]]:
    yield _made(make_csv, folder / "ledger.csv", sizes["csv_rows"]), PANDAS_CSV, "csv"
    yield _made(make_xlsx, folder / "ledger.xlsx", sizes["xlsx_rows"]), PANDAS_XLSX, "xlsx"


def _made(make: Callable[..., Made], path: Path, rows: int) -> Made:
    """A file made by a process of its own: what a child's peak is measured from is the size of its parent."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker:
        return maker.submit(make, path, rows=rows).result()


def _measure_file(made: Made, reader: str, kind: str, environment: dict[str, str], runs: int) -> list[Result]:
    ours = []
    theirs = []
    for number in range(runs):
        case = f"{CASE}-{kind}-{number}"
        _run(["-m", "fanzha", "cases", "open", case, "--ref", case], environment)
        command = ["-m", "fanzha", "statements", "import", str(made.path), "--case", case, "--format", "json"]
        ours.append(_run(command, environment))
        theirs.append(_run(["-c", reader, str(made.path)], environment))
    size = f"@{made.rows}"
    right = _counted(f"{CASE}-{kind}-0", made, environment)
    return [
        Result(
            name=f"{kind}_import_seconds{size}",
            value=statistics.median(each.seconds for each in ours),
            unit="s",
            baseline=statistics.median(each.seconds for each in theirs),
            baseline_name="pandas, reading only",
            aim=SECONDS_AIM.get(made.rows),
        ),
        Result(name=f"{kind}_import_cpu_seconds{size}", value=statistics.median(r.cpu_seconds for r in ours), unit="s"),
        Result(
            name=f"{kind}_import_peak_mib{size}",
            value=max(each.peak_mib for each in ours),
            unit="MiB",
            baseline=max(each.peak_mib for each in theirs),
            baseline_name="pandas, reading only",
            aim=MEMORY_AIM_MIB,
        ),
        Result(name=f"{kind}_rows_rightly_accounted_share{size}", value=right, unit="share", aim=1.0, aim_op=">="),
    ]


def _counted(case: str, made: Made, environment: dict[str, str]) -> float:
    """The share of rows on which our row account and the maker's truth agree."""
    told = json.loads(
        _run(["-m", "fanzha", "statements", "quality", "--case", case, "--format", "json"], environment).output
    )
    counts = told["total"]
    wrong = sum(abs(counts[name] - getattr(made, name)) for name in ("accepted", "duplicates", "rejected"))
    return float(1.0 - wrong / made.rows)


def _run(arguments: Sequence[str], environment: dict[str, str]) -> Run:
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        output=output,
    )


@contextmanager
def _instance() -> Iterator[dict[str, str]]:
    """An exercise of its own with the database running, so that starting it is not measured."""
    home = Path(tempfile.mkdtemp(prefix="fanzha-bench-", dir="/var/tmp"))
    home.chmod(0o755)
    environment = {**os.environ, "FANZHA_HOME": str(home / "data"), "FANZHA_KEYS": str(home / "keys")}
    environment |= {"FANZHA_LANG": "en", "FANZHA_DATABASE_URL": ""}
    server = start_server(home / "data")
    try:
        yield environment
    finally:
        server.leave()
        shutil.rmtree(home, ignore_errors=True)
