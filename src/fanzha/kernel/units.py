"""Units form a tree; who may see what is a prefix of a path (house law 12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import InstitutionId, UserId

UnitPath = NewType("UnitPath", str)
"""Dotted labels from city to station: `huainan.shouxian.station03`; ours, never a division code."""

Level = Literal["city", "county", "station"]
"""What kind of organ a unit is, by how deep it lies in the tree."""

_LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}(\.[a-z0-9][a-z0-9_-]{0,31}){0,7}")


def unit_path(text: str) -> UnitPath:
    """The text as a path; `Invalid` unless it is 1–8 dotted labels of a–z, 0–9, `_`, `-`."""
    if not _LABEL.fullmatch(text):
        raise Invalid("units.bad_path")
    return UnitPath(text)


def covers(scope: UnitPath, path: UnitPath) -> bool:
    """Whether somebody whose scope is `scope` sees rows of `path`: itself and everything below."""
    return path == scope or path.startswith(scope + ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person (or the operator at the machine) with a scope and the permissions of their roles.

    `name` is what the audit shows beside the id: a log-in name, or `cli:<os user>`, or `worker`.
    `institution_id` is set for a resident of an institution, who sees its orders and nothing else.
    """

    user_id: UserId | None
    name: str
    scope: UnitPath
    permissions: frozenset[str]
    until: datetime | None = None
    institution_id: InstitutionId | None = None

    def may(self, permission: str) -> bool:
        """Whether one of the actor's roles carries the permission."""
        return permission in self.permissions
