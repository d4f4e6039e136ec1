"""Banks in running text: listed names and short names, and unlisted ones by how their names end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fanzha.records.reports.amounts import is_sum_at
from fanzha.records.reports.findings import Bank, Certainty, Side
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import BankWords, ReaderTables


def find_banks(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Bank]:
    """Each mention of a bank; its side is told by the words around it, later."""
    words, seen = tables.banks, Taken()
    plainly, numbered = list[tuple[int, int, str]](), list[tuple[int, int, str]]()
    for each in words.names.find(page.plain):
        goes_on = _number_end(page, each[1], taken, tables) > each[1]
        (numbered if goes_on else plainly).append(each)
    yield from _listed(page, plainly, (taken, seen), words)
    for found in words.unlisted.finditer(page.plain):
        start = found.start() + _offset(found["place"], words)
        end = _number_end(page, found.end(), taken, tables)
        if found.end("place") - start >= 2 and seen.is_free(start, end) and taken.is_free(start, end):
            seen.add(start, end)
            taken.add(found.end(), end)  # its number is no sum
            yield _bank(start, end, "", page.plain[start:end], Certainty.LIKELY, "bank_by_its_ending")
    yield from _listed(page, numbered, (taken, seen), words)  # those that begin no longer name after all


def _listed(
    page: Page, listed: Iterable[tuple[int, int, str]], not_free: tuple[Taken, Taken], words: BankWords
) -> Iterator[Bank]:
    taken, seen = not_free
    for start, end, known in listed:
        branch = words.branch.match(page.plain, end)
        end = branch.end() if branch else end
        if taken.is_free(start, end) and seen.is_free(start, end):
            seen.add(start, end)
            yield _bank(start, end, known, words.titles[known], Certainty.CERTAIN, "bank_listed")


def _number_end(page: Page, at: int, taken: Taken, tables: ReaderTables) -> int:
    """Where the number or letter ends by which a name goes on; `at` where none does: a sum or a time is none."""
    number = tables.banks.numbered.match(page.plain, at)
    if number is None or not taken.is_free(at, number.end()) or is_sum_at(page.plain, at, tables.money):
        return at
    return number.end()


def _offset(place: str, words: BankWords) -> int:
    """How much of what stands before the ending is no part of the bank's name."""
    return max((place.rfind(word) + len(word) for word in words.not_place if word in place), default=0)


def _bank(start: int, end: int, known: str, name: str, certainty: Certainty, reason: str) -> Bank:
    return Bank(start=start, end=end, certainty=certainty, reasons=(reason,), id=known, name=name, side=Side.UNKNOWN)
