"""What institutions said of a case: which message belongs to it, and what it tells of accounts and holders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_WORD = Text(collation="C")

case_message = Table(
    "case_message",
    metadata,
    Column("message_id", Uuid, ForeignKey("institution_message.id"), primary_key=True),
    Column("said_id", _WORD, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("order_id", Uuid),
    Column("institution_id", Uuid, nullable=False),
    Column("import_id", Uuid),
    Column("rows", Integer, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Index("case_message_case", "case_id", "at"),
    Index("case_message_order", "order_id"),
    Index("case_message_import", "import_id"),
)

institution_fact = Table(
    "institution_fact",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("institution_id", Uuid, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("said_id", _WORD, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("told", JSONB, nullable=False),
    Index("institution_fact_case", "case_id", "number"),
    Index("institution_fact_order", "order_id", "number"),
)
