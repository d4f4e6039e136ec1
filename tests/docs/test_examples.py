"""Every command has help in both languages, and its documented example works."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import typer

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.server import start_server
from fanzha.apps.cli.main import COMMANDS, house, run
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.settings import Settings
from fanzha.wiring.house import open_house, operator
from tests.databases import QUICK, RUNS
from tests.tidy.source import ROOT

ORDERS = (
    "list", "show", "query", "monitor", "stop", "freeze", "block", "extend", "renew", "release", "lift", "sign",
    "reject", "cancel", "unrelated", "look", "confirm", "retry", "answer", "paper", "evidence",
)  # fmt: skip
"""Each needs an order that stands where it fits: `tests/apps/cli/test_orders.py` runs them."""
RUN_ELSEWHERE = {
    *(f"orders.{each}" for each in ORDERS),
    *(f"objections.{each}" for each in ("list", "show", "take", "answer", "notice")),
    *(f"delegations.{each}" for each in ("list", "give", "end")),
    "serve", "demo", "trace", "bench.import", "bench.trace", "bench.picture", "bench.work", "bench.desk", "warm",
    "cases.erase", "erasures.replay", "work.show", "work.retry", "work.hand_over", "work.cancel", "backup", "restore",
    "institutions.check", "reports.take", "incidents.join", "incidents.await", "authorities.narrow",
    "simulate.institutions",
}  # fmt: skip
"""Those that run until stopped, for minutes, after months or in a case with files: their own tests start them."""
SOME_IMPORT = "01890000-0000-7000-8000-000000000000"


def commands() -> Iterator[str]:
    """The dotted name of every command, in the order in which they are listed."""
    root = typer.main.get_command(house())
    context = typer.Context(root, info_name="fanzha")
    for name in COMMANDS:
        yield from below(name, root.get_command(context, name))  # type: ignore[attr-defined]


def below(name: str, command: object) -> Iterator[str]:
    """The name of a command, or of all in a group."""
    verbs = getattr(command, "commands", None)
    if verbs is None:
        yield name
    else:
        for verb, each in verbs.items():
            yield from below(f"{name}.{verb.replace('-', '_')}", each)


def test_every_command_speaks_both_languages() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        for name in commands():
            assert words[f"cli.{name}.help"].strip()
            assert words[f"cli.{name}.example"].startswith(f"fanzha {name.replace('.', ' ').replace('_', '-')}")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A house of its own in which the examples are run, from the checkout's folder."""
    home = RUNS / f"examples-{uuid4().hex[:8]}"
    home.mkdir(mode=0o711, parents=True)
    monkeypatch.setenv("FANZHA_HOME", str(home))
    monkeypatch.setenv("FANZHA_KEYS", str(tmp_path / "keys"))
    monkeypatch.chdir(ROOT)
    server = start_server(home, QUICK)
    try:
        yield Settings()
    finally:
        server.leave()
        shutil.rmtree(home, ignore_errors=True)


def test_every_example_works(instance: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    words = catalogue("en")
    assert all(words[f"cli.{name}.example"] == catalogue("zh")[f"cli.{name}.example"] for name in commands())
    with open_house(instance) as opened:
        for name in (each for each in commands() if each not in RUN_ELSEWHERE):
            example = shlex.split(words[f"cli.{name}.example"])[1:]
            if SOME_IMPORT in example:
                with opened.act(operator()) as connection:
                    newest = list_imports(connection, case_by_ref(connection, "DEMO-2").id)[-1]
                example[example.index(SOME_IMPORT)] = str(newest.id)
            assert run(example) == 0, f"{' '.join(example)}: {capsys.readouterr().err}"
            capsys.readouterr()
