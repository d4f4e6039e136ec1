"""Who was called when a clock rang, and who has seen it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_AT = TIMESTAMP(timezone=True)
_WORD = Text(collation="C")

order_call = Table(
    "order_call",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("order_id", Uuid, ForeignKey("order_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("clock", _WORD, nullable=False),
    Column("weight", _WORD, nullable=False),
    Column("rang_at", _AT, nullable=False),
    Column("called_at", _AT, nullable=False),
    Column("to_user", Uuid),
    Column("to_name", Text, nullable=False),
    Column("part", _WORD, nullable=False),
    Column("level", PATH, nullable=False),
    Column("for_name", Text, nullable=False),
    Index("order_call_order", "order_id", "number"),
    Index("order_call_to", "to_user", "number"),
    Index("order_call_rang", "rang_at"),
)

order_call_seen = Table(
    "order_call_seen",
    metadata,
    Column("call_id", Uuid, ForeignKey("order_call.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("at", _AT, nullable=False),
    Column("by_id", Uuid),
    Column("by_name", Text, nullable=False),
)
