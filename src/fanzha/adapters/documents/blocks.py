"""What a document is made of: plain values that a template sets; no text in them is ever read as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Literal

from fanzha.i18n import Language

Align = Literal["left", "right", "center"]
Cell = str | tuple[str, ...]
"""The text of a cell, or its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The head of the first page."""

    title: str
    subtitle: str
    name: str
    kind: Literal["title"] = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section's heading; level 1 or 2."""

    text: str
    level: int = 1
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text; a `warning` stands in a frame, a `note` is small."""

    text: str
    style: Literal["body", "note", "warning"] = "body"
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of statements, each with a word that says what it is about."""

    rows: Sequence[tuple[str, str]]
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labels and their values, two pairs a line when `paired`."""

    rows: Sequence[tuple[str, str]]
    paired: bool = False
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A headline number: what it is, how much, and a word below it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Headline numbers beside each other; the first is the sum of the others."""

    figures: Sequence[Figure]
    kind: Literal["figures"] = "figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: `width` is a share of the page that the fixed columns (0: as wide as its cells) leave."""

    head: str
    align: Align = "left"
    width: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below a head that is repeated on every page; `sums` is the last row, `note` says what is not in it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sums: Sequence[str] = ()
    note: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as SVG, with what it shows in words for whoever cannot see it."""

    svg: str
    alt: str
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Lines to be signed by hand: what each person did, and the words for date and signature."""

    labels: Sequence[str]
    date: str
    kind: Literal["signatures"] = "signatures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From here on pages lie on their side, or stand again."""

    landscape: bool
    kind: Literal["turn"] = "turn"


Block = Title | Heading | Paragraph | Items | Facts | Figures | Table | Picture | Signatures | Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document to be set: `mark` stands on every page (an exercise), `pages` has blanks `{page}` and `{pages}`.

    `at` is the only time in the file: that of the data, never that of the setting.
    """

    language: Language
    title: str
    head: str
    handling: str
    mark: str
    foot: str
    pages: str
    at: datetime
    blocks: Sequence[Block] = field(default=())


def texts(value: object) -> Iterator[str]:
    """Every text that a document shows, drawings as they are written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for each in value:
            yield from texts(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
