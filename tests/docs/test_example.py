"""The committed example is what its script makes, and nobody real is in it."""

from __future__ import annotations

import io
import zipfile

from examples.first_case_files import files
from examples.first_case_story import books, story
from examples.make_first_case import FOLDER

from tests.tidy.test_committed_files import real_people

MOST_BYTES = 1_000_000


def contents(name: str, data: bytes) -> dict[str, bytes]:
    """What a file holds; the members of packages and workbooks, whose compression may differ between machines."""
    if not name.endswith((".zip", ".xlsx")):
        return {name: data}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {f"{name}/{member}": archive.read(member) for member in archive.namelist()}


def test_the_script_makes_the_committed_files() -> None:
    made = files(books(story()))
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert sorted(made) == sorted(kept)
    for name, data in made.items():
        assert contents(name, data) == contents(name, kept[name]), f"run python -m examples.make_first_case ({name})"


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_nobody_real_is_in_it() -> None:
    for name, data in files(books(story())).items():
        for member, inner in contents(name, data).items():
            text = inner.decode("gb18030", "replace") + inner.decode("utf-8", "replace")
            assert not real_people(text), member
