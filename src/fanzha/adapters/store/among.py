"""Rows by many ids: one statement however many they are, so that it is built and planned once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, bindparam, func


def among(column: ColumnElement[Any], ids: Iterable[object]) -> ColumnElement[bool]:
    """Whether the column, of UUIDs or whole numbers, is one of these; `IN` is another statement for each count."""
    return column == func.any(bindparam(None, list(ids), ARRAY(column.type)))
