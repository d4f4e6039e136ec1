"""Whose books a sheet is, told above its header or by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from unicodedata import normalize

from fanzha.kernel.identifiers import account, citizen_id, name
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.plan import OwnAccount
from fanzha.records.statements.words import Words, key

_DIGIT = re.compile(r"\d")
_NUMBER_IN_PATH = re.compile(r"(?<!\d)(?:\d{17}[Xx](?![A-Za-z\d])|\d{12,25}(?!\d))")
_WALLETS = {"account_of_wechat": "wechat:", "account_of_alipay": "alipay:"}
"""Keys that say whose the account is; WeChat's app tells only a nickname, which stands in for its number."""
_NUMBERED = ("card", "account", "wallet_account")
_NUMBER = re.compile(r"(?:[^\d:*]{1,30}:\s*)?([\dA-Za-z*][\dA-Za-z*@._ -]{3,})")
_SAYS_A_NUMBER = re.compile(r"(?:[^\d*]*[\d*]){4}|[^@]*@")
_NEXT_LABEL = re.compile(r"\s+[^\s:\d][^\s:]*\s?:")


def read_preamble(lines: Iterable[Sequence[str]], words: Words) -> OwnAccount:
    """The account, name and currency that lines tell: `账号：6222… 户名：测试甲`, or labels with values below them."""
    own = OwnAccount()
    told = [line for line in lines if any(cell.strip() for cell in line)]
    for line, below, after in zip_longest(told, told[1:], told[2:], fillvalue=()):
        for field, value in stacked(line, below, words, after) or key_values(line, words):
            own = _with(own, field, value, words)
    return own


def stacked(
    labels: Sequence[str], below: Sequence[str], words: Words, after: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """The (field, value) pairs of a small table: labels with the values under them, an account's number among these.

    Nothing for a table whose next row, `after`, tells another account.
    """
    if any(map(_DIGIT.search, labels)):
        return []
    fields = [_field_of(label, words) for label in labels]
    pairs = [(field, _plain(value)) for field, value in zip(fields, below, strict=False) if field]
    numbers = {field: told for field, value in pairs if field in _NUMBERED and (told := _number(field, value))}
    others = {(field, _number(field, _plain(value))) for field, value in zip(fields, after, strict=False)}
    alone = all(told in ("", numbers[field]) for field, told in others if field in numbers)
    return pairs if numbers and alone else []


def only_labels(row: Sequence[str], words: Words) -> bool:
    """Whether every cell is a label of whose books a sheet is, an account's number among them."""
    fields = [_field_of(cell, words) for cell in row if cell.strip()]
    return all(fields) and any(field in _NUMBERED for field in fields) and not any(map(_DIGIT.search, row))


def _plain(value: str) -> str:
    return normalize("NFKC", value).strip()


def _field_of(label: str, words: Words) -> str:
    """What a cell that is nothing but a label names, in whichever of its languages."""
    spellings = (key(label).strip(":."), *read_header(label, words).spellings)
    return next((words.preamble_fields[each] for each in spellings if each in words.preamble_fields), "")


def key_values(line: Sequence[str], words: Words) -> list[tuple[str, str]]:
    """The (field, value) pairs of one line; fields are `card`, `account`, `name` … or `other_keys`."""
    text = normalize("NFKC", "  ".join(cell for cell in line if cell.strip())).translate(words.simplified)
    found = list(words.preamble.finditer(text))
    ends = [each.start() for each in found[1:]] + [len(text)]
    return [
        (words.preamble_fields[key(label[label.lastindex or 0])], text[label.end() : end].strip(" \t,;|:/[]"))
        for label, end in zip(found, ends, strict=False)
    ]


def _with(own: OwnAccount, field: str, value: str, words: Words) -> OwnAccount:
    first = re.split(r"\s{2,}|[,;|\]]", value)[0]
    if wallet := _WALLETS.get(field):
        return replace(own, account=wallet + first.strip()) if first and not own.account else own
    if field in _NUMBERED:
        place = "card" if field == "card" else "account"
        number = _number(field, value)
        return replace(own, **{place: number}) if number and not getattr(own, place) else own
    if key(first) in words.nothing:
        return own
    if field == "name" and not own.name:
        return replace(own, name=name.clean(_NEXT_LABEL.split(first)[0]))
    if field == "id" and not own.id_number:
        return replace(own, id_number=citizen_id.clean(first))
    if field == "currency" and not own.currency:
        return replace(own, currency=words.currencies.get(key(first), ""))
    return own


def _number(field: str, value: str) -> str:
    """The clean number that a value begins with; nothing for words, which only a wallet's account may be."""
    found = _NUMBER.match(value)
    told = re.split(r"\s{2,}|\s(?=[A-Za-z])", found[1])[0] if found else ""
    return account.clean(told) if field == "wallet_account" or _SAYS_A_NUMBER.match(told) else ""


def with_prefix(own: OwnAccount, prefix: str) -> OwnAccount:
    """The own account as the format names it: `alipay:` before what an Alipay file calls its account."""
    bare = own.account or own.card
    return replace(own, account=prefix + bare, card="") if prefix and bare and ":" not in bare else own


def own_from_path(path: str) -> OwnAccount:
    """The one card or account number that the file's or the sheet's name holds, beside its holder's identity number.

    Nothing for none or several.
    """
    for piece in reversed(re.split(r"[/\\#]", path)):
        told = set(_NUMBER_IN_PATH.findall(normalize("NFKC", piece)))
        numbers = {found for found in told if not _is_moment(found) and not citizen_id.check(found.upper())}
        if len(numbers) == 1:
            return OwnAccount(card=account.clean(numbers.pop()))
        if numbers:
            return OwnAccount()
    return OwnAccount()


def _is_moment(digits: str) -> bool:
    """Whether digits are a time stamp (`20240102093005`, `20240101` twice), not an account."""
    return len(digits) in (12, 14, 16, 17) and bool(
        re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d*", digits)
    )
