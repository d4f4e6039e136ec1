"""Names of people and organisations as files write them."""

from __future__ import annotations

from unicodedata import normalize

from fanzha.kernel.identifiers.text import tidy


def clean(text: str) -> str:
    """The name in half width, without spaces between Chinese characters; spaces between Latin words stay."""
    name = tidy(text)
    if " " not in name or name.isascii():
        return name
    pieces = name.split(" ")
    joined = pieces[0]
    for piece in pieces[1:]:
        joined += piece if not (joined[-1:].isascii() and piece[:1].isascii()) else f" {piece}"
    return normalize("NFKC", joined)


def mask(name: str) -> str:
    """The first character and a star: a family name without the rest."""
    return f"{name[:1]}*" if name else ""


def show(name: str) -> str:
    """As it is."""
    return name
