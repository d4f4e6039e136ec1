"""Mapping files: drafted from a file nobody understands, confirmed by a person, then read like a format."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fanzha.adapters.files.reader import FileReader
from fanzha.kernel.errors import FanzhaError, Invalid, NotFound
from fanzha.records.statements.formats import Format, FormatBook, format_from
from fanzha.records.statements.planning import draft_format
from fanzha.rulebook import load_formats

MAPPING_BYTES = 1_000_000


def drafted_mapping(path: Path) -> str:
    """The guess for the first sheet of a file, as TOML for a person to correct and confirm."""
    book = FormatBook.from_tables(load_formats())
    with FileReader() as reader:
        for leaf in reader.leaves(path):
            for sheet in reader.sheets(leaf):
                for first in sheet.batches:
                    return draft_format(first, path=sheet.path, book=book).to_toml()
    raise Invalid("files.empty", place=path.name)


def confirmed_mapping(path: Path) -> Format:
    """The format that a mapping file tells; `Invalid` when it is not TOML, not confirmed, or names no such field."""
    if not path.is_file():
        raise NotFound("files.not_a_file", place=path.name)
    if path.stat().st_size > MAPPING_BYTES:
        raise Invalid("statements.mapping_too_large", place=path.name)
    try:
        words = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("statements.mapping_not_toml", place=path.name, reason=str(error)) from None
    return mapping_from_text(words, place=path.name)


def mapping_from_text(words: str, *, place: str) -> Format:
    """The format that the text of a mapping file tells."""
    try:
        table = tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("statements.mapping_not_toml", place=place, reason=str(error)) from None
    if table.get("confirmed") is not True:
        raise Invalid("statements.mapping_not_confirmed", place=place)
    tables = load_formats()
    try:
        return format_from(table, tables, FormatBook.from_tables(tables).words)
    except (FanzhaError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Invalid("statements.mapping_bad", place=place, reason=str(error)) from None
