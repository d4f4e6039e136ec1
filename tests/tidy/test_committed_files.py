"""What is committed names no machine, no package index, no secret and nobody real."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from tests.tidy.source import ROOT

NOT_OURS = ("LICENSE", "requirements/", "src/fanzha/apps/web/static/vendor/", "tests/vendor/")
PLACES = re.compile(
    r"(?<![\w.])/(?:root|tmp/lab|work/main|work/shared|Users/\w+|home/(?!me\b|x\b|fanzha\b)\w+)(?=[/\s\"'`)]|$)"
    r"|(?:https?|file)://[^\s\"']*(?:pypi|pythonhosted|npmjs|unpkg|jsdelivr|/simple\b)"
    r"|--(?:extra-)?index-url|--find-links",
    re.MULTILINE,
)
SECRETS = re.compile("-----BEGIN [A-Z ]*" + r"PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{30,}")
LEFTOVERS = (".orig", ".rej", ".bak", ".swp", "~")
CITIZEN_ID = re.compile(r"(?<![\dA-Za-z])(\d{6})(\d{8})\d{3}[\dXx](?![\dA-Za-z])")
PHONE = re.compile(r"(?<![\dA-Za-z])(?<!\d\.)1[3-9]\d{9}(?![\dA-Za-z])(?!\.\d)")
CARD = re.compile(r"(?<![\dA-Za-z])(?<!\d\.)62\d{14,17}(?![\dA-Za-z])(?!\.\d)")


@cache
def committed() -> dict[str, str]:
    """The text files of the repository by their path; without git, everything beside the ignored."""
    git = shutil.which("git")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False) if git else None
    if listed is not None and listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().rstrip("\0").split("\0")
    else:
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]
    ours = (name for name in names if not name.startswith((*NOT_OURS, ".")) or name.startswith(".ci/"))
    texts = ((name, readable(ROOT / name)) for name in ours if "__pycache__" not in name)
    return {name: text for name, text in texts if text is not None}


def readable(path: Path) -> str | None:
    """The text of a file, or nothing when it is not text or gone from the working tree."""
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return None


def real_people(text: str) -> list[str]:
    """Identifiers that could be somebody's: right in every digit, outside the ranges that nobody has."""
    ids = [found[0] for found in CITIZEN_ID.finditer(text) if found[1] != "990000" and is_citizen_id(found[0])]
    return (
        ids
        + [found[0] for found in PHONE.finditer(text)]
        + [found[0] for found in CARD.finditer(text) if luhn(found[0])]
    )


def is_citizen_id(number: str) -> bool:
    """Whether birthday and check digit (GB 11643) hold."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11]
        == number[17].upper()
    )


def luhn(number: str) -> bool:
    """Whether the check digit of a card number holds."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [each for digit in digits[1::2] for each in divmod(digit * 2, 10)]) % 10 == 0


def test_no_machine_and_no_index_is_named() -> None:
    found = {
        name: match[0] for name, text in committed().items() if (match := PLACES.search(text)) and name != OURSELVES
    }
    assert not found


def test_no_leftover_of_a_merge_or_an_editor_is_committed() -> None:
    assert not [name for name in committed() if name.endswith(LEFTOVERS)]


def test_no_secret_is_committed() -> None:
    assert not [name for name, text in committed().items() if SECRETS.search(text) and name != OURSELVES]


def test_nobody_real_is_named() -> None:
    found = {name: people for name, text in committed().items() if (people := real_people(text)) and name != OURSELVES}
    assert not found, f"use area 990000, phones that start 12, cards that start 999999: {found}"


OURSELVES = "tests/tidy/test_committed_files.py"


@pytest.mark.parametrize(
    "text", ["cd /root/x", "'/home/li/data'", "see https://pypi.org/simple", "--index-url x", "/work/main/src"]
)
def test_places_are_seen(text: str) -> None:
    assert PLACES.search(text)


@pytest.mark.parametrize("text", ["/var/lib/fanzha", "GET /work/12", "~/.local/share", "https://example.test/simplex"])
def test_other_places_are_not(text: str) -> None:
    assert not PLACES.search(text)


def test_real_people_are_seen() -> None:
    assert real_people("id 11010519491231002X") == ["11010519491231002X"]
    assert real_people("call 13800138000.") == ["13800138000"]
    assert real_people("card 6222020000000000000") == ["6222020000000000000"]
    assert not real_people(
        "990000194912310022 12800138000 9999991234567890 1700000000000 13800138000.5 6.222021234567E+18"
    )
    assert SECRETS.search("-----BEGIN " + "PRIVATE KEY-----")
