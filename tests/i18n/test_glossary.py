"""The glossary gives each idea one name, the names that stand are in the code, and its page is current."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from fanzha.i18n.glossary_page import page, terms
from tests.tidy.source import PACKAGE, ROOT


@cache
def names_in_code() -> frozenset[str]:
    """Every name and word of our Python and TOML, the glossary itself apart."""
    files = [each for kind in ("*.py", "*.toml") for each in PACKAGE.rglob(kind) if each.name != "glossary.toml"]
    return frozenset(re.findall(r"\w+", "\n".join(each.read_text("utf-8") for each in files)))


def test_the_page_is_current() -> None:
    made = (ROOT / "docs/glossary.md").read_text("utf-8")
    assert made == page(), "python -m fanzha.i18n.glossary_page > docs/glossary.md"


def test_one_name_an_idea() -> None:
    for language in ("zh", "en", "code"):
        twice = [word for word, times in Counter(term[language] for term in terms()).items() if times > 1]
        assert not twice
    words = Counter(word for term in terms() for word in {term["zh"], term["en"], *term.get("aliases", ())})
    assert not [word for word, times in words.items() if times > 1]


def test_what_is_built_is_called_so() -> None:
    nouns = {noun for term in terms() if term.get("built", True) for noun in re.findall(r"\w+", term["code"])}
    unknown = nouns - names_in_code()
    assert not unknown


def test_code_does_not_use_other_words() -> None:
    coded = {word for term in terms() for word in term.get("aliases", ()) if re.fullmatch(r"[a-z]+(_[a-z]+)+", word)}
    used = coded & names_in_code()
    assert coded
    assert not used
