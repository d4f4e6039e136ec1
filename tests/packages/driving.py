"""Runs the command line on a package and judges what it answers."""

import contextlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from fanzha.apps.cli.main import run
from tests.databases import TestServer
from tests.journeys.command_line import lodged_exercise
from tests.packages import answers, scorer
from tests.packages.package import Package
from tests.packages.truth import Truth


@contextlib.contextmanager
def installation(server: TestServer) -> Iterator[None]:
    """An instance of the program with data of its own, in a database on the run's server."""
    with (
        TemporaryDirectory(prefix="fanzha-judge-") as folder,
        lodged_exercise(Path(folder) / "keys", server) as line,
        patch.dict(os.environ, line.environment),
    ):
        yield


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
