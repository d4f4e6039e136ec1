"""When instructions went out to institutions and what came back, as the orders' entries tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from fanzha.kernel.clock import utc
from fanzha.kernel.ids import InstitutionId
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import QueryOf
from fanzha.registers.answer_times import Exchange
from fanzha.registers.reach import Contacts

MOST_EXCHANGES = 10_000
"""The newest exchanges that are read at once, of all institutions."""

_EXCHANGES = text("""
SELECT known.institution_id, known.application_id, file.number, file.kind,
  drafted.told -> 'draft' ->> 'act' AS act,
  drafted.told -> 'draft' -> 'terms' ->> 'query_of' AS query_of,
  sent.at AS sent_at, answered.at AS answered_at, answered.told ->> 'code' AS code, failed.told ->> 'code' AS failure
FROM order_standing AS standing
JOIN order_file AS file ON file.id = standing.order_id
JOIN order_application AS known ON known.order_id = standing.order_id
JOIN LATERAL (
  SELECT told FROM order_entry AS entry WHERE entry.order_id = known.order_id
    AND entry.instruction = known.application_id AND entry.kind = 'drafted' ORDER BY number LIMIT 1
) AS drafted ON true
JOIN LATERAL (
  SELECT at FROM order_entry AS entry WHERE entry.order_id = known.order_id
    AND entry.instruction = known.application_id AND entry.kind = 'sent' ORDER BY number LIMIT 1
) AS sent ON true
LEFT JOIN LATERAL (
  SELECT at, told FROM order_entry AS entry WHERE entry.order_id = known.order_id
    AND entry.instruction = known.application_id AND entry.kind = 'answered' ORDER BY number LIMIT 1
) AS answered ON true
LEFT JOIN LATERAL (
  SELECT told FROM order_entry AS entry WHERE entry.order_id = known.order_id
    AND entry.instruction = known.application_id AND entry.kind IN ('lost', 'dead') ORDER BY number DESC LIMIT 1
) AS failed ON true
WHERE standing.changed_at >= :since AND sent.at >= :since
  AND (CAST(:institution AS uuid) IS NULL OR known.institution_id = :institution)
ORDER BY sent.at DESC LIMIT :most
""")

_CONTACTS = text("""
WITH said AS (
  SELECT standing.institution_id, entry.at, entry.told ->> 'code' AS code, entry.kind
  FROM order_standing AS standing JOIN order_entry AS entry ON entry.order_id = standing.order_id
  WHERE standing.changed_at >= :since AND entry.at >= :since
    AND entry.kind IN ('receipt', 'answered', 'part', 'asked', 'lost', 'dead')
  UNION ALL
  SELECT institution_id, at, failure, 'check' FROM institution_check WHERE at >= :since
),
judged AS (
  SELECT *, CASE
    WHEN kind = 'check' THEN code IS NULL
    WHEN kind IN ('receipt', 'answered', 'part') THEN true
    WHEN kind = 'asked' THEN code <> 'silent'
    ELSE code ~ '^[0-9]{4}$' OR code LIKE 'refused.%'
  END AS heard FROM said
  WHERE kind NOT IN ('lost', 'dead') OR code LIKE 'connectors.%' OR code LIKE 'refused.%' OR code ~ '^[0-9]{4}$'
),
latest AS (
  SELECT institution_id, max(at) FILTER (WHERE heard) AS heard_at, max(at) FILTER (WHERE NOT heard) AS failed_at
  FROM judged GROUP BY institution_id
)
SELECT latest.institution_id, latest.heard_at,
  (SELECT min(at) FROM judged WHERE judged.institution_id = latest.institution_id AND heard
    AND at > coalesce(latest.failed_at, '-infinity')) AS heard_since,
  (SELECT min(at) FROM judged WHERE judged.institution_id = latest.institution_id AND NOT heard
    AND at > coalesce(latest.heard_at, '-infinity')) AS failed_since,
  (SELECT code FROM judged WHERE judged.institution_id = latest.institution_id AND NOT heard
    AND at > coalesce(latest.heard_at, '-infinity') ORDER BY at DESC LIMIT 1) AS failure
FROM latest
""")


_DOUBTS = text("""
SELECT file.number, entry.at, entry.told ->> 'code' AS code
FROM order_standing AS standing
JOIN order_file AS file ON file.id = standing.order_id
JOIN order_entry AS entry ON entry.order_id = standing.order_id AND entry.kind = 'contradicted'
WHERE standing.institution_id = :institution AND standing.changed_at >= :since AND entry.at >= :since
ORDER BY entry.at DESC, file.number LIMIT :most
""")
MOST_DOUBTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that an institution said of an order and that did not hold."""

    order: str
    at: datetime
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One instruction that went out: of which order and kind, which act, what a query asked, when; `failure` is the
    last code of a line or a house that did not answer it."""

    institution_id: InstitutionId
    instruction: UUID
    order: str
    kind: OrderKind
    act: Act
    query_of: QueryOf | None
    exchange: Exchange
    failure: str


def exchanges_since(
    connection: Connection, since: datetime, institution_id: InstitutionId | None = None
) -> Iterator[Asked]:
    """The instructions in sight that went out since an instant, to one institution or to all, newest first."""
    asked = {"institution": institution_id, "since": utc(since), "most": MOST_EXCHANGES}
    for row in connection.execute(_EXCHANGES, asked):
        yield Asked(
            institution_id=InstitutionId(row.institution_id),
            instruction=row.application_id,
            order=row.number,
            kind=OrderKind(row.kind),
            act=Act(row.act),
            query_of=None if row.query_of is None else QueryOf(row.query_of),
            exchange=(row.sent_at, row.answered_at, row.code),
            failure=row.failure or "",
        )


def doubts_since(connection: Connection, since: datetime, institution_id: InstitutionId) -> list[Doubt]:
    """What an institution said since an instant of orders in sight that did not hold, newest first."""
    asked = {"institution": institution_id, "since": utc(since), "most": MOST_DOUBTS}
    return [Doubt(order=row.number, at=row.at, code=row.code) for row in connection.execute(_DOUBTS, asked)]


def contacts_since(connection: Connection, since: datetime) -> dict[InstitutionId, Contacts]:
    """When each institution was last heard, and since when it has not been, by the orders in sight and every check."""
    return {
        InstitutionId(row.institution_id): Contacts(
            heard_at=row.heard_at,
            heard_since=row.heard_since,
            failed_since=row.failed_since,
            failure=row.failure or "",
        )
        for row in connection.execute(_CONTACTS, {"since": utc(since)})
    }
