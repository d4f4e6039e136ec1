"""What institutions said and what was refused of it, as lists: when, of which kind, by which key, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text

from fanzha.adapters.store.institution_messages import WORK_KIND, MessageKind
from fanzha.adapters.store.schema.institutions import institution_refusal
from fanzha.adapters.store.schema.orders import order_application, order_file
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import InstitutionId

MOST_LISTED = 500
"""The newest messages and refusals that a page looks at."""

_MESSAGES = text("""
SELECT message.id, message.kind, message.message_id, message.received_at, message.key_id, message.sha256,
  octet_length(message.body) AS size, key.message_id IS NULL AS destroyed,
  work.state, work.progress, work.last_error
FROM institution_message AS message
LEFT JOIN institution_message_key AS key ON key.message_id = message.id
LEFT JOIN work ON work.kind = :work AND work.key = CAST(message.id AS text)
WHERE message.institution_id = :institution
ORDER BY message.received_at DESC, message.id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message that was taken: `state` of the work that gives it its effect, `error` why that stands."""

    id: UUID
    kind: MessageKind
    message_id: str
    received_at: datetime
    key_id: str
    sha256: str
    size: int
    destroyed: bool
    state: str
    progress: Mapping[str, Any]
    error: Mapping[str, Any]


def messages_of(connection: Connection, institution_id: InstitutionId) -> list[Heard]:
    """The newest messages of an institution; the house alone sees them."""
    asked = {"institution": institution_id, "work": WORK_KIND, "most": MOST_LISTED}
    return [
        Heard(
            id=row.id,
            kind=row.kind,
            message_id=row.message_id,
            received_at=row.received_at,
            key_id=row.key_id,
            sha256=row.sha256,
            size=row.size,
            destroyed=row.destroyed,
            state=row.state or "",
            progress=row.progress or {},
            error=row.last_error or {},
        )
        for row in connection.execute(_MESSAGES, asked)
    ]


def numbers_of(connection: Connection, applications: Iterable[UUID]) -> dict[UUID, str]:
    """The orders in sight that these applications are about, by their numbers."""
    own = order_application.c
    wanted = select(own.application_id, order_file.c.number).join(order_file, order_file.c.id == own.order_id)
    return {
        row.application_id: row.number
        for row in connection.execute(wanted.where(own.application_id.in_(list(applications))))
    }


def refusals_since(connection: Connection, since: datetime) -> dict[InstitutionId | None, int]:
    """How many calls were refused since an instant, by whose key they named; None is nobody's."""
    own = institution_refusal.c
    wanted = select(own.institution_id, func.count().label("refused")).where(own.at >= utc(since))
    rows = connection.execute(wanted.group_by(own.institution_id))
    return {None if row.institution_id is None else InstitutionId(row.institution_id): row.refused for row in rows}
