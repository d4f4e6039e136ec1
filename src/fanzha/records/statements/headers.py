"""Headers as people spell them, brought to one spelling each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fanzha.records.statements.words import Words, key

_BRACKETS = re.compile(r"[(\[{<](.*?)[)\]}>]")
_LATIN = re.compile(r"[!-~]+")
_WORD = 5
_UNIT_TAIL = re.compile(r"[/:,\-](?P<unit>[^/:,\-]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header cell: the spelling formats are compared by, the same without brackets, and the money unit it names.

    `parts` are its Chinese and its Latin half when it says itself in both (`Trans Date交易日期`).
    """

    whole: str
    bare: str
    fen_per_unit: int | None
    parts: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """All spellings, the most exact first."""
        return (self.whole, self.bare, *self.parts)


def read_header(text: str, words: Words) -> Header:
    """The header cell in one spelling (`交易金额（万元）` gives `交易金额` and the unit of 1,000,000 fen)."""
    whole = spelling(text, words)
    unit = None
    for inside in _BRACKETS.findall(key(text)):
        unit = unit or _unit(inside, words)
    bare = _BRACKETS.sub(lambda found: found[1] if found[1] in words.header_sides else "", whole)
    if unit is None and (tail := _UNIT_TAIL.search(bare)) and (unit := _unit(tail["unit"], words)):
        bare = bare[: tail.start()]
    return Header(whole=whole, bare=bare, fen_per_unit=unit, parts=_halves(bare))


def _halves(bare: str) -> tuple[str, ...]:
    """What a header says in Chinese and in Latin letters; nothing when it needs both (`用户ID`)."""
    latin = "".join(_LATIN.findall(bare))
    chinese = _LATIN.sub("", bare).strip("/-.")
    return (chinese, latin) if len(latin) >= _WORD and len(chinese) >= 2 else ()


def _unit(text: str, words: Words) -> int | None:
    for piece in reversed(re.split(r"[:,;/]", text)):
        if size := words.header_units.get(piece):
            return size
    return None


def spelling(text: str, words: Words) -> str:
    """The text squeezed, in lower case, with words that mean the same made the same; no separators at its ends."""
    found = key(text).translate(words.simplified)
    for old, new in words.header_replace:
        if old in found:
            found = found.replace(old, new)
    return found.strip(":.,;#") or found


def by_grammar(header: Header, words: Words) -> str:
    """The field of a header that no format spells out: from whose it is and what of theirs, else from how it ends.

    `对手客户名称` names the other party and a name, so it is `other_name`; `支付金额` ends as amounts do.
    """
    for party, spellings in words.parties.items():
        for spelled in spellings:
            if spelled in header.bare and (found := _noun(party, header.bare.replace(spelled, "", 1), words)):
                return found
    return next((field for ending, field in words.endings if header.bare.endswith(ending)), "")


def _noun(party: str, rest: str, words: Words) -> str:
    for word, noun in words.nouns:
        if word in rest:
            return f"{party}_{noun}" if noun else party
    return ""
