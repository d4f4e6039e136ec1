"""What words in cells and headers mean: the rulebook's lists, made quick to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fanzha.kernel.errors import Broken
from fanzha.kernel.identifiers.text import squeeze

T = TypeVar("T")

_PARTS = re.compile(r"[()\[\]/|:,;_-]+")
OUT, NEUTRAL, IN = -1, 0, 1
_SIDES = {"out": OUT, "in": IN}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hints:
    """What the kind of a transaction says of its direction; a word that says nothing (`none`) is heard first."""

    none: re.Pattern[str]
    into: re.Pattern[str]
    out: re.Pattern[str]

    def side(self, text: str) -> int:
        """The direction that a kind of transaction hints at."""
        found = key(text)
        if self.none.search(found):
            return NEUTRAL
        return IN if self.into.search(found) else OUT if self.out.search(found) else NEUTRAL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """All word lists of `rulebook/words.toml`; keys are squeezed and lower case."""

    nothing: frozenset[str]
    simplified: Mapping[int, int]
    header_replace: tuple[tuple[str, str], ...]
    header_sides: frozenset[str]
    header_units: Mapping[str, int]
    parties: Mapping[str, tuple[str, ...]]
    endings: tuple[tuple[str, str], ...]
    nouns: tuple[tuple[str, str], ...]
    amount_units: tuple[tuple[str, int], ...]
    currency_marks: tuple[str, ...]
    time_replace: tuple[tuple[str, str], ...]
    directions: Mapping[str, int]
    ambiguous_directions: Mapping[str, int]
    sided_amount: re.Pattern[str]
    hints: Hints
    neutral_hints: Hints
    card_moves: Hints
    success: Mapping[str, bool]
    ambiguous_success: Mapping[str, bool]
    cash_marks: frozenset[str]
    summary: Mapping[str, re.Pattern[str]]
    payment_company: re.Pattern[str]
    crypto: re.Pattern[str]
    total: re.Pattern[str]
    total_end: re.Pattern[str]
    total_shape: re.Pattern[str]
    carry: frozenset[str]
    foot: re.Pattern[str]
    preamble: re.Pattern[str]
    preamble_fields: Mapping[str, str]
    currencies: Mapping[str, str]

    def speaks_of_crypto(self, plain: str) -> bool:
        """Whether words, compared as `key` gives them, name virtual currency or a trader in it."""
        return any(found.lastgroup == "named" for found in self.crypto.finditer(plain))


def key(text: str) -> str:
    """How words are compared: half width, no spaces, lower case."""
    return squeeze(text).lower()


def spelled(text: str) -> str:
    """How words of direction are compared: also without brackets around them."""
    return key(text).strip("()[]")


def words_from(table: Mapping[str, Any]) -> Words:
    """The word lists of a parsed `words.toml`; `Broken` when a list is missing."""
    try:
        return _words_from(table)
    except KeyError as missing:
        raise Broken("statements.words_missing", key=str(missing)) from missing


def _words_from(table: Mapping[str, Any]) -> Words:
    headers, direction, success = table["headers"], table["direction"], table["success"]
    fields = {key(word): field for field, spellings in table["preamble"].items() for word in spellings}
    return Words(
        nothing=frozenset(key(word) for word in table["nothing"]["words"]),
        simplified=str.maketrans(headers["traditional"], headers["simplified"]),
        header_replace=tuple((old, new) for old, new in headers["replace"]),
        header_sides=frozenset(map(key, headers["sides"])),
        header_units={key(unit): size for unit, size in headers["units"].items()},
        parties={party: tuple(map(key, spellings)) for party, spellings in headers["parties"].items()},
        endings=_longest_first((key(word), field) for field, ends in headers["endings"].items() for word in ends),
        nouns=_longest_first((key(word), noun) for noun, spellings in headers["nouns"].items() for word in spellings),
        amount_units=_longest_first((key(unit), size) for unit, size in table["amount"]["units"].items()),
        currency_marks=tuple(map(key, table["amount"]["currency"])),
        time_replace=_longest_first((old, new) for old, new in table["time"]["replace"]),
        directions={
            **{spelled(word): OUT for word in direction["out"]},
            **{spelled(word): IN for word in direction["in"]},
            **{spelled(word): NEUTRAL for word in direction["neutral"]},
        },
        sided_amount=_sided_amount(map(spelled, (*direction["out"], *direction["in"]))),
        hints=Hints(none=_any_of([]), into=_any_of(direction["hint_in"]), out=_any_of(direction["hint_out"])),
        neutral_hints=Hints(
            none=_any_of(direction["pocket"]),
            into=_any_of(direction["pocket_in"]),
            out=_any_of(direction["pocket_out"]),
        ),
        card_moves=Hints(none=_any_of([]), into=_any_of(direction["from_card"]), out=_any_of(direction["to_card"])),
        ambiguous_directions={spelled(word): _SIDES[side] for word, side in direction["ambiguous"].items()},
        success={**{key(word): True for word in success["yes"]}, **{key(word): False for word in success["no"]}},
        ambiguous_success={key(word): side == "yes" for word, side in success["ambiguous"].items()},
        cash_marks=frozenset(map(key, table["marks"]["cash"])),
        summary={kind: _any_of(spellings) for kind, spellings in table["summary"].items()},
        payment_company=_any_of(table["names"]["payment_company"]),
        crypto=_named_but(table["crypto"]["words"], table["crypto"]["not"]),
        total=_any_of(table["rows"]["total"]),
        total_end=_at_the_end(table["rows"]["total_end"]),
        total_shape=re.compile(table["rows"]["total_shape"], re.IGNORECASE),
        carry=frozenset(map(key, table["rows"]["carry"])),
        foot=_any_of(table["rows"]["foot"]),
        preamble=_preamble_pattern(word for spellings in table["preamble"].values() for word in spellings),
        preamble_fields=fields,
        currencies={key(word): code for code, spellings in table["currency"].items() for word in spellings},
    )


def _longest_first(pairs: Iterable[tuple[str, T]]) -> tuple[tuple[str, T], ...]:
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _any_of(spellings: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the spellings; Latin ones only as whole words."""
    found = [re.escape(word) if not word.isascii() else rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in spellings]
    return re.compile("|".join(sorted(found, key=len, reverse=True)) or r"(?!)", re.IGNORECASE)


def _named_but(spellings: Iterable[str], others: Iterable[str]) -> re.Pattern[str]:
    """A pattern whose group `named` is one of the spellings where it is no part of the longer other words."""
    named = "|".join(sorted(map(re.escape, map(key, spellings)), key=len, reverse=True))
    return re.compile(rf"{'|'.join(map(re.escape, map(key, others)))}|(?P<named>{named})")


def _at_the_end(spellings: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, spellings))})\W*$")


def _sided_amount(spellings: Iterable[str]) -> re.Pattern[str]:
    """An amount beside a word of direction that is no Latin letter or sign, which amounts have of their own."""
    word = "|".join(map(re.escape, sorted((each for each in spellings if not each.isascii()), key=len, reverse=True)))
    return re.compile(rf"(?:[(\[]?(?P<before>{word})[)\]]?:?)?(?P<number>.*\d.*?)(?:[(\[]?(?P<after>{word})[)\]]?)?")


def side_of(text: str, words: Words) -> int | None:
    """The direction that a word tells by itself; None for a word nobody knows.

    A direction may be said twice (`借(支出)`, `1-借`): all parts must be known, and those that are plain must agree.
    """
    word = spelled(text)
    if word in words.ambiguous_directions:
        return words.ambiguous_directions[word]
    if word in words.directions:
        return words.directions[word]
    if word in words.nothing:
        return NEUTRAL
    parts = [each for each in _PARTS.split(word) if each]
    if not all(each in words.directions or each in words.ambiguous_directions for each in parts):
        return None
    plain = {words.directions[each] for each in parts if each in words.directions}
    return plain.pop() if len(plain) == 1 else None


def _preamble_pattern(fields: Iterable[str]) -> re.Pattern[str]:
    """Splits a line above the header into its keys and what follows each; a key may say itself in two languages.

    One Latin word alone (`Account`) is a key only where no other Latin word stands beside it (`Account Type`).
    """
    by_length = sorted(fields, key=len, reverse=True)
    chinese = "|".join(_spaced(word) for word in by_length if not word.isascii())
    latin = "|".join(_spaced(word) for word in by_length if word.isascii() and not word.isalpha())
    lone = "|".join(_spaced(word) for word in by_length if word.isascii() and word.isalpha())
    begins, ends = r"(?:^|(?<=[\s,;|:#/.\[\]()\u3010\u3011]))", r"\s*(?::|\u3011|\s|$|(?=[\d*]{8}))\s*"
    aside = r"(?:\s?\([^)]*\))?"
    phrase = r"\s?[a-z][a-z./'&-]*(?: [a-z][a-z./'&-]*)*" + aside
    also_latin = rf"(?:{phrase}(?=\s*:)|\s?/{phrase}(?=\s*:|\s\s|$))?"
    return re.compile(
        rf"(?:{begins}|(?<=[a-z]))({chinese}){aside}{also_latin}{ends}"
        rf"|{begins}({latin})\.?{aside}{ends}"
        rf"|{begins}(?<![a-z.]\s)({lone})\.?{aside}(?!\s[a-z]){ends}",
        re.IGNORECASE,
    )


def _spaced(word: str) -> str:
    """A key as people space it: anywhere between characters of Chinese, between words of Latin."""
    return r"\s*".join(map(re.escape, word.split() if word.isascii() else word.replace(" ", "")))
