"""Documents lead where they say, and say the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tidy.source import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
HEADING = re.compile(r"^#+ ", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def dead_links(page: Path, text: str) -> list[str]:
    """Links of a page to files that are not there."""
    links = (link for link in LINK.findall(text) if "://" not in link)
    return [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    assert not dead_links(page, page.read_text("utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name.endswith(".zh.md")], ids=lambda page: page.name)
def test_both_languages_have_the_same_parts(page: Path) -> None:
    stem = page.name.removesuffix(".zh.md")
    other = next(each for name in (f"{stem}.en.md", f"{stem}.md") if (each := page.with_name(name)).exists())
    parts = [HEADING.findall(CODE.sub("", each.read_text("utf-8"))) for each in (page, other)]
    assert parts[0] == parts[1]


def test_the_checker_sees_dead_links() -> None:
    assert dead_links(ROOT / "README.md", "[a](LICENSE) [b](no/such.md) [c](https://example.test/x)") == ["no/such.md"]
