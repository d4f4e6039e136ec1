"""Files kept sealed with a case: evidence that orders rest on, and papers that had effect."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_WORD = Text(collation="C")

kept_file = Table(
    "kept_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("sha256", _WORD, nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", _WORD, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    UniqueConstraint("case_id", "sha256"),
)

kept_file_key = Table(
    "kept_file_key",
    metadata,
    Column("file_id", Uuid, ForeignKey("kept_file.id"), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Index("kept_file_key_case", "case_id"),
)
