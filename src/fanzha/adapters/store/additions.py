"""New rows of one table, however many, by one statement: the driver's own way for many speaks of each by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Connection, Table, TextClause, text

ROWS_AT_ONCE = 5_000
"""Rows told at once, so that neither side holds a large case's accounts as one text."""


def add_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Add these rows, all with the columns of the first, in their order."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        adding = _adding(table.name, tuple(rows[0]))
        connection.execute(adding, {"rows": as_rows(rows[start : start + ROWS_AT_ONCE])})


def as_rows(rows: Sequence[Mapping[str, object]]) -> str:
    """The rows in the JSON that the database reads as rows of a table."""
    return json.dumps(rows, ensure_ascii=False, default=_told)


def added(table: Table, told: str) -> str:
    """The words that add the rows told by this parameter (`as_rows`), each with all columns that do not count
    themselves, in a statement that does more than that."""
    return _words(table.name, tuple(each.name for each in table.c if each.identity is None), told)


def _told(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
        case UUID():
            return str(value)
    raise TypeError(type(value))


@cache
def _adding(table: str, columns: Sequence[str]) -> TextClause:
    return text(_words(table, columns, "rows"))


def _words(table: str, columns: Sequence[str], parameter: str) -> str:
    names = ", ".join(f'"{each}"' for each in columns)
    told = f"ROWS FROM (json_populate_recordset(CAST(NULL AS {table}), CAST(:{parameter} AS json))) WITH ORDINALITY"
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {told} ORDER BY ordinality"
