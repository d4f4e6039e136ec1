"""Rows by many ids: one statement however many they are, so that it is built and planned once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, bindparam, func


def any_of(column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Whether the column is one of the parameter `name`'s values: of a statement that is built once for all who ask.

    Building a statement takes longer than having the driver say it.
    """
    return column == func.any(bindparam(name, type_=ARRAY(column.type)))


def among(column: ColumnElement[Any], ids: Iterable[object]) -> ColumnElement[bool]:
    """Whether the column, of UUIDs or whole numbers, is one of these; `IN` is another statement for each count."""
    return column == func.any(bindparam(None, list(ids), ARRAY(column.type)))
