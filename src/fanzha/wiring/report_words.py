"""The words by which reports are read, as this version of the program knows them, made ready once."""

from __future__ import annotations

from functools import cache

from fanzha.records.reports.tables import ReaderTables, reader_tables
from fanzha.rulebook import load_reports


@cache
def live_reader() -> ReaderTables:
    """What the reader of reports knows of language."""
    return reader_tables(load_reports())
