"""People, their roles, and how they come in."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_AT = TIMESTAMP(timezone=True)

user_account = Table(
    "user_account",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("login", Text(collation="C"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("unit_path", PATH, ForeignKey("unit.path"), nullable=False),
    Column("password_hash", Text),
    Column("password_set_at", _AT),
    Column("must_change", Boolean, nullable=False),
    Column("disabled_at", _AT),
    Column("expires_at", _AT),
    Column("created_at", _AT, nullable=False),
    Column("added_by", Text, nullable=False),
)

role_assignment = Table(
    "role_assignment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("unit_path", PATH, ForeignKey("unit.path"), nullable=False),
    Column("institution_id", Uuid, ForeignKey("institution.id")),
    Column("valid_from", _AT, nullable=False),
    Column("valid_until", _AT),
    Column("given_by", Text, nullable=False),
    Column("given_at", _AT, nullable=False),
    Index("role_assignment_user", "user_id"),
)

role_end = Table(
    "role_end",
    metadata,
    Column("assignment_id", Uuid, ForeignKey("role_assignment.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("ended_at", _AT, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("scope", PATH, ForeignKey("unit.path"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", _AT, nullable=False),
    Column("last_seen_at", _AT, nullable=False),
    Column("expires_at", _AT, nullable=False),
    Column("ended_at", _AT),
    Index("session_user_id", "user_id"),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    Column("login_hash", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", _AT, nullable=False),
    Column("locked_until", _AT),
    Index("login_attempt_last_at", "last_at"),
)

login_link = Table(
    "login_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", _AT, nullable=False),
    Column("expires_at", _AT, nullable=False),
    Column("used_at", _AT),
)

sharing_grant = Table(
    "sharing_grant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("unit_path", PATH, ForeignKey("unit.path"), nullable=False),
    Column("to_unit", PATH, ForeignKey("unit.path"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("until", _AT, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_at", _AT, nullable=False),
    Index("sharing_grant_object", "object_kind", "object_id"),
)

sharing_end = Table(
    "sharing_end",
    metadata,
    Column("grant_id", Uuid, ForeignKey("sharing_grant.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("ended_at", _AT, nullable=False),
)
