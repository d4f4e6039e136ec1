"""`fanzha law show` lists every number of the pack in force, with source and confidence."""

from __future__ import annotations

import json

import pytest

from fanzha.apps.cli.main import run
from fanzha.wiring.law import live_law
from tests.docs.schemas import assert_valid


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_LANG", "en")


def test_every_number_is_listed_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["law", "show", "--at", "2026-11-22", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert_valid("law", rows)
    law = live_law()[0]
    assert len(rows) == len(law.provisions) + len(law.signings)
    stop = next(each for each in rows if each["entry"] == "stop.hours")
    assert (stop["value"], stop["unit"], stop["confidence"], stop["restricts"]) == (48, "hours", "H", True)
    signers = next(each for each in rows if each["entry"] == "signers.freeze.apply.complex")
    assert signers["value"] == ["second_officer", "city_chief"]


def test_a_person_reads_numbers_with_their_units(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANZHA_LANG", "zh")
    assert run(["law", "show", "--at", "2026-11-22"]) == 0
    shown = capsys.readouterr().out
    assert "30、15、7、1 日" in shown
    assert "《公安机关办理刑事案件程序规定》（2020年）第247条" in shown


@pytest.mark.parametrize(
    ("day", "code", "said"), [("2022-11-30", 3, "No law of orders"), ("yesterday", 2, "is no day")]
)
def test_a_day_without_law_and_what_is_no_day_are_told(
    capsys: pytest.CaptureFixture[str], day: str, code: int, said: str
) -> None:
    assert run(["law", "show", "--at", day]) == code
    assert said in capsys.readouterr().err
