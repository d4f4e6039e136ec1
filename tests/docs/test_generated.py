"""The tables in documents say what the rulebook, the reasons and the schemas say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fanzha.i18n import Language
from fanzha.rulebook import load_formats
from tests.docs.generated import DECISIONS, PART, made, pages
from tests.docs.schemas import SCHEMAS
from tests.tidy.source import PACKAGE, ROOT

FORMATS = ROOT / "docs/formats.en.md"


@pytest.mark.parametrize(
    ("path", "language"), list(pages()), ids=[f"{path.parent.name}/{path.name}" for path, _ in pages()]
)
def test_the_page_is_current(path: Path, language: Language) -> None:
    page = path.read_text("utf-8")
    assert PART.search(page)
    assert page == made(page, language), "python -m tests.docs.generated"


def test_nothing_is_left_out() -> None:
    page = FORMATS.read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in load_formats() if name != "words")
    listed = (SCHEMAS / "README.md").read_text("utf-8")
    assert all(f"({each.name})" in listed for each in SCHEMAS.glob("*.json"))
    decided = (DECISIONS / "README.md").read_text("utf-8")
    assert all(f"({each.name})" in decided for each in DECISIONS.glob("*.md") if each.name != "README.md")


def test_the_program_gives_every_reason_that_the_page_tells() -> None:
    rooms = [*(PACKAGE / "records/statements").rglob("*.py"), *(PACKAGE / "adapters/files").rglob("*.py")]
    code = "\n".join(each.read_text("utf-8") for each in rooms)
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", FORMATS.read_text("utf-8"), re.MULTILINE)
    assert len(told) > 10
    assert not [reason for reason in told if f'"{reason}"' not in code]
