"""Cells that hold a number and a name together, taken apart."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers import account
from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.texts import Clean, naming
from fanzha.records.statements.words import Words

_PARTY = re.compile(r"(?P<outside>[^()]*)\((?P<inside>.*)\)")
_BETWEEN = re.compile(r"\s*[/|,;]\s*|\s+")
_GLUED = re.compile(r"(?P<name>[^\dA-Za-z*/|,;\s]+)(?P<number>[\d*]{8,})")
_DIGIT = re.compile(r"\d")


def party_number(text: str) -> str:
    """The number of a cell that holds number and name, in any order: `2088…(测试甲)`, `测试甲/9999…`."""
    return _parted(text)[0]


def party_name(words: Words) -> Clean:
    """The name of a cell that holds number and name."""

    def clean(text: str) -> str:
        return naming(words)(_parted(text)[1])

    return clean


def _parted(text: str) -> tuple[str, str]:
    """The clean number and the name as it stands; either may be empty."""
    plain = tidy(text)
    if found := _PARTY.fullmatch(plain):
        outside = account.clean(found["outside"])
        return (outside, found["inside"]) if outside else (account.clean(found["inside"]), found["outside"])
    if whole := account.clean(plain):
        return whole, ""
    if found := _GLUED.fullmatch(plain):
        return account.clean(found["number"]), found["name"]
    pieces = _BETWEEN.split(plain)
    number = next((each for each in pieces if _DIGIT.search(each) and account.clean(each)), "")
    return account.clean(number), " ".join(each for each in pieces if each != number)
