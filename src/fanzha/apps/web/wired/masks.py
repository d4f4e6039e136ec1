"""What of a personal value everybody may see, and the opaque ref by which the rest is asked for.

Two kinds of ref: `s<hex>` is a subject of the vault; `c<source>-<row>-<cell>` is a cell of a row as it lay.
"""

from __future__ import annotations

import hashlib
import re

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.apps.web.views.shown import Masked
from fanzha.cases.subjects import MASKS, SubjectKind

HIDDEN = "*"
_LONG_DIGITS = re.compile(r"\d{7,}")
_OPEN_FIELDS = frozenset(
    {
        "amount", "debit", "credit", "balance", "other_balance", "time", "date", "clock", "direction", "currency",
        "success", "cash", "serial",
    }
)  # fmt: skip
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
    if field in _OPEN_FIELDS:
        return Masked(text)
    if field in _KINDS:
        shown = MASKS[_KINDS[field]](text.strip("\t '\"="))
    elif field in DEVICE_FIELDS:
        shown = masked_device(text)
    elif field and field != "ignored":
        shown = hide_numbers(text)
    else:
        shown = text if len(text) <= 1 else text[0] + HIDDEN * min(len(text) - 1, 8)
    return Masked(shown, ref if shown != text else None)


def hide_numbers(text: str) -> str:
    """The text with the middle of every long number hidden, as in file names that carry card numbers."""
    return _LONG_DIGITS.sub(
        lambda found: (
            f"{found[0][:4]}{HIDDEN * 4}{found[0][-4:]}" if len(found[0]) >= 11 else f"{HIDDEN * 3}{found[0][-2:]}"
        ),
        text,
    )
