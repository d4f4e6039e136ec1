"""Runs the command line on a package and judges what it answers."""

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from fanzha.adapters.store.server import start_server
from fanzha.apps.cli.main import run
from tests.packages import answers, scorer
from tests.packages.package import Package
from tests.packages.truth import Truth

RUNS = Path("/var/tmp/fanzha-judge")  # below folders open to others, since the database gives up being root


@contextlib.contextmanager
def installation() -> Iterator[None]:
    """An instance of the program with data of its own, its database kept running between commands."""
    home = RUNS / uuid4().hex[:8]
    home.mkdir(mode=0o711, parents=True)
    server = start_server(home / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANZHA_HOME", str(home / "data"))
        patch.setenv("FANZHA_KEYS", str(home / "keys"))
        patch.setenv("FANZHA_LANG", "en")
        patch.delenv("FANZHA_DATABASE_URL", raising=False)
        try:
            yield
        finally:
            server.leave()
            shutil.rmtree(home, ignore_errors=True)


def command(*arguments: str) -> Any:
    """What a command answers in JSON; one that fails is a failed judgement."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*arguments, "--format", "json"])
    assert code == 0, f"{arguments[:2]}: exit {code}\n{err.getvalue()[-2000:]}"
    return json.loads(out.getvalue())


def judge_package(package: Package, folder: Path, case: str) -> scorer.Score:
    """Import a package into a case of its own and score movements and row accounts."""
    package.save(folder)
    command("cases", "open", f"seed {package.truth.seed}", "--ref", case)
    files = sorted(str(path) for path in (folder / "files").iterdir())
    command("statements", "import", *files, "--case", case)
    return judge_case(case, package.truth)


def judge_case(case: str, truth: Truth) -> scorer.Score:
    """Score what a case answers that was imported before."""
    paths = answers.Paths(known=truth.files)
    movements = answers.movements(command("statements", "movements", "--case", case), paths)
    counted = answers.files(command("statements", "quality", "--case", case), paths)
    return scorer.judge(truth, movements, counted)
