"""The register from the command line: profiles by TOML file, every version with its reason, numbers masked."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.kernel.clock import WallClock
from fanzha.protocol.keys import PublicKey
from tests.adapters.connectors.bank import Bank
from tests.adapters.connectors.listening import listening
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise
from tests.registers.institutions import BANK_KEY
from tests.tidy.source import ROOT

EXAMPLE = ROOT / "examples" / "institution.toml"


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance with the example's institution."""
    with lodged_exercise(tmp_path_factory.mktemp("institutions") / "keys", postgres) as line:
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


@pytest.mark.parametrize(("language", "short"), [("zh", "简称"), ("en", "Short name")])
def test_an_institution_s_name_is_not_headed_as_a_person_s(fanzha: CommandLine, language: str, short: str) -> None:
    told = replace(fanzha, environment={**fanzha.environment, "FANZHA_LANG": language})
    for asked in (("list",), ("show", "test-bank")):
        listed = told.run("institutions", *asked).stdout
        assert re.search(rf"^{short}  ", listed, re.MULTILINE), listed
        assert "姓名" not in listed


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
        ('endpoint = "http://127.0.0.1:8701"', 'endpoint = "http://bank.test"', 2, "cannot be used"),
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


def test_what_was_not_taken_is_listed(fanzha: CommandLine) -> None:
    assert fanzha.json("institutions", "refused") == []


def test_a_file_that_is_no_text_is_refused(fanzha: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_bytes(b"\xff\xfe")
    fanzha.run("institutions", "add", str(tmp_path / "p.toml"), "--reason", "x", code=2)


def test_the_contract_kit_passes_a_good_institution_and_ends_with_8_for_another(
    fanzha: CommandLine, tmp_path: Path
) -> None:
    (ours,) = (each for each in fanzha.json("institutions", "keys") if not each["since"].startswith("2099"))
    wall = WallClock()
    known = PublicKey(key_id=ours["key_id"], public=b64decode(ours["public"]), since=wall.now() - timedelta(days=9))
    bank = Bank(wall=wall, since=wall.now(), centre=known)
    profile = tmp_path / "bank.toml"
    public = b64encode(BANK_KEY.public).decode()
    told = EXAMPLE.read_text("utf-8").replace("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", public)
    profile.write_text(told.replace("test-bank-2026", BANK_KEY.key_id), "utf-8")
    with listening(bank) as address:
        found = fanzha.json("institutions", "check", str(profile), "--at", address)
        assert_valid("institution_check", found)
        assert {each["check"] for each in found if each["holds"] is False} == set()
        assert sum(each["holds"] is True for each in found) > 20
        bank.breaks = "forgets_nonces"
        ended = fanzha.run("institutions", "check", str(profile), "--at", address, code=8)
        assert "signature.replayed  The same call again: refused" in ended.stdout
    assert "cannot be reached" in fanzha.run("institutions", "check", str(profile), "--at", address, code=6).stderr
    with_http = fanzha.run("institutions", "check", str(profile), "--at", "http://bank.test", code=2)
    assert "cannot be used" in with_http.stderr
