"""Values that need care before a person sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Masked:
    """A personal value as everybody may see it; `ref` asks for the clear one, None where there is no more to see.

    `ref` is opaque and good within its case only; it never holds the value.
    """

    shown: str
    ref: str | None = None

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRef:
    """An account as a table cell: its opaque key for the URL, its masked number, its holder's masked name."""

    key: str
    number: Masked
    name: Masked | None = None
    has_statement: bool = False

    def __str__(self) -> str:
        return f"{self.number} {self.name}" if self.name else str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row lay: the file as a person names it, and the row as people count."""

    path: Masked
    row: int

    def __str__(self) -> str:
        return f"{self.path}:{self.row}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a closed list whose words come with the data (a retention class, a unit), in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankNames:
    """A bank's names in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, told: str, registered: Mapping[str, tuple[str, str]]) -> BankNames:
        """A registered bank by its names, another as a file or a message calls it."""
        zh, en = registered.get(told, (told, told))
        return cls(zh=zh, en=en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Which instance answers, and whether it is an exercise, which every page must say."""

    name: str
    exercise: bool
    now: datetime
    speed: float = 1.0
