"""What a field of a message may hold: its bounds stand beside its type, once for reading, writing and the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fanzha.kernel.money import MAX_FEN

MAX_MESSAGE_BYTES = 8 * 2**20
"""The largest message either side takes: five documents of 1 MB in base64, or a thousand transactions, fit."""
MAX_DOCUMENT_BYTES = 2**20
MAX_DOCUMENTS = 5
MAX_TRANSACTIONS = 1_000
"""Transactions of one message; an answer of more comes in parts."""
MAX_LISTED = 200
"""Accounts, prior freezes or measures that one message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text: its length in characters and the pattern that all of it follows."""

    longest: int
    shortest: int = 1
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list of at most so many."""

    most: int


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, in JSON as base64, of at most so many."""

    most: int


UUID_TEXT = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ApplicationId = Annotated[str, Text(longest=36, shortest=36, pattern=UUID_TEXT)]
"""36 characters: a UUID in lower case, the key under which a message has effect once."""
InstitutionCode = Annotated[str, Text(longest=12, shortest=12, pattern="[0-9]{12}")]
OrganCode = Annotated[str, Text(longest=12, shortest=12, pattern="[0-9A-Z]{12}")]
ResultCode = Annotated[str, Text(longest=4, shortest=4, pattern="[0-9]{4}")]
Currency = Annotated[str, Text(longest=3, shortest=3, pattern="[A-Z]{3}")]
Sha256 = Annotated[str, Text(longest=64, shortest=64, pattern="[0-9a-f]{64}")]
MediaType = Annotated[str, Text(longest=100, pattern="[a-z]+/[a-z0-9.+-]+")]
FileName = Annotated[str, Text(longest=120, pattern=r"[^/\\:*?\"<>|]+")]
DocumentType = Annotated[str, Text(longest=2, shortest=2, pattern="[0-9]{2}")]
"""Kind of an identity document by the national list: 01 is the resident identity card."""
Number = Annotated[str, Text(longest=64, pattern=r"\S+")]
"""An account, card, phone, document or serial number as the other side writes it."""
Address = Annotated[str, Text(longest=2048, pattern=r"\S+")]
"""What is to be restricted: an account (`main` or `main_sub`), a phone number, a host or URL, an app's package."""
Name = Annotated[str, Text(longest=200)]
Words = Annotated[str, Text(longest=1_000)]
Code = Annotated[str, Text(longest=32, pattern=r"[0-9A-Za-z._-]+")]
Fen = Annotated[int, Whole(0, MAX_FEN)]
SignedFen = Annotated[int, Whole(-MAX_FEN, MAX_FEN)]
"""A balance: an overdrawn account stands below nought."""
