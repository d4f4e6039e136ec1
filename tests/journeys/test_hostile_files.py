"""Files that would break a careless reader: refused or read by name, and the good file beside them never lost."""

import contextlib
import io
import json
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fanzha.apps.cli.main import run
from tests.databases import TestServer
from tests.packages import driving, hostile

GOOD_ROWS = 3
MEMORY_MIB = 1_024
SMALL = [case for case in hostile.CASES if not case.large]
LARGE = [case for case in hostile.CASES if case.large]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an import answered, what it told a person, and the movements of its case."""

    files: list[dict[str, Any]]
    words: str
    movements: list[dict[str, Any]]


@pytest.fixture(scope="module")
def house(postgres: TestServer) -> Iterator[None]:
    with driving.installation(postgres):
        yield


def _import(files: list[Path], ref: str) -> Told:
    driving.command("cases", "open", ref, "--ref", ref)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(["statements", "import", *map(str, files), "--case", ref, "--format", "json"])
    movements = driving.command("statements", "movements", "--case", ref)
    return Told(files=json.loads(out.getvalue())["files"], words=err.getvalue(), movements=movements)


def _rows_of_good(told: Told) -> int:
    return sum(any("good.csv" in proof["file"] for proof in each["evidence"]) for each in told.movements)


@pytest.fixture(scope="module")
def told(house: None, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All small bad files and one good one, dropped on a case together."""
    folder = tmp_path_factory.mktemp("hostile")
    for case in SMALL:
        hostile.write_case(case, folder)
    return _import([*(folder / case.file for case in SMALL), folder / "good.csv"], "HOSTILE")


def test_the_good_file_is_kept(told: Told) -> None:
    assert _rows_of_good(told) == GOOD_ROWS


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_each_bad_file_is_refused_or_read_by_name(case: hostile.Hostile, told: Told) -> None:
    sheets = [each for each in told.files if each["file"].split("/")[0] == case.file]
    accepted = sum(each["accepted"] + each["duplicates"] for each in sheets)
    rejected = sum(each["rejected"] for each in sheets)
    if case.outcome == "refused":
        assert accepted == 0
        assert case.file in told.words, "the refused file is not named"
    if case.outcome == "imported":
        assert accepted > 0
    assert case.accepted in (None, accepted)
    assert case.rejected in (None, rejected)


@pytest.mark.parametrize("case", LARGE, ids=lambda case: case.name)
@pytest.mark.usefixtures("house")
def test_giants_are_met_in_bounded_memory(case: hostile.Hostile, tmp_path: Path) -> None:
    hostile.write_case(case, tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = _import([tmp_path / case.file, tmp_path / "good.csv"], f"LARGE-{LARGE.index(case)}")
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1_024
    assert grown_mib < MEMORY_MIB
    assert _rows_of_good(told) == GOOD_ROWS
    assert case.outcome != "refused" or case.file in told.words
