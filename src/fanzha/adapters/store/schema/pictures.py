"""What people put on the pictures of a case."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

picture_mark = Table(
    "picture_mark",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("picture", Text(collation="C"), nullable=False),
    Column("entry", Integer, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("made", JSONB, nullable=False),
    UniqueConstraint("case_id", "picture", "entry"),
)
