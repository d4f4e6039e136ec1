"""What a message about an order is heard beside: the order's account in clear, and what was told about it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, clear_of
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import OrderId, SubjectId
from fanzha.orders.answers import CLOCK_SKEW


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardLines:
    """A message, or a part of one, that told an account's movements: about which question, and up to when at most."""

    order_id: OrderId
    message_id: UUID
    said_id: str
    reaches: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Of some orders: their accounts in full, without those that were erased; and by order what institutions said about
    it already, by the messages' own ids, and how many lines each told; by stop or freeze what was heard of its
    account's movements in its unit, oldest first."""

    clear: dict[SubjectId, Identifier]
    told: dict[OrderId, dict[str, int]]
    lines: dict[OrderId, Sequence[HeardLines]]


def known_of(connection: Connection, keys: Keys, targets: Mapping[OrderId, SubjectId]) -> Known:
    """What is known of these orders, each with what it is about; read under their locks."""
    rows = connection.execute(_KNOWN, {"orders": list(targets), "targets": list(targets.values())}).all()
    return Known(
        clear={
            SubjectId(row.target): clear_of(keys, row.target, row.kind, row.wrapped_key, row.identifier)
            for row in rows
            if row.wrapped_key is not None
        },
        told={OrderId(row.order_id): dict(row.told or {}) for row in rows},
        lines={OrderId(row.order_id): [_lines(*each) for each in row.lines or ()] for row in rows},
    )


def _lines(order_id: str, message_id: str, said_id: str, heard_at: str, by_bank: str | None) -> HeardLines:
    """A statement reaches to when its bank answered, which is known where it told a balance or a name by the way."""
    reaches = datetime.fromisoformat(by_bank) if by_bank else datetime.fromisoformat(heard_at) + CLOCK_SKEW
    return HeardLines(
        order_id=OrderId(UUID(order_id)), message_id=UUID(message_id), said_id=said_id, reaches=utc(reaches)
    )


_KNOWN = text("""
SELECT asked.order_id, asked.target, subject.kind, subject.wrapped_key, subject.identifier,
  (SELECT json_object_agg(said_id, rows) FROM case_message WHERE case_message.order_id = asked.order_id) AS told,
  (
    SELECT json_agg(json_build_array(said.order_id, said.message_id, said.said_id, said.at, fact.at) ORDER BY said.at)
    FROM order_standing AS hold
    JOIN order_standing AS query ON query.target = hold.target AND query.unit_path = hold.unit_path
      AND query.kind = 'query'
    JOIN case_message AS said ON said.order_id = query.order_id
    JOIN case_file ON case_file.id = said.case_id AND case_file.state <> 'erased'
    LEFT JOIN LATERAL (
      SELECT at FROM institution_fact AS one WHERE one.order_id = said.order_id AND one.said_id = said.said_id LIMIT 1
    ) AS fact ON true
    WHERE hold.order_id = asked.order_id AND hold.kind IN ('stop', 'freeze') AND EXISTS (
      SELECT FROM order_entry AS drafted WHERE drafted.order_id = query.order_id AND drafted.kind = 'drafted'
      AND drafted.told #>> '{draft,terms,query_of}' = 'details'
    )
  ) AS lines
FROM unnest(CAST(:orders AS uuid[]), CAST(:targets AS bigint[])) AS asked(order_id, target)
LEFT JOIN subject ON subject.id = asked.target
""")
