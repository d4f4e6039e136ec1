"""Papers of orders."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_WORD = Text(collation="C")

order_paper = Table(
    "order_paper",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("order_file.id"), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("instruction", Uuid),
    Column("form", _WORD, nullable=False),
    Column("number", Text, nullable=False),
    Column("issued_at", TIMESTAMP(timezone=True), nullable=False),
    Column("sha256", _WORD, nullable=False),
    Column("template", SmallInteger, nullable=False),
    Column("facts", JSONB, nullable=False),
    UniqueConstraint("number"),
    Index("order_paper_order", "order_id", "issued_at"),
    Index("order_paper_instruction", "instruction"),
)
