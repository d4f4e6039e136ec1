"""Messages as JSON, both ways: read strictly, written canonically, described by a schema; all from the dataclasses.

A field that is not known is absent, never null. Nothing unknown is taken, no type is bent, no time without its offset,
no money that is not whole fen. What is written is read back first, so that nothing leaves that nobody could read.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, TypeVar, cast

from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.shape import record_of

M = TypeVar("M")
Json = dict[str, Any]


def read(kind: type[M], data: bytes, limit_bytes: int = MAX_MESSAGE_BYTES) -> M:
    """The message of this kind that bytes hold; `Invalid` with the field's path for anything else."""
    return from_json(kind, parse(data, limit_bytes))


def parse(data: bytes, limit_bytes: int = MAX_MESSAGE_BYTES) -> Any:
    """The JSON that bytes hold; `Invalid` when too large, not UTF-8, not JSON, with a field twice or a float."""
    if len(data) > limit_bytes:
        raise Invalid("protocol.too_large", path="", limit_bytes=limit_bytes)
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
    except (ValueError, RecursionError):  # UnicodeDecodeError is one, and so is a number of too many digits
        raise Invalid("protocol.not_json", path="") from None


def from_json(kind: type[M], told: Any) -> M:
    """The message of this kind that a JSON value describes; `Invalid` with the field's path otherwise."""
    return cast(M, record_of(kind).read(told, ""))


def as_json(message: object) -> Json:
    """The message as a JSON object: absent what is not known, times with Shanghai's offset, bytes as base64."""
    return record_of(type(message)).tell(message)


def canonical(message: object) -> bytes:
    """The one text of a message, for sending and hashing: sorted keys, no spaces, UTF-8 (RFC 8785 for our values).

    `Invalid` when the message breaks a bound of its own fields: nothing leaves that the other side would refuse.
    """
    told = as_json(message)
    record_of(type(message)).read(told, "")
    return _text(told)


def read_canonically(kind: type[M], data: bytes) -> tuple[M, bytes]:
    """The message that bytes hold, with its canonical text: what was just read breaks no bound."""
    message = read(kind, data)
    return message, text_of_read(message)


def text_of_read(message: object) -> bytes:
    """The canonical text of a message that was read: it breaks no bound, and is not looked through once more."""
    return _text(as_json(message))


def _text(told: Json) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def fingerprint(message: object) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return sha256(canonical(message)).hexdigest()


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_float(text: str) -> object:
    raise ValueError
