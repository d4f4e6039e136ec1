"""What everybody may see of a file's name, named after people and cards by police and banks, and of numbers in text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from fanzha.rulebook import load_file_words

HIDDEN = "*"
_SHORT_RUN = 4
"""So many characters may be a whole name; a known word inside does not open them."""
_GLUE = r"(?:(?!\*{3})[\W_])"
"""Whatever is no letter and no digit joins the groups of a number; stars are where its middle is hidden already."""
_MONTH_OF = r"(?:0[1-9]|1[0-2])"
_DAY_OF = r"(?:0[1-9]|[12]\d|3[01])"
_DAY = (
    rf"20\d\d(?:{_MONTH_OF}{_DAY_OF}|"
    + "|".join(rf"{mark}(?:{_MONTH_OF}|[1-9]){mark}(?:{_DAY_OF}|[1-9])" for mark in (r"\-", r"\.", "_", "/", " "))
    + r")(?!\d)"
)
_MONTH = rf"20\d\d[-._]?{_MONTH_OF}"
_HAN = r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u00b7\u2022\u30fb]"
_PARTS = re.compile(
    rf"(?P<day>(?<!\d)(?:\d\d?{_GLUE}+(?={_DAY}(?:{_GLUE}+{_DAY})?(?!{_GLUE}*\d)))?{_DAY}"
    rf"|(?<!\d){_MONTH}{_GLUE}+{_MONTH}(?!{_GLUE}*\d))"
    rf"|(?P<number>\d{{11,}}(?={_GLUE}+(?:{_DAY}|\d\d?(?!{_GLUE}*\d)))|\d(?:{_GLUE}*\d){{6,}})"
    rf"|(?P<han>{_HAN}+(?:{_GLUE}+{_HAN}(?!{_HAN}))*)"
    r"|(?P<letters>[^\W\d_]+)"
)
"""A day with what counts files before it, or two months; a number, up to the day or count behind a whole one; a run
of Chinese with the lone characters behind it, as two-character names are set apart; a run of other letters."""
_ID = re.compile(r"(?<![0-9a-f])([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?![0-9a-f])")
"""Our own ids, whole as they are told: groups that happen to have no letter are no number of anybody's."""
_LONE = re.compile(rf"((?:(?!{_HAN}){_GLUE})+)")


OF_INSTITUTION = "/"
"""Begins the place of what an institution said: our words and ids, nobody's name. No file's path begins so."""


def shown_name(text: str) -> str:
    """A file's name or path, masked; words that the rulebook lists stay, and the place of an institution's message."""
    return text if text.startswith(OF_INSTITUTION) else hidden_name(text, _known())


@cache
def _known() -> frozenset[str]:
    return load_file_words()


def hidden_name(text: str, known: Collection[str]) -> str:
    """A file's name or path with long numbers and all words but the `known` ones masked; dates stay.

    A number is long however its digits are set apart. A word that nobody listed may be
    somebody's name, so it keeps its first character only.
    """
    return _PARTS.sub(lambda part: _shown(part, known), text)


def hide_numbers(text: str) -> str:
    """Free text with the middle of every long number hidden, however its digits are set apart; dates, words and our own
    ids stay."""
    pieces = _ID.split(text)
    return "".join(each if place % 2 else _without_numbers(each) for place, each in enumerate(pieces))


def _without_numbers(text: str) -> str:
    return _PARTS.sub(lambda part: _number(part[0]) if part.lastgroup == "number" else part[0], text)


def _shown(part: re.Match[str], known: Collection[str]) -> str:
    found = part[0]
    if part.lastgroup == "day":
        return found
    if part.lastgroup == "number":
        return _number(found)
    if part.lastgroup == "letters":
        return found if found.lower() in known else _first(found)
    run, *behind = _LONE.split(found)
    return _run(run, known) + "".join(
        each if each in known or place % 2 == 0 else HIDDEN for place, each in enumerate(behind)
    )


def _run(found: str, known: Collection[str]) -> str:
    words = list(_words(found, known))
    if len(found) <= _SHORT_RUN and not all(word in known for word in words):
        return _first(found)
    return "".join(word if word in known else _first(word) for word in words)


def _words(run: str, known: Collection[str]) -> Iterator[str]:
    """The run as known words, the longest first, and what lies between them."""
    at = unknown = 0
    while at < len(run):
        length = next((size for size in range(min(12, len(run) - at), 0, -1) if run[at : at + size] in known), 0)
        if length:
            if unknown < at:
                yield run[unknown:at]
            yield run[at : at + length]
            unknown = at + length
        at += length or 1
    if unknown < len(run):
        yield run[unknown:]


def _first(word: str) -> str:
    return word[0] + HIDDEN * (len(word) - 1)


def _number(found: str) -> str:
    digits = re.sub(r"\D", "", found)
    return f"{digits[:4]}{HIDDEN * 4}{digits[-4:]}" if len(digits) >= 11 else f"{HIDDEN * 3}{digits[-2:]}"
