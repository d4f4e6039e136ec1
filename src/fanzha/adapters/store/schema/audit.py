"""What was done, by whom, and the seals over it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Index("audit_entry_object", "object_kind", "object_id", "seq"),
    Index("audit_entry_at", "at"),
)

audit_unsealed = Table(
    "audit_unsealed",
    metadata,
    Column("entry_id", Uuid, ForeignKey("audit_entry.id"), primary_key=True),
)

audit_seal = Table(
    "audit_seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

audit_sealed = Table(
    "audit_sealed",
    metadata,
    Column("seal", BigInteger, ForeignKey("audit_seal.number"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Uuid, ForeignKey("audit_entry.id"), nullable=False, unique=True),
    Column("link", LargeBinary, nullable=False),
)
