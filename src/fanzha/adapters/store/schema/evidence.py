"""Cases, imports and what was found in them; identifiers themselves lie in the vault only."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_AT = TIMESTAMP(timezone=True)

case_file = Table(
    "case_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ref", Text(collation="C"), nullable=False),
    Column("title", Text, nullable=False),
    Column("unit_path", PATH, ForeignKey("unit.path"), nullable=False),
    Column("state", Text, nullable=False),
    Column("since", _AT, nullable=False),
    Column("retention", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("opened_at", _AT, nullable=False),
    Column("opened_by", Text, nullable=False),
    UniqueConstraint("ref"),
    Index("case_file_opened", "unit_path", "opened_at"),
)

case_number = Table(
    "case_number",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

case_entry = Table(
    "case_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("case_entry_case", "case_id", "number"),
    Index("case_entry_joined", "value", postgresql_where=text("kind = 'joined'")),
)

case_link = Table(
    "case_link",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Index("case_link_case", "case_id"),
    Index("case_link_subject", "subject_id"),
)

case_link_end = Table(
    "case_link_end",
    metadata,
    Column("link_id", Uuid, ForeignKey("case_link.id"), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
)

case_subject = Table(
    "case_subject",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("subject_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Text, primary_key=True),
    Column("import_id", Uuid, primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("kind", Text, nullable=False),
    Index("case_subject_subject", "subject_id"),
    Index("case_subject_import", "import_id"),
)

statement_import = Table(
    "statement_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("finished_at", _AT),
    Column("fault", Text, nullable=False),
    Column("fault_fields", JSONB, nullable=False),
    Column("excluded", Boolean, nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("rows", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("erased_at", _AT),
    Index("statement_import_case", "case_id", "at"),
)

import_lease = Table(
    "import_lease",
    metadata,
    Column("import_id", Uuid, ForeignKey("statement_import.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("until", _AT, nullable=False),
    Index("import_lease_until", "until"),
)

import_standing = Table(
    "import_standing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("import_id", Uuid, ForeignKey("statement_import.id"), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("excluded", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Index("import_standing_import", "import_id"),
)

import_file = Table(
    "import_file",
    metadata,
    Column("import_id", Uuid, ForeignKey("statement_import.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("import_file_sha256", "sha256"),
)

import_source = Table(
    "import_source",
    metadata,
    Column("import_id", Uuid, ForeignKey("statement_import.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("key", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("leaf_sha256", Text, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("format_id", Text, nullable=False),
    Column("certainty", Double, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("preamble", Integer, nullable=False),
    Column("header", Integer, nullable=False),
    Column("blank", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("notes", JSONB, nullable=False),
    Column("fault", Text, nullable=False),
    Column("fault_fields", JSONB, nullable=False),
    Column("draft", Text, nullable=False),
    Column("unread_rows", Integer, nullable=False),
    Index("import_source_leaf", "leaf_sha256"),
)

import_fault = Table(
    "import_fault",
    metadata,
    Column("import_id", Uuid, ForeignKey("statement_import.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("place", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("lost", Boolean, nullable=False),
)

reconciliation = Table(
    "reconciliation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("made_at", _AT, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("counts", JSONB, nullable=False),
    UniqueConstraint("case_id", "inputs"),
)

reconciliation_import = Table(
    "reconciliation_import",
    metadata,
    Column("reconciliation_id", Uuid, ForeignKey("reconciliation.id", ondelete="CASCADE"), primary_key=True),
    Column("import_id", Uuid, ForeignKey("statement_import.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Index("reconciliation_import_import", "import_id"),
)

case_account = Table(
    "case_account",
    metadata,
    Column("reconciliation_id", Uuid, ForeignKey("reconciliation.id", ondelete="CASCADE"), primary_key=True),
    Column("node", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("has_statement", Boolean, nullable=False),
    Column("facts", JSONB, nullable=False),
)

subject = Table(
    "subject",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("fingerprint", BigInteger, nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("identifier", LargeBinary),
    Column("made_at", _AT, nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
)
