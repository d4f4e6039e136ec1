"""When instructions went out to an institution and when they were answered, as the orders' entries tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from fanzha.kernel.ids import InstitutionId
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import QueryOf
from fanzha.registers.answer_times import Exchange

MOST_EXCHANGES = 1_000
"""The newest exchanges that answer times are measured from: how an institution works now, not years ago."""

_EXCHANGES = text("""
SELECT file.kind, drafted.told -> 'draft' ->> 'act' AS act,
  drafted.told -> 'draft' -> 'terms' ->> 'query_of' AS query_of,
  sent.at AS sent_at, answered.at AS answered_at, answered.told ->> 'code' AS code
FROM order_application AS known
JOIN order_file AS file ON file.id = known.order_id
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
WHERE known.institution_id = :institution ORDER BY sent.at DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One instruction that went out: of which kind of order, which act, what a query asked, and when."""

    kind: OrderKind
    act: Act
    query_of: QueryOf | None
    exchange: Exchange


def exchanges_with(connection: Connection, institution_id: InstitutionId) -> Iterator[Asked]:
    """The newest instructions in sight that went out to an institution, newest first."""
    asked = {"institution": institution_id, "most": MOST_EXCHANGES}
    for row in connection.execute(_EXCHANGES, asked):
        yield Asked(
            kind=OrderKind(row.kind),
            act=Act(row.act),
            query_of=None if row.query_of is None else QueryOf(row.query_of),
            exchange=(row.sent_at, row.answered_at, row.code),
        )
