"""Cleaning of one cell's text, by what the cell holds; empty text where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from fanzha.kernel.identifiers import account, citizen_id, device, name
from fanzha.kernel.identifiers.text import squeeze, tidy
from fanzha.records.statements.words import Words, key

_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")

Clean = Callable[[str], str]


def number_of(opaque: bool, rounded: bool) -> Clean:
    """How account numbers of a column are cleaned: as they are, or as banks' numbers, perhaps cut by a spreadsheet."""
    if opaque:
        return squeeze
    return (lambda text: account.unround(account.clean(text))) if rounded else account.clean


def plain(words: Words) -> Clean:
    """Any text."""

    def clean(text: str) -> str:
        found = tidy(text)
        return "" if found.lower() in words.nothing or not found.strip("-") else found

    return clean


def naming(words: Words) -> Clean:
    """A name."""

    def clean(text: str) -> str:
        found = name.clean(text)
        return "" if found.lower() in words.nothing or not found.strip("*0") else found

    return clean


def serial(words: Words) -> Clean:
    """A serial or terminal number; one that a spreadsheet rounded tells nothing, since many become equal."""

    def clean(text: str) -> str:
        if text.isdigit() and text.isascii():  # most are; and serials, all different, are most of a file's texts
            return text if text.strip("0") and text not in words.nothing else ""
        found = text if text.isascii() and text.isalnum() else squeeze(text)
        if found.lower() in words.nothing or not found.strip("0*"):
            return ""
        return "" if "E" in found.upper() and _ROUNDED.fullmatch(found) else found.removesuffix(".0")

    return clean


def identity(words: Words) -> Clean:
    """A citizen's or another document's number; rounded and masked ones are incomplete like accounts."""

    def clean(text: str) -> str:
        if found := citizen_id.clean(text):
            return found
        found = squeeze(text).upper()
        if found.lower() in words.nothing or not found.strip("0*"):
            return ""
        return account.clean(found) if _ROUNDED.fullmatch(found) or "*" in found else found

    return clean


def network(words: Words) -> Clean:
    """An IP address, or nothing for placeholders."""

    def clean(text: str) -> str:
        found = squeeze(text)
        return "" if found.lower() in words.nothing or not found.strip("0.:") else found

    return clean


def machine(text: str) -> str:
    """A MAC address."""
    return device.clean_mac(text)


def currency(words: Words) -> Clean:
    """A currency by its ISO code; unknown spellings stay as they are."""

    def clean(text: str) -> str:
        found = key(text)
        return "" if found in words.nothing else words.currencies.get(found, found.upper())

    return clean
