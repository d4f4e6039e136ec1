"""Durable work: outbox, timer and job in one."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

work = Table(
    "work",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("large", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", TIMESTAMP(timezone=True), nullable=False),
    Column("not_before", TIMESTAMP(timezone=True)),
    Column("lease_id", Uuid),
    Column("lease_until", TIMESTAMP(timezone=True)),
    Column("attempts", Integer, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("progress", JSONB, nullable=False),
    Column("last_error", JSONB),
    Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    Column("finished_at", TIMESTAMP(timezone=True)),
    Column("handler_id", Uuid),
    Column("handler", Text),
    UniqueConstraint("kind", "key"),
    Index("work_due", "kind", "due_at", "id", postgresql_where=text("state = 'waiting' AND not_before IS NULL")),
    Index("work_resting", "kind", "not_before", postgresql_where=text("state = 'waiting' AND not_before IS NOT NULL")),
    Index("work_waiting", "due_at", "id", postgresql_where=text("state = 'waiting' AND attempts >= 0")),
    Index("work_stuck", "due_at", "id", postgresql_where=text("state = 'stuck'")),
    Index("work_leased", "kind", "lease_until", postgresql_where=text("state = 'running'")),
    Index("work_over", "finished_at", postgresql_where=text("state IN ('done', 'cancelled')")),
)

work_entry = Table(
    "work_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), unique=True, nullable=False),
    Column("work_id", Uuid, ForeignKey("work.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("work_entry_work", "work_id", "number"),
)
