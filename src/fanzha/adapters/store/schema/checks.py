"""Contract checks of institutions and what they found."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

institution_check = Table(
    "institution_check",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("institution_id", Uuid, ForeignKey("institution.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("failure", Text),
    Column("reason", Text, nullable=False),
    Index("institution_check_at", "institution_id", "at"),
)
