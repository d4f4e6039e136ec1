"""The command line against an exercise of its own, whose database keeps running between commands."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from fanzha.adapters.store.engine import APP
from fanzha.adapters.store.server import start_server
from fanzha.apps.cli.main import run
from tests.databases import QUICK, RUNS, TestServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command wrote."""

    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """`fanzha …` in one instance, called as the program calls it, without a process for each."""

    environment: dict[str, str]

    def run(self, *arguments: str, given: str = "", code: int = 0) -> Ended:
        """What a command wrote, which must have ended with this code and never with a traceback."""
        out, err = io.StringIO(), io.StringIO()
        world = patch.dict(os.environ, self.environment), patch("sys.stdin", io.StringIO(given))
        with world[0], world[1], redirect_stdout(out), redirect_stderr(err):
            ended = run(arguments)
        told = Ended(stdout=out.getvalue(), stderr=err.getvalue())
        assert ended == code, f"{arguments} ended with {ended}\n{told.stdout}{told.stderr}"
        assert "Traceback" not in told.stderr
        return told

    def json(self, *arguments: str, given: str = "") -> Any:
        """What the command gives as JSON."""
        return json.loads(self.run(*arguments, "--format", "json", given=given).stdout)


@contextmanager
def lodged_exercise(keys: Path, server: TestServer) -> Iterator[CommandLine]:
    """A command line whose instance is founded by its first command, in a database of its own on the run's server."""
    with server.database() as name, TemporaryDirectory(prefix="fanzha-lodged-") as home:
        environment = {"FANZHA_HOME": home, "FANZHA_KEYS": str(keys), "FANZHA_LANG": "en"}
        yield CommandLine(environment={**environment, "FANZHA_DATABASE_URL": server.url(APP, name)})


@contextmanager
def fresh_exercise(keys: Path) -> Iterator[CommandLine]:
    """The same with a server of the instance's own, as somebody who installs Fanzha has it."""
    home = RUNS / f"journey-{uuid4().hex[:8]}"
    home.mkdir(mode=0o711, parents=True)
    server = start_server(home, QUICK)
    try:
        yield CommandLine(environment={"FANZHA_HOME": str(home), "FANZHA_KEYS": str(keys), "FANZHA_LANG": "en"})
    finally:
        server.leave()
        shutil.rmtree(home, ignore_errors=True)
