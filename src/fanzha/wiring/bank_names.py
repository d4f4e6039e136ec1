"""Registered banks by whatever files and messages call them."""

from __future__ import annotations

from sqlalchemy import Connection

from fanzha.adapters.store.institutions import every_institution
from fanzha.registers.institutions import names_told


def bank_names(connection: Connection) -> dict[str, tuple[str, str]]:
    """By the code and by either name of each: its names in Chinese and English."""
    return names_told(each.institution for each in every_institution(connection))
