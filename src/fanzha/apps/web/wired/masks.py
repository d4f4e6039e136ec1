"""What of a personal value everybody may see, and the opaque ref by which the rest is asked for.

Kinds of ref: `s<hex>` is a subject of the vault, `c<source>-<row>-<cell>` a cell of a row as it lay,
`v<source>-<row>-<field>` a device, `n<hex>` the name of a file.
"""

from __future__ import annotations

import hashlib
import re

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.apps.web.names import HIDDEN
from fanzha.apps.web.views.shown import Masked, Place
from fanzha.cases.file_names import hide_numbers, shown_name
from fanzha.cases.subjects import MASKS, SubjectKind
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import SubjectId

_OPEN_FIELDS = frozenset(
    {
        "amount", "debit", "credit", "balance", "other_balance", "time", "date", "clock", "direction", "currency",
        "success", "cash", "serial",
    }
)  # fmt: skip
_SUBJECT = re.compile(r"[0-7][0-9a-f]{15}")
_GLUE = re.compile(r"[\s\-'\"=]")
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
_PERSONAL = re.compile(rf"(?<![\d.])(?!{_DAY})(?:(?:86)?1\d{{10}}|\d{{15}}|\d{{16,19}}|\d{{17}}[Xx])(?![\d.])")
DEVICE_FIELDS = ("terminal", "ip", "mac")
_KINDS = {
    "own_card": SubjectKind.ACCOUNT,
    "own_account": SubjectKind.ACCOUNT,
    "other": SubjectKind.ACCOUNT,
    "other_card": SubjectKind.ACCOUNT,
    "payer": SubjectKind.ACCOUNT,
    "payee": SubjectKind.ACCOUNT,
    "own_name": SubjectKind.NAME,
    "other_name": SubjectKind.NAME,
    "payer_name": SubjectKind.NAME,
    "payee_name": SubjectKind.NAME,
    "own_id": SubjectKind.DOCUMENT,
    "other_id": SubjectKind.DOCUMENT,
    "phone": SubjectKind.PHONE,
}


def subject_of(key: str) -> SubjectId:
    """The subject of the vault that a key names; `Invalid` for what is no key, however long, before any question."""
    if _SUBJECT.fullmatch(key) is None:
        raise Invalid("web.bad_ref")
    return SubjectId(int(key, 16))


def masked_device(text: str) -> str:
    """A terminal or address without its last four characters."""
    return f"{text[:-4]}{HIDDEN * 4}" if len(text) > 4 else HIDDEN * len(text)


def subject_ref(keys: Keys, kind: SubjectKind, text: str) -> str:
    """The ref of an identifier of the vault; it says nothing to whoever has not the keys."""
    return f"s{subject_id(keys, Identifier(kind, text)):016x}"


def masked_subject(keys: Keys, kind: SubjectKind, text: str) -> Masked:
    """An identifier masked; one that files told incomplete has no more to show."""
    if kind is SubjectKind.ACCOUNT and HIDDEN in text:
        return Masked(text)
    return Masked(MASKS[kind](text), subject_ref(keys, kind, text))


def maybe_subject(keys: Keys, kind: SubjectKind, text: str) -> Masked | None:
    """The same, None where there is no text."""
    return masked_subject(keys, kind, text) if text else None


def source_mark(key: str) -> str:
    """A sheet's key as URLs carry it: the path in it may name somebody."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def masked_cell(field: str, text: str, ref: str) -> Masked:
    """A cell as it lay, masked by what its column means; a column nobody understood shows its first character only."""
    if not text.strip():
        return Masked(text)
    if field in _OPEN_FIELDS and not _is_shaped_like_a_person(text):
        return Masked(text)
    if field in _OPEN_FIELDS:
        shown = hide_numbers(text)
        shown = shown if shown != text else text[0] + HIDDEN * 8
    elif field in _KINDS:
        shown = MASKS[_KINDS[field]](text.strip("\t '\"="))
    elif field in DEVICE_FIELDS:
        shown = masked_device(text)
    elif field and field != "ignored":
        shown = hide_numbers(text)
    else:
        shown = text if len(text) <= 1 else text[0] + HIDDEN * min(len(text) - 1, 8)
    return Masked(shown, ref if shown != text else None)


def _is_shaped_like_a_person(text: str) -> bool:
    """Whether a cell holds what could be a phone, a card or an ID, whatever a person said its column means.

    No card and no ID begins like a day of this or the last century, so that a time without marks stays a time.
    """
    return _PERSONAL.search(_GLUE.sub("", text)) is not None


def name_ref(keys: Keys, text: str) -> str:
    """The ref of a file's name or path: a keyed hash, because a card number in it could be guessed from a plain one."""
    return f"n{keys.subject_hash('file', text):016x}"


def masked_name(keys: Keys, text: str) -> Masked:
    """A file's name or path, masked; one that says nothing personal has no more to show."""
    shown = shown_name(text)
    return Masked(shown, None if shown == text else name_ref(keys, text))


def masked_place(keys: Keys, path: str, row: int) -> Place:
    """A row's place with its file's name masked."""
    return Place(path=masked_name(keys, path), row=row)
