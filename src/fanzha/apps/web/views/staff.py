"""What the pages about the centre's own people show."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.apps.web.views.shown import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role somebody has at a unit and below it; a resident's is of an institution."""

    role: Choice
    unit: Choice
    institution: Choice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """An account of the centre; `state` is active, must_change, invited (no password yet), expired or disabled."""

    id: str
    login: str
    name: str
    unit: Choice
    state: str
    roles: tuple[HeldRole, ...]
    is_self: bool = False
    may_give: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """Whom an administrator adds: they come in by a one-time link and choose their own password.

    Without a role where another administrator gives the roles.
    """

    login: str
    name: str
    unit: str
    role: str
