"""Which type of scam a table names: by our names of it, with their usual endings, or by the words of pasted texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

from fanzha.i18n import catalogue
from fanzha.records.reports.findings import Certainty
from fanzha.records.reports.page import lay_out
from fanzha.records.reports.scam_types import rank_types
from fanzha.rulebook import load_reports
from fanzha.wiring.report_words import live_reader

SHOWN = 40
"""Characters of a name that is not ours by which it is told."""
_LONGEST = 100
_TYPES = "words.scam_type."
_BETWEEN = re.compile(r"[\s,.;:/\u3001\u3002\u00b7_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType:
    """The type that a name means, empty where none is known; an unknown `word` means no other one's type.

    `remark` says what somebody must know of it: `type_read` by its words, or `type_unknown`.
    """

    code: str = ""
    word: str = ""
    remark: str = field(default="", compare=False)


@lru_cache(maxsize=1024)
def type_called(name: str) -> NamedType:
    """What a name means: one of ours in either language, with or without the usual endings, else what its words say.

    A name whose words speak for several types means none of them.
    """
    plain = _plain(name)
    short = _end().sub("", plain)
    if plain in _told()["type_unknown"]:
        return NamedType()
    code = _names().get(plain) or _names().get(short)
    if code:
        return NamedType(code=code)
    if code := _spoken_for(name):
        return NamedType(code=code, remark="type_read")
    return NamedType(word=plain, remark="type_unknown")


@cache
def words_of_types() -> Mapping[str, Sequence[str]]:
    """By type: the words of pasted texts by which alone a table's name is taken for it, the weightiest ones."""
    found = {}
    for each in live_reader().types:
        most = max(line.points for line in each.lines if len(line.of) == 1)
        some = [word for line in each.lines if line.points == most and len(line.of) == 1 for word in line.of[0]]
        found[each.code] = [word for word in some if type_called(word).code == each.code]
    return found


def _spoken_for(name: str) -> str:
    """The one type for which the words speak, or speak much louder than for others; empty without."""
    if len(name) > _LONGEST:
        return ""
    found = rank_types(lay_out(name, live_reader()), live_reader())
    clear = len(found) == 1 or any(each.certainty is Certainty.LIKELY for each in found)
    return found[0].code if clear else ""


def _plain(name: str) -> str:
    return _BETWEEN.sub("", normalize("NFKC", name)).lower()


@cache
def _told() -> Mapping[str, Any]:
    return load_reports()["columns"]


@cache
def _end() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, _told()['type_ends']))})+$")


@cache
def _names() -> Mapping[str, str]:
    """The types of scam by their codes and by their names in either language, as pages and as the rules of reading
    call them."""
    ours = [
        (path.removeprefix(_TYPES), title)
        for language in ("zh", "en")
        for path, title in catalogue(language).items()
        if path.startswith(_TYPES)
    ]
    ours += [(each.code, title) for each in live_reader().types for title in each.title.values()]
    return {_plain(name): code for code, title in ours for name in (title, code)}
