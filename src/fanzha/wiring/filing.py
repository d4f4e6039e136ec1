"""A case in another state, and kept for as long as that state asks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.cases import move_case, set_retention
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.units import Actor

NOT_FILED, FILED = "incident", "criminal"
"""Classes of keeping (`rulebook/retention.toml`): of an incident that nobody filed, and of a case that was filed."""


def bring_to(connection: Connection, case: Case, to: CaseState, reason: str, actor: Actor, now: datetime) -> Case:
    """The case in its new state; once filed it is no longer kept as what nobody filed, which ends sooner."""
    moved = move_case(connection, case.id, to, reason, actor, now)
    if to is CaseState.FILED and moved.retention == NOT_FILED:
        return set_retention(connection, case.id, FILED, reason, actor, now)
    return moved
