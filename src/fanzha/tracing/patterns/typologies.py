"""Typologies: what makes a pattern, as dated data of the rulebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fanzha.tracing.patterns.pattern import PatternKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Typology:
    """One way of naming a kind of pattern; a version never changes once it is live.

    `limits` are its windows, shares, counts and sums by name, each ending in its unit.
    """

    id: str
    version: int
    since: date
    kind: PatternKind
    title: Mapping[str, str]
    rule: Mapping[str, str]
    limits: Mapping[str, int]
    source: str
    confidence: str

    def __getitem__(self, name: str) -> int:
        """One of its limits."""
        return self.limits[name]


Typologies = tuple[Typology, ...]


def typologies(tables: Iterable[Mapping[str, Any]]) -> Typologies:
    """The typologies of `rulebook/typologies/`, in the order of their files."""
    return tuple(
        Typology(
            id=each["id"],
            version=each["version"],
            since=each["since"],
            kind=PatternKind(each["kind"]),
            title=each["title"],
            rule=each["rule"],
            limits=each["limits"],
            source=each["source"],
            confidence=each["confidence"],
        )
        for each in tables
    )
