"""What was read from a report, as JSON carries it (`docs/schemas/report_words.json`)."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import Enum

from fanzha.kernel.clock import rfc3339
from fanzha.records.reports.findings import Reading, ScamType, Words

_RENAMED = {"fen": "amount_fen", "amount": "money", "amounts": "money"}
"""Money's keys end in its unit, wherever they are told."""


def told(words: Words) -> dict[str, object]:
    """The whole reading; each finding with its place, certainty and reasons."""
    return {_RENAMED.get(each.name, each.name): _plain(getattr(words, each.name)) for each in fields(words)}


def _plain(value: object) -> object:
    if isinstance(value, Reading | ScamType):
        return {_RENAMED.get(each.name, each.name): _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.value if isinstance(value, Enum) else value
