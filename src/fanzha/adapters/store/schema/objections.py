"""Objections and what became of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_AT = TIMESTAMP(timezone=True)
_WORD = Text(collation="C")

objection = Table(
    "objection",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", _WORD, nullable=False),
    Column("order_id", Uuid, ForeignKey("order_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("channel", _WORD, nullable=False),
    Column("says", Text),
    Column("words", _WORD),
    Column("evidence", JSONB, nullable=False),
    Column("received_at", _AT, nullable=False),
    Column("received_by_id", Uuid),
    Column("received_by", Text, nullable=False),
    Column("alarm_at", _AT, nullable=False),
    Column("due_at", _AT, nullable=False),
    Column("standing", _WORD, nullable=False),
    Column("person", BigInteger),
    Column("phone", BigInteger),
    UniqueConstraint("number"),
    Index("objection_order", "order_id"),
    Index("objection_received", "unit_path", "received_at"),
)

objection_entry = Table(
    "objection_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("objection_id", Uuid, ForeignKey("objection.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("move", _WORD, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("objection_entry_objection", "objection_id", "number"),
)
