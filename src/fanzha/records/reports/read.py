"""Reading a report's words: from text to suggestions that a person confirms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from fanzha.kernel.errors import Invalid
from fanzha.records.reports.accounts import find_accounts, find_identities, find_wallets
from fanzha.records.reports.amounts import find_amounts
from fanzha.records.reports.banks import find_banks
from fanzha.records.reports.contacts import find_apps, find_ids, find_links, find_phones
from fanzha.records.reports.findings import (
    Account,
    Bank,
    Certainty,
    Channel,
    Contact,
    Doubt,
    Name,
    Reading,
    Side,
    Words,
)
from fanzha.records.reports.moments import read_moments
from fanzha.records.reports.names import find_names
from fanzha.records.reports.page import Page, Taken, lay_out
from fanzha.records.reports.payments import Told, put_together
from fanzha.records.reports.roles import side_at, with_roles
from fanzha.records.reports.scam_types import rank_types
from fanzha.records.reports.tables import ReaderTables

MOST_CHARACTERS = 200_000
"""A statement taken in writing for a whole day stays below this."""
MOST_FINDINGS = 500
"""Findings of each kind that are kept; more are told by the doubt `more_findings`."""

R = TypeVar("R", bound=Reading)


def read_words(text: str, tables: ReaderTables, told_at: datetime) -> Words:
    """What a narrative, a message, a slip or a chat tells of payments, accounts, contacts and the type of scam.

    `told_at` is when it was told (aware); relative times count from it. `Invalid` beyond `MOST_CHARACTERS`.
    """
    if len(text) > MOST_CHARACTERS:
        raise Invalid("reports.text_too_long", limit=MOST_CHARACTERS, length=len(text))
    page, taken = lay_out(text, tables), Taken()
    doubts: list[Doubt] = []
    contacts = _kept(_fixed_shapes(page, taken, tables), doubts)
    wallets = list(find_wallets(page, taken, tables))
    moments = _kept(read_moments(page, taken, told_at, tables), doubts)
    contacts += _kept(find_phones(page, taken, tables), doubts)
    accounts = _kept([*wallets, *find_accounts(page, taken, tables)], doubts)
    contacts += _kept([*find_ids(page, taken, tables), *find_apps(page, taken, tables)], doubts)
    banks = _kept(find_banks(page, taken, tables), doubts)
    amounts = _kept(find_amounts(page, taken, tables.money), doubts)
    for each in amounts:  # the word for ten thousand that ends a sum is a family name too
        taken.add(each.start, each.end)
    told = Told(
        amounts=with_roles(page, amounts),
        accounts=_sided_accounts(page, accounts),
        banks=_sided_banks(page, banks),
        names=_sided_names(page, _kept(find_names(page, taken, banks, accounts, tables), doubts)),
        moments=moments,
        channels=_channels(page, tables),
    )
    payments, contradictions = put_together(page, told, tables)
    return Words(
        payments=tuple(payments),
        amounts=tuple(told.amounts),
        accounts=tuple(told.accounts),
        banks=tuple(told.banks),
        moments=tuple(told.moments),
        contacts=tuple(sorted(contacts, key=lambda each: each.start)),
        names=tuple(told.names),
        scam_types=rank_types(page, tables),
        doubts=tuple(sorted([*doubts, *contradictions], key=lambda each: each.start)),
    )


def _fixed_shapes(page: Page, taken: Taken, tables: ReaderTables) -> Iterable[Contact]:
    yield from find_links(page, taken, tables)
    yield from find_identities(page, taken, tables)


def _kept(found: Iterable[R], doubts: list[Doubt]) -> list[R]:
    """No more than the limit, in the order of the text; what is beyond it is told."""
    kept = list(islice(found, MOST_FINDINGS + 1))
    if len(kept) > MOST_FINDINGS:
        last = kept.pop()
        doubts.append(Doubt(start=last.start, end=last.end, certainty=Certainty.CERTAIN, code="more_findings"))
    return sorted(kept, key=lambda each: each.start)


def _sided_accounts(page: Page, accounts: list[Account]) -> list[Account]:
    return [replace(each, side=_side(page, each)) for each in accounts]


def _sided_banks(page: Page, banks: list[Bank]) -> list[Bank]:
    return [replace(each, side=_signed(page, each) or _side(page, each)) for each in banks]


def _sided_names(page: Page, names: list[Name]) -> list[Name]:
    return [replace(each, side=_side(page, each)) for each in names]


def _side(page: Page, each: Account | Bank | Name) -> Side:
    return side_at(page, each.start) if each.side is Side.UNKNOWN else each.side


def _signed(page: Page, bank: Bank) -> Side | None:
    """A bank that signs a message in brackets writes to its own customer."""
    before, behind = page.plain[max(0, bank.start - 1) : bank.start], page.plain[bank.end : bank.end + 1]
    return Side.PAYER if before and before in "\u3010[" and behind and behind in "\u3011]" else None


def _channels(page: Page, tables: ReaderTables) -> list[Channel]:
    return [
        Channel(start=start, end=end, certainty=Certainty.LIKELY, kind=kind)
        for start, end, kind in tables.channels.find(page.plain)
    ]
