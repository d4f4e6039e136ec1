"""An analyst's first day, from a pile of files to movements that each show where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from examples.first_case_files import ACQUIRER, AGAIN, PACKAGE, own_account, parts
from examples.first_case_story import (
    FIRST,
    FIRST_PAYMENT_FEN,
    GOLD,
    POOL,
    SECOND,
    SECOND_PAYMENT_FEN,
    SPLIT_A,
    VICTIM,
    books,
    story,
)
from examples.make_first_case import FOLDER

from tests.databases import TestServer
from tests.docs.schemas import assert_valid, faults, schema
from tests.journeys.command_line import CommandLine, lodged_exercise

CASE = "DAY-1"
UNEXPECTED = "unexpected is not expected"
IN_CASE = ("--case", CASE)
OTHER_CASE = "DAY-3"
"""Where bad input goes: tests may come in any order, and the example's case tells only of its own files."""
EXAMPLE = sorted(str(path) for path in FOLDER.iterdir())


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance in which the case is open and the example imported."""
    with lodged_exercise(tmp_path_factory.mktemp("first-day") / "keys", postgres) as line:
        opened = line.json("cases", "open", "测试专案:冒充领导", "--ref", CASE)
        assert (opened["ref"], opened["state"]) == (CASE, "preliminary")
        assert_valid("case", opened)
        imported = line.json("statements", "import", *EXAMPLE, *IN_CASE)
        assert_valid("import", imported)
        line.run("cases", "open", "测试专案:杂件", "--ref", OTHER_CASE)
        yield line


def movements(fanzha: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fanzha.json("statements", "movements", *IN_CASE)
    return found


def test_the_example_gives_the_true_numbers_to_the_fen(fanzha: CommandLine) -> None:
    truth = Truth()
    quality = fanzha.json("statements", "quality", *IN_CASE)
    assert_valid("quality", quality)
    told = dict.fromkeys(("data", "accepted", "duplicates", "rejected"), 0)
    for each in quality["files"]:
        assert each["data"] == each["accepted"] + each["duplicates"] + each["rejected"]
        if each["format"] not in ("query_feedback_accounts", "query_feedback_persons"):
            told = {name: told[name] + each[name] for name in told}
    assert told == {
        "data": truth.rows,
        "accepted": truth.told,
        "duplicates": truth.repeats,
        "rejected": truth.failed + truth.cut,
    }
    unknown = [each["file"] for each in quality["files"] if not each["format"]]
    assert unknown == [ACQUIRER]
    found = movements(fanzha)
    assert_valid("movements", found)
    assert len(found) == truth.movements
    for own in (FIRST, SECOND):
        taken = [each for each in found if own.number in each["payee_identifiers"]]
        given = [each for each in found if own.number in each["payer_identifiers"]]
        assert sum(each["amount_fen"] for each in taken) == truth.sums[own.number, "in"]
        assert sum(each["amount_fen"] for each in given) == truth.sums[own.number, "out"]
    stolen = [each["amount_fen"] for each in found if VICTIM.number in each["payer_identifiers"]]
    assert FIRST_PAYMENT_FEN in stolen and SECOND_PAYMENT_FEN in stolen
    assert FIRST_PAYMENT_FEN + SECOND_PAYMENT_FEN == 1_750_000_00


class Truth:
    """What the story itself says the files must come to, counted without the program."""

    def __init__(self) -> None:
        told = parts(books(story()))
        cut = told[AGAIN][-1]
        written = [(name, each) for name, rows in told.items() for each in rows]
        written = [(name, each) for name, each in written if name != AGAIN or each.transfer.fate != "failed"]
        good = [each for _, each in written if each.transfer.fate != "failed" and each is not cut]
        filled = {(each.transfer.at, each.transfer.fen): each.number for each in good if each.transfer.payee == POOL}
        number = {each.number: each.number for each in good}
        # A wallet's row that names the card it was filled from tells what the card's bank tells of its company.
        for entry in good:
            if entry.transfer.payer == POOL:
                number[entry.number] = filled[entry.transfer.at, entry.transfer.fen]
        moved = {number[each.number]: each.transfer for each in good if each.transfer.fate == "moves"}
        self.rows = len(written)
        self.cut = 1
        self.failed = sum(each.transfer.fate == "failed" for _, each in written)
        self.told = len(set(number.values()))
        self.repeats = len(good) - self.told
        self.movements = len(moved)
        self.sums: Counter[tuple[str, str]] = Counter()
        for each in moved.values():
            if each.payer:
                self.sums[each.payer.number, "out"] += each.fen
            if each.payee:
                self.sums[each.payee.number, "in"] += each.fen


def test_the_first_payment_shows_both_rows(fanzha: CommandLine) -> None:
    paid = [each for each in movements(fanzha) if each["amount_fen"] == SECOND_PAYMENT_FEN]
    assert len(paid) == 1
    assert paid[0]["payer_at"] == "2026-03-17T14:31:45+08:00"
    assert paid[0]["payee_at"] == "2026-03-17T14:32:40+08:00"
    places = {each["file"].split("/")[0].split("#")[0] for each in paid[0]["evidence"]}
    assert places == {PACKAGE, "bank-b-statements.xlsx"}


def test_accounts_say_what_arrived(fanzha: CommandLine) -> None:
    accounts = fanzha.json("statements", "accounts", *IN_CASE)
    assert_valid("accounts", accounts)
    by_number = {number: each for each in accounts for number in each["identifiers"]}
    first = by_number[FIRST.number]
    truth = Truth()
    assert first["in_fen"] == truth.sums[FIRST.number, "in"]
    assert first["out_fen"] == truth.sums[FIRST.number, "out"]
    assert first["proof"] == "proven"
    assert first["top_payers"][0]["amount_fen"] == FIRST_PAYMENT_FEN
    broken = [each for each in accounts if each["proof"] == "broken"]
    assert [len(each["breaks"]) for each in broken] == [1]
    assert broken[0]["breaks"][0]["missing_fen"] > 0
    missing = fanzha.json("statements", "accounts", *IN_CASE, "--missing")
    assert_valid("missing_statements", missing)
    assert GOLD.number in {each["account"] for each in missing}
    devices = fanzha.json("statements", "accounts", *IN_CASE, "--devices")
    assert_valid("shared_devices", devices)
    assert [(each["kind"], each["device"]) for each in devices] == [("ip", "198.51.100.77")]
    assert set(devices[0]["accounts"]) == {own_account(FIRST), own_account(SPLIT_A)}


def test_a_terminal_masks_and_a_mask_can_be_asked_for(fanzha: CommandLine) -> None:
    for command in ("movements", "accounts"):
        shown = fanzha.run("statements", command, *IN_CASE).stdout
        assert FIRST.number not in shown and "测试·乙" not in shown
        exported = ("statements", command, *IN_CASE, "--format", "csv")
        assert FIRST.number not in fanzha.run(*exported, "--mask").stdout
        assert FIRST.number not in fanzha.run(*exported, "--purpose", "").stdout
        assert FIRST.number in fanzha.run(*exported).stdout


def test_importing_twice_changes_nothing(fanzha: CommandLine) -> None:
    before = movements(fanzha), fanzha.json("statements", "quality", *IN_CASE)
    understood = [each for each in EXAMPLE if not each.endswith(ACQUIRER)]
    again = fanzha.json("statements", "import", *understood, *IN_CASE)
    assert again["import"] is None
    assert len(again["known_already"]) == len(understood) + 2  # the package holds three files
    assert (movements(fanzha), fanzha.json("statements", "quality", *IN_CASE)) == before


def test_an_excluded_import_comes_back_as_it_was(fanzha: CommandLine) -> None:
    before = movements(fanzha)
    imported = fanzha.json("statements", "list", *IN_CASE)[0]["id"]
    fanzha.run("statements", "exclude", imported, "--reason", "发错文件")
    assert movements(fanzha) == []
    fanzha.run("statements", "include", imported, "--reason", "核实无误")
    assert movements(fanzha) == before


def test_the_case_is_found_by_a_card_in_it(fanzha: CommandLine) -> None:
    found = fanzha.json("cases", "find", FIRST.number)
    assert [(each["ref"], "holder" in each["roles"]) for each in found] == [(CASE, True)]
    assert fanzha.json("cases", "find", "9999990000000009999") == []


def test_a_file_nobody_knows_comes_in_by_a_confirmed_mapping(fanzha: CommandLine, tmp_path: Path) -> None:
    file, mapping, case = str(FOLDER / ACQUIRER), tmp_path / "acquirer.toml", ("--case", "DAY-2")
    fanzha.run("cases", "open", "测试专案:收单清单", "--ref", "DAY-2")
    mapping.write_text(fanzha.run("statements", "draft", file).stdout, "utf-8")
    refused = fanzha.run("statements", "import", file, *case, "--mapping", str(mapping), code=2)
    assert "confirmed" in refused.stderr
    corrected = mapping.read_text("utf-8").replace("confirmed = false", "confirmed = true")
    for guessed, right in (("own_account", "payer"), ("other", "payee"), ("own_name", "success")):
        corrected = corrected.replace(f'field = "{guessed}"', f'field = "{right}"')
    mapping.write_text(corrected, "utf-8")
    imported = fanzha.json("statements", "import", file, *case, "--mapping", str(mapping))
    assert (imported["files"][0]["data"], imported["files"][0]["accepted"]) == (11, 11)
    found = fanzha.json("statements", "movements", *case)
    assert {each["payee"] for each in found} == {GOLD.number}
    assert sum(each["amount_fen"] for each in found) == 98_320_00


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("statements", "import", "nowhere.csv", *IN_CASE), 3),
        (("statements", "draft", "nowhere.csv"), 3),
        (("statements", "import", EXAMPLE[0], "--case", "NOBODY-1"), 3),
        (("statements", "import", "tests/docs/__init__.py", "--case", OTHER_CASE), 2),
        (("statements", "quality", *IN_CASE, "--rows", "all"), 2),
        (("statements", "accounts", *IN_CASE, "--devices", "--missing"), 2),
        (("statements", "exclude", "no-id", "--reason", "x"), 2),
        (("cases", "open", "测试", "--ref", CASE), 4),
        (("cases", "open", "测试", "--retention", "for-ever"), 2),
    ],
)
def test_bad_input_ends_with_its_code(fanzha: CommandLine, arguments: tuple[str, ...], code: int) -> None:
    said = fanzha.run(*arguments, code=code)
    assert said.stderr.strip()


SHAPES = {
    "movements": ("statements", "movements", *IN_CASE),
    "quality": ("statements", "quality", *IN_CASE),
    "imports": ("statements", "list", *IN_CASE),
    "listed_rows": ("statements", "quality", *IN_CASE, "--rows", "duplicates"),
    "accounts": ("statements", "accounts", *IN_CASE),
    "missing_statements": ("statements", "accounts", *IN_CASE, "--missing"),
    "shared_devices": ("statements", "accounts", *IN_CASE, "--devices"),
    "cases": ("cases", "list"),
    "case_history": ("cases", "show", CASE),
    "found_cases": ("cases", "find", FIRST.number),
    "audit_verify": ("audit", "verify"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_given_is_as_promised_and_nothing_more(fanzha: CommandLine, name: str) -> None:
    given = fanzha.json(*SHAPES[name])
    assert given
    assert_valid(name, given)
    record = given[0] if isinstance(given, list) else given
    record["unexpected"] = 1
    assert list(faults(schema(name), given, name)) == [
        f"$[0]: {UNEXPECTED}" if given is not record else f"$: {UNEXPECTED}"
    ]
    del record["unexpected"]
    for key in record:
        lacking = {**record}
        del lacking[key]
        told = [lacking] if isinstance(given, list) else lacking
        assert list(faults(schema(name), told, name)), f"{name} does not ask for {key}"


def test_rejected_rows_are_as_promised(fanzha: CommandLine) -> None:
    rejected = fanzha.json("statements", "quality", *IN_CASE, "--rows", "rejected")
    assert_valid("listed_rows", rejected)
    assert [each["reason"] for each in rejected] == ["failed", "truncated"]


def test_the_day_is_on_record_and_the_record_holds(fanzha: CommandLine) -> None:
    proof = fanzha.json("audit", "verify")
    assert proof["holds"] is True
    assert proof["entries"] + proof["unsealed"] > 0
