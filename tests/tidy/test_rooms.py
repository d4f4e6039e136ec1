"""The order of rooms is written down for every room, and tests mirror the house."""

from __future__ import annotations

import configparser

from tests.tidy.source import IMPURE_ROOMS, PACKAGE, ROOT

BESIDE_THE_MIRROR = {"bench", "deploy", "docs", "journeys", "packages", "security", "tidy", "vendor"}
"""Folders of tests that mirror no room: tools, documents, stories and what the tests bring with them."""


def rooms() -> set[str]:
    """The packages and modules that stand directly in the house."""
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {
        path.stem for path in PACKAGE.glob("*.py") if path.stem not in {"__init__", "__main__"}
    }


def listed(contract: str, field: str) -> set[str]:
    """The modules that a contract of `.importlinter` names."""
    written = configparser.ConfigParser()
    written.read(ROOT / ".importlinter")
    words = written[f"importlinter:contract:{contract}"][field].replace("|", " ").split()
    return {word.strip("()").removeprefix("fanzha.") for word in words}


def test_every_room_has_a_place() -> None:
    assert rooms() <= listed("order", "layers")


def test_every_stage_is_held_pure() -> None:
    stages = rooms() - IMPURE_ROOMS
    assert stages == listed("pure", "source_modules"), "name the new room under [importlinter:contract:pure]"


def test_tests_mirror_the_house() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    strangers = {
        str(folder)
        for folder in folders
        if folder.parts and folder.parts[0] not in BESIDE_THE_MIRROR and not (PACKAGE / folder).is_dir()
    }
    assert not strangers, f"tests of nothing: {sorted(strangers)}"
