"""Institutions, the versions of their profiles, and what they said to us."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

institution = Table(
    "institution",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", PATH, nullable=False, unique=True),
    Column("code", PATH, nullable=False, unique=True),
    Column("unit_path", PATH, nullable=False),
    Column("added_at", TIMESTAMP(timezone=True), nullable=False),
)

institution_profile = Table(
    "institution_profile",
    metadata,
    Column("institution_id", Uuid, ForeignKey("institution.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("unit_path", PATH, nullable=False),
    Column("profile", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
)

institution_key = Table(
    "institution_key",
    metadata,
    Column("key_id", PATH, primary_key=True),
    Column("institution_id", Uuid, ForeignKey("institution.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
)

institution_message = Table(
    "institution_message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("institution_id", Uuid, ForeignKey("institution.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("message_id", PATH, nullable=False),
    Column("received_at", TIMESTAMP(timezone=True), nullable=False),
    Column("key_id", PATH, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("seal", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("institution_id", "kind", "message_id"),
)

institution_message_key = Table(
    "institution_message_key",
    metadata,
    Column("message_id", Uuid, ForeignKey("institution_message.id"), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
)

institution_message_case = Table(
    "institution_message_case",
    metadata,
    Column("message_id", Uuid, ForeignKey("institution_message.id"), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Index("institution_message_case_case", "case_id"),
)

institution_refusal = Table(
    "institution_refusal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", TIMESTAMP(timezone=True), nullable=False),
    Column("institution_id", Uuid),
    Column("address", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
)

institution_nonce = Table(
    "institution_nonce",
    metadata,
    Column("key_id", PATH, primary_key=True),
    Column("nonce", PATH, primary_key=True),
    Column("keep_until", TIMESTAMP(timezone=True), nullable=False, index=True),
)
