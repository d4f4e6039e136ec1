"""What the documents say of our dependencies is what is locked and installed."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.tidy.source import ROOT

REFUSED = re.compile(
    r"(?<!L)GPL|Affero|AGPL|GNU General|proprietary|BUSL|Business Source|SSPL|Commercial", re.IGNORECASE
)
TABLE_ROW = re.compile(r"^\| ([\w.-]+) \| (\S+) \| (.+?) \| .+ \|$", re.MULTILINE)


def locked() -> dict[str, set[str]]:
    """The versions of every package that a running server carries; some depend on the Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def licence(package: str) -> str:
    """What a package says of its licence, in whichever field it says it."""
    told = metadata(package)
    classifiers = [each for each in told.get_all("Classifier") or [] if each.startswith("License ::")]
    fields = [(told.get_all(name) or [""])[0].split("\n")[0] for name in ("License-Expression", "License")]
    return " ".join([*fields, *classifiers]).strip()


def test_no_licence_binds_those_who_run_it() -> None:
    found = {}
    for name in locked():
        try:
            found[name] = licence(name)
        except PackageNotFoundError:  # for another system than this one
            continue
    assert len(found) > 40
    assert not {name for name, words in found.items() if not words}
    assert not {name: words for name, words in found.items() if REFUSED.search(words)}


@pytest.mark.parametrize(
    "words", ["GPL-3.0-only", "AGPL-3.0", "GNU General Public License v2", "Proprietary", "BUSL-1.1"]
)
def test_other_licences_are_refused(words: str) -> None:
    assert REFUSED.search(words)


@pytest.mark.parametrize("words", ["LGPL-3.0-only", "MIT", "Apache-2.0", "MPL-2.0"])
def test_ours_are_not(words: str) -> None:
    assert not REFUSED.search(words)


def test_the_table_names_what_is_locked() -> None:
    table = {row[0]: row[1] for row in TABLE_ROW.findall((ROOT / "docs/decisions/0003-dependencies.md").read_text())}
    table.pop("package", None)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^\w.-]", line)[0] for line in project["dependencies"]}
    assert table.keys() == wanted
    assert not {name: version for name, version in table.items() if version not in locked()[name]}
