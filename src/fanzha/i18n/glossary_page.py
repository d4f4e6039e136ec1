"""The glossary's page, made of `glossary.toml`: `python -m fanzha.i18n.glossary_page > docs/glossary.md`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def glossary() -> Mapping[str, Any]:
    """The glossary as written: parts of terms with `zh`, `en`, `code`, `aliases` and whether they are `built`."""
    return tomllib.loads(files(__package__).joinpath("glossary.toml").read_text("utf-8"))


def page() -> str:
    """The page in Markdown, both languages side by side."""
    words = glossary()["page"]
    lines = [f"# {words['title']}", "", *words["about"]]
    for part in glossary()["part"]:
        lines += ["", f"## {part['zh']} · {part['en']}", "", words["header"], "|---|---|---|---|"]
        lines += [_row(term, words["later"]) for term in part["term"]]
    return "\n".join(lines) + "\n"


def terms() -> Iterator[Mapping[str, Any]]:
    """Every term."""
    return (term for part in glossary()["part"] for term in part["term"])


def _row(term: Mapping[str, Any], later: str) -> str:
    code = " / ".join(f"`{noun}`" for noun in term["code"].split(" / "))
    mark = "" if term.get("built", True) else later
    return f"| {term['zh']} | {term['en']} | {code}{mark} | {' · '.join(term.get('aliases', ()))} |"


if __name__ == "__main__":
    sys.stdout.write(page())
