"""Accounts, sub-accounts and persons of a query's answer, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from fanzha.kernel.identifiers import account, phone
from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements import texts
from fanzha.records.statements.amounts import read_fen
from fanzha.records.statements.cleaning import AccountRecord, PersonRecord
from fanzha.records.statements.table import Table
from fanzha.records.statements.words import Words

_CARDS = re.compile(r"(?<!\d)\d{12,25}(?!\d)")

_MOMENT = re.compile(
    r"(?:19|20)\d\d(?:([-/.])\d{1,2}\1\d{1,2}.*|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d{3})?)"
)

NO_OWN_ACCOUNT, NO_PERSON, NO_TRANSACTION = "no_own_account", "no_person", "no_transaction"

Reasons = dict[int, tuple[str, str]]


def clean_accounts(table: Table) -> tuple[list[AccountRecord], Reasons]:
    """One record a row that names an account, and one for each card bound to it; rows that name none are rejected."""
    words = table.plan.words
    is_sub = table.plan.format.kind == "sub_accounts"
    read = _reader(table)
    records, reasons = [], dict(table.faults)
    for row in range(len(table)):
        card = read("card", row, _number)
        main = read("parent" if is_sub else "account", row, _number)
        number = read("sub_account", row, _number) if is_sub else main
        if row in reasons:
            continue
        if not (card or number):
            reasons[row] = _missing(table, "card", "account", "sub_account")
            continue
        record = AccountRecord(
            row=table.numbers[row],
            card="" if is_sub else card,
            account=number,
            parent=(main or card) if is_sub else "",
            name=read("name", row, texts.naming(words)),
            id_number=read("id_number", row, texts.identity(words)),
            bank=read("bank", row, texts.naming(words)),
            opened_on=read("opened_on", row, texts.plain(words)),
            status=read("status", row, texts.plain(words)),
            balance_fen=_balance(table, row, words),
            phone=read("phone", row, phone.clean),
        )
        bound = _CARDS.findall(read("bound_card", row, tidy))
        records += [record if not bound else replace(record, bank=""), *(_bound(record, each) for each in bound)]
    return records, reasons


def _number(text: str) -> str:
    """An account's number; a time is none, so that a statement's rows never become accounts."""
    return "" if _MOMENT.fullmatch(tidy(text)) else account.clean(text)


def _bound(wallet: AccountRecord, card: str) -> AccountRecord:
    """A bank card bound to a wallet: another account, of the same holder."""
    return AccountRecord(
        row=wallet.row,
        card=card,
        name=wallet.name,
        id_number=wallet.id_number,
        bank=wallet.bank,
        phone=wallet.phone,
    )


def clean_persons(table: Table) -> tuple[list[PersonRecord], Reasons]:
    """One record a row that names a person or an organisation; rows that name none are rejected."""
    words = table.plan.words
    read = _reader(table)
    records, reasons = [], dict(table.faults)
    for row in range(len(table)):
        record = PersonRecord(
            row=table.numbers[row],
            name=read("name", row, texts.naming(words)),
            id_number=read("id_number", row, texts.identity(words)),
            phone=read("phone", row, phone.clean),
            address=read("address", row, texts.plain(words)),
            employer=read("employer", row, texts.plain(words)),
        )
        if row in reasons:
            continue
        if record.name or record.id_number:
            records.append(record)
        else:
            reasons[row] = (_missing(table, "name", "id_number")[0], NO_PERSON)
    return records, reasons


def _reader(table: Table) -> Callable[[str, int, texts.Clean], str]:
    bound = {each.field: table.plan.columns_of(each.field) for each in table.plan.columns}

    def read(name: str, row: int, clean: texts.Clean) -> str:
        found = ((each.prefix, clean(table.columns[each.index][row])) for each in bound.get(name, ()))
        return next((prefix + text for prefix, text in found if text), "")

    return read


def _balance(table: Table, row: int, words: Words) -> int | None:
    bound = table.plan.column("balance")
    value = read_fen(table.columns[bound.index][row], words, bound.fen_per_unit) if bound else ""
    return value if isinstance(value, int) else None


def _missing(table: Table, *names: str) -> tuple[str, str]:
    found = next((bound.header for name in names if (bound := table.plan.column(name))), "")
    return found, NO_OWN_ACCOUNT
