"""The page of formats says what the rulebook and the reasons say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fanzha.i18n import Language
from fanzha.rulebook import load_formats
from tests.docs.generated import PART, made, pages
from tests.tidy.source import PACKAGE


@pytest.mark.parametrize(("path", "language"), list(pages()), ids=["zh", "en"])
def test_the_page_is_current(path: Path, language: Language) -> None:
    page = path.read_text("utf-8")
    assert {found[1] for found in PART.findall(page)} == {"formats", "reasons"}
    assert page == made(page, language), "python -m tests.docs.generated"
    assert page.count("\n| `") >= len(load_formats()) - 1


def test_the_program_gives_every_reason_that_the_page_tells() -> None:
    rooms = [*(PACKAGE / "records/statements").rglob("*.py"), *(PACKAGE / "adapters/files").rglob("*.py")]
    code = "\n".join(each.read_text("utf-8") for each in rooms)
    page = next(pages())[0].read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", page, re.MULTILINE)
    assert len(told) > 10
    assert not [reason for reason in told if f'"{reason}"' not in code]
