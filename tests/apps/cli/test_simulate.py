"""`fanzha simulate institutions`: a city enters the register of an exercise, keeps the contract, and stays itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from fanzha.adapters.store.keys import open_keys
from fanzha.apps.processes import Child
from fanzha.kernel.clock import WallClock
from tests.databases import TestServer
from tests.journeys.command_line import CommandLine, Ended, lodged_exercise
from tests.simulation.institutions.live import ListeningCentre, until

SMALL = ("--banks", "2", "--payments", "0", "--carriers", "0", "--resolvers", "0", "--stores", "0", "--accounts", "3")


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An exercise."""
    with lodged_exercise(tmp_path_factory.mktemp("simulate") / "keys", postgres) as line:
        yield line


@pytest.fixture(scope="module")
def centre(fanzha: CommandLine) -> Iterator[ListeningCentre]:
    """The exercise's web, as far as institutions call it."""
    fanzha.run("institutions", "keys")
    ((_, key),) = open_keys(Path(fanzha.environment["FANZHA_KEYS"])).institution_keys()
    listening = ListeningCentre(key=key, began=WallClock().now())
    yield listening
    listening.server.shutdown()


def simulated(fanzha: CommandLine, centre: ListeningCentre, folder: Path, *told: str, code: int = 0) -> list[Ended]:
    """What `institutions check` says of the first bank while the city runs."""
    said: list[Ended] = []

    def meanwhile(children: Sequence[Child]) -> None:
        before = centre.clock_reads
        for each in children:
            each.start()
        try:
            until(lambda: centre.clock_reads >= before + 2 * len(children))
            account = rows(folder / "accounts.csv")[0]
            asked = ("test-bank-1", "--account", account["number"], "--holder", account["holder"])
            said.append(fanzha.run("institutions", "check", *asked))
            told = fanzha.run("simulate", "institutions", *SMALL, "--folder", str(folder), "--prompt", code=4)
            assert "runs already" in told.stderr
        finally:
            for each in children:
                each.stop()

    with patch("fanzha.apps.cli.simulate.supervise", meanwhile):
        arguments = ("--folder", str(folder), "--centre", centre.address, "--prompt", *told)
        fanzha.run("simulate", "institutions", *SMALL, *arguments, code=code)
    return said


def rows(path: Path) -> list[dict[str, str]]:
    """A list as a spreadsheet reads it."""
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_a_city_keeps_the_contract_and_is_the_same_when_started_again(
    fanzha: CommandLine, centre: ListeningCentre, tmp_path: Path
) -> None:
    (first,) = simulated(fanzha, centre, tmp_path)
    assert "no_answer" not in first.stdout
    listed = fanzha.json("institutions", "list")
    assert [(each["name"], each["version"]) for each in listed] == [("test-bank-1", 1), ("test-bank-2", 1)]
    accounts, reports = rows(tmp_path / "accounts.csv"), rows(tmp_path / "reports.csv")
    assert len(reports) == 3 and len(accounts) > 6
    assert {each["payee_code"] for each in reports} <= {each["institution_code"] for each in accounts}
    assert (tmp_path / "test-bank-1" / "key").stat().st_mode & 0o777 == 0o600
    simulated(fanzha, centre, tmp_path, "--accounts", "50")
    assert rows(tmp_path / "accounts.csv") == accounts, "what is founded stays"


def test_another_seed_is_another_city(fanzha: CommandLine, centre: ListeningCentre, tmp_path: Path) -> None:
    simulated(fanzha, centre, tmp_path)
    assert not simulated(fanzha, centre, tmp_path, "--seed", "2", code=4)
