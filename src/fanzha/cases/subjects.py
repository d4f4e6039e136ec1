"""What a case is found by: the accounts, documents, phones and names that its evidence tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account, citizen_id, name, phone, url, uscc
from fanzha.kernel.identifiers.text import squeeze, tidy
from fanzha.records.statements.cleaning import AccountRecord, PersonRecord
from fanzha.records.statements.rows import StatementRows


class SubjectKind(StrEnum):
    """The kinds of identifier that the vault keeps."""

    ACCOUNT = "account"
    DOCUMENT = "document"
    PHONE = "phone"
    NAME = "name"
    SITE = "site"
    APP = "app"


class Role(StrEnum):
    """How a subject stands in a case: by its evidence holder, opposite party or person; by somebody's word a victim;
    by an order what the order is about, or whom it names.
    """

    HOLDER = "holder"
    COUNTERPARTY = "counterparty"
    PERSON = "person"
    VICTIM = "victim"
    ORDERED = "ordered"


BY_HAND = (Role.PERSON, Role.VICTIM)
"""As what somebody may be added to a case: who is a victim no file decides, a named person does."""


class Mention(NamedTuple):
    """That a case's evidence tells of somebody: the kind and the clean text of an identifier, and its role."""

    kind: SubjectKind
    text: str
    role: Role


WALLETS = ("wechat:", "alipay:")
CLEANERS: Mapping[SubjectKind, Callable[[str], str]] = {
    SubjectKind.ACCOUNT: account.clean,
    SubjectKind.DOCUMENT: lambda text: citizen_id.clean(text) or uscc.clean(text) or squeeze(text).upper(),
    SubjectKind.PHONE: phone.clean,
    SubjectKind.NAME: name.clean,
    SubjectKind.SITE: url.clean,
    SubjectKind.APP: tidy,
}
MASKS: Mapping[SubjectKind, Callable[[str], str]] = {
    SubjectKind.ACCOUNT: account.mask,
    SubjectKind.DOCUMENT: citizen_id.mask,
    SubjectKind.PHONE: phone.mask,
    SubjectKind.NAME: name.mask,
    SubjectKind.SITE: url.mask,
    SubjectKind.APP: str,
}

_COLUMNS = (
    ("own_card", SubjectKind.ACCOUNT, Role.HOLDER),
    ("own_account", SubjectKind.ACCOUNT, Role.HOLDER),
    ("own_name", SubjectKind.NAME, Role.HOLDER),
    ("own_id", SubjectKind.DOCUMENT, Role.HOLDER),
    ("other", SubjectKind.ACCOUNT, Role.COUNTERPARTY),
    ("other_name", SubjectKind.NAME, Role.COUNTERPARTY),
    ("other_id", SubjectKind.DOCUMENT, Role.COUNTERPARTY),
)


def mentions_in(
    rows: StatementRows, accounts: Iterable[AccountRecord] = (), persons: Iterable[PersonRecord] = ()
) -> set[Mention]:
    """Everybody whom cleaned rows and records tell of."""
    told = (Mention(kind, text, role) for column, kind, role in _COLUMNS for text in getattr(rows, column).values)
    found = {*told, *_of_accounts(accounts), *_of_persons(persons)}
    return {each for each in found if each.text}


def _of_accounts(accounts: Iterable[AccountRecord]) -> Iterator[Mention]:
    for each in accounts:
        for number in (each.card, each.account, each.parent):
            yield Mention(SubjectKind.ACCOUNT, number, Role.HOLDER)
        yield Mention(SubjectKind.NAME, each.name, Role.HOLDER)
        yield Mention(SubjectKind.DOCUMENT, each.id_number, Role.HOLDER)
        yield Mention(SubjectKind.PHONE, each.phone, Role.HOLDER)


def _of_persons(persons: Iterable[PersonRecord]) -> Iterator[Mention]:
    for each in persons:
        yield Mention(SubjectKind.NAME, each.name, Role.PERSON)
        yield Mention(SubjectKind.DOCUMENT, each.id_number, Role.PERSON)
        yield Mention(SubjectKind.PHONE, each.phone, Role.PERSON)


def cleaned(kind: SubjectKind, text: str, role: Role) -> Mention:
    """What a person typed as evidence would tell it; `Invalid` when it is no identifier of that kind."""
    clean = CLEANERS[kind](text)
    if not clean:
        raise Invalid("cases.no_identifier", kind=kind.value)
    return Mention(kind, clean, role)


ORDERED_ONLY = frozenset({SubjectKind.SITE, SubjectKind.APP})
"""Kinds that only orders name: any text may be the name of an app."""


def guesses(text: str) -> list[tuple[SubjectKind, str]]:
    """What a person may mean by a text typed into the search: every kind that it could be, cleaned as evidence is."""
    number = account.clean(text)
    found = [
        *((kind, clean(text)) for kind, clean in CLEANERS.items() if kind not in ORDERED_ONLY),
        *((SubjectKind.ACCOUNT, f"{wallet}{number}") for wallet in WALLETS if number and ":" not in number),
    ]
    return list(dict.fromkeys((kind, clean) for kind, clean in found if clean))


def likeliest(text: str) -> tuple[SubjectKind, str]:
    """What a person means who adds somebody by one text: a number that proves itself, then any number, then a name."""
    found = dict(reversed(guesses(text)))
    proven = {
        SubjectKind.PHONE: phone.check(found.get(SubjectKind.PHONE, "")),
        SubjectKind.DOCUMENT: bool(citizen_id.clean(text) or uscc.clean(text)),
        SubjectKind.ACCOUNT: found.get(SubjectKind.ACCOUNT, "").isdigit(),
        SubjectKind.NAME: SubjectKind.NAME in found,
    }
    for kind, holds in proven.items():
        if holds:
            return kind, found[kind]
    raise Invalid("cases.nothing_recognised")
