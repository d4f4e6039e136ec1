"""Words found in a text at once: at each place the longest that stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

V = TypeVar("V")


class Lexicon(Generic[V]):
    """Words and what each means; Latin words and numbers count only where they stand whole."""

    def __init__(self, words: Mapping[str, V]) -> None:
        by_first: dict[str, list[tuple[str, V]]] = {}
        for word in sorted(words, key=len, reverse=True):
            by_first.setdefault(word[0], []).append((word, words[word]))
        self._by_first = by_first
        self._begins = re.compile("[" + re.escape("".join(by_first)) + "]" if by_first else r"(?!)")

    def find(self, text: str) -> Iterator[tuple[int, int, V]]:
        """Start, end and meaning of each word, without overlaps, in order."""
        at = 0
        while begun := self._begins.search(text, at):
            at = begun.start()
            found = self.at(text, at)
            if found is None:
                at += 1
            else:
                yield at, *found
                at = found[0]

    def at(self, text: str, start: int) -> tuple[int, V] | None:
        """End and meaning of the longest word that begins there."""
        for word, meaning in self._by_first.get(text[start : start + 1], ()):
            if text.startswith(word, start) and is_whole(text, start, start + len(word)):
                return start + len(word), meaning
        return None


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin word is cut in two at either end."""
    return not (
        (_latin(text[start]) and start > 0 and _latin(text[start - 1]))
        or (_latin(text[end - 1]) and end < len(text) and _latin(text[end]))
    )


def _latin(character: str) -> bool:
    return "a" <= character <= "z"
