"""What a message about an order is heard beside: the order's account in clear, and what was told about it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, clear_of
from fanzha.kernel.ids import OrderId, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Of some orders: their accounts in full, without those that were erased; and by order what institutions said about
    it already, by the messages' own ids, and how many lines each told."""

    clear: dict[SubjectId, Identifier]
    told: dict[OrderId, dict[str, int]]


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
    )


_KNOWN = text("""
SELECT asked.order_id, asked.target, subject.kind, subject.wrapped_key, subject.identifier,
  (SELECT json_object_agg(said_id, rows) FROM case_message WHERE case_message.order_id = asked.order_id) AS told
FROM unnest(CAST(:orders AS uuid[]), CAST(:targets AS bigint[])) AS asked(order_id, target)
LEFT JOIN subject ON subject.id = asked.target
""")
