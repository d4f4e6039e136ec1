"""The register from the command line: profiles by TOML file, every version with its reason, numbers masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, fresh_exercise
from tests.tidy.source import ROOT

EXAMPLE = ROOT / "examples" / "institution.toml"


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An instance with the example's institution."""
    with fresh_exercise(tmp_path_factory.mktemp("institutions") / "keys") as line:
        line.json("institutions", "add", str(EXAMPLE), "--reason", "接入演练")
        yield line


def test_an_institution_is_shown_with_its_desk_masked(fanzha: CommandLine) -> None:
    told = fanzha.json("institutions", "show", "test-bank")
    assert_valid("institution", told)
    assert told == fanzha.json("institutions", "show", told["code"])
    assert (told["version"], told["reason"], told["demands"][0]["trade"]) == (1, "接入演练", "stop")
    assert "0999-1200001" in EXAMPLE.read_text("utf-8") and "1200001" not in str(told)
    listed = fanzha.json("institutions", "list")
    assert_valid("institutions", listed)
    assert [each["name"] for each in listed] == ["test-bank"]


def test_a_changed_profile_is_another_version(fanzha: CommandLine) -> None:
    changed = EXAMPLE.read_text("utf-8").replace("tolerance_seconds = 60", "tolerance_seconds = 90")
    told = fanzha.json("institutions", "add", "-", "--reason", "放宽时钟", given=changed)
    assert (told["version"], told["tolerance_seconds"]) == (2, 90)
    fanzha.run("institutions", "add", "-", "--reason", "再次", given=changed, code=4)


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("exercise = true", "exercise = false", 7, "real institution"),
        ("since = 2026-01-01T00:00:00+08:00", "since = 2026-01-01T00:00:00", 2, "keys[0].since"),
        ('kind = "bank" ', 'kind = "casino" ', 2, "kind: must be one of"),
        ("batch = 20", "batch = ", 2, "not valid TOML"),
        ('name = "test-bank"', 'name = "next-bank"', 4, "999900000001"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_with_its_place(
    fanzha: CommandLine, old: str, new: str, code: int, said: str
) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    assert (
        said in fanzha.run("institutions", "add", "-", "--reason", "x", given=text.replace(old, new), code=code).stderr
    )


def test_the_centres_keys_are_dated_and_overlap(fanzha: CommandLine) -> None:
    (first,) = fanzha.json("institutions", "keys")
    both = fanzha.json("institutions", "keys", "--new-from", "2099-01-01")
    assert_valid("institution_keys", both)
    assert both[0] == first and both[1]["since"] == "2099-01-01T00:00:00+08:00"
    fanzha.run("institutions", "keys", "--new-from", "soon", code=2)


def test_a_file_that_is_no_text_is_refused(fanzha: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_bytes(b"\xff\xfe")
    fanzha.run("institutions", "add", str(tmp_path / "p.toml"), "--reason", "x", code=2)
