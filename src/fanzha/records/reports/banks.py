"""Banks in running text: listed names and short names, and unlisted ones by how their names end."""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.records.reports.findings import Bank, Certainty, Side
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import BankWords, ReaderTables


def find_banks(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Bank]:
    """Each mention of a bank; its side is told by the words around it, later."""
    words, seen = tables.banks, Taken()
    for start, end, known in words.names.find(page.plain):
        if words.numbered.match(page.plain, end):
            continue  # another bank, whose name only begins like a listed one's
        branch = words.branch.match(page.plain, end)
        end = branch.end() if branch else end
        if taken.is_free(start, end) and seen.is_free(start, end):
            seen.add(start, end)
            yield _bank(start, end, known, words.titles[known], Certainty.CERTAIN, "bank_listed")
    for found in words.unlisted.finditer(page.plain):
        start = found.start() + _offset(found["place"], words)
        numbered = words.numbered.match(page.plain, found.end())
        end = numbered.end() if numbered else found.end()
        if found.end("place") - start >= 2 and seen.is_free(start, end) and taken.is_free(start, end):
            seen.add(start, end)
            taken.add(found.end(), end)  # its number is no sum
            yield _bank(start, end, "", page.plain[start:end], Certainty.LIKELY, "bank_by_its_ending")


def _offset(place: str, words: BankWords) -> int:
    """How much of what stands before the ending is no part of the bank's name."""
    return max((place.rfind(word) + len(word) for word in words.not_place if word in place), default=0)


def _bank(start: int, end: int, known: str, name: str, certainty: Certainty, reason: str) -> Bank:
    return Bank(start=start, end=end, certainty=certainty, reasons=(reason,), id=known, name=name, side=Side.UNKNOWN)
