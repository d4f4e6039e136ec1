"""Incidents, what happened to them and how each stands; standing authorities and what left under them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

_AT = TIMESTAMP(timezone=True)
_WORD = Text(collation="C")

incident = Table(
    "incident",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", _WORD, nullable=False),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("source", _WORD, nullable=False),
    Column("reported_at", _AT, nullable=False),
    Column("taken_at", _AT, nullable=False),
    Column("taken_by_id", Uuid),
    Column("taken_by", Text, nullable=False),
    Column("victim", BigInteger),
    Column("scam_type", _WORD, nullable=False),
    Column("paperwork_due", _AT, nullable=False),
    UniqueConstraint("number"),
    Index("incident_case", "case_id"),
    Index("incident_taken", "unit_path", "taken_at"),
)

incident_entry = Table(
    "incident_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("incident_id", Uuid, ForeignKey("incident.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("subject", BigInteger),
    Column("payment", JSONB(none_as_null=True)),
    Index("incident_entry_incident", "incident_id", "number"),
    Index("incident_entry_subject", "subject"),
)

incident_standing = Table(
    "incident_standing",
    metadata,
    Column("incident_id", Uuid, ForeignKey("incident.id"), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("state", _WORD, nullable=False),
    Column("taken_at", _AT, nullable=False),
    Column("lost_fen", BigInteger, nullable=False),
    Column("held_fen", BigInteger, nullable=False),
    Column("recoverable_fen", BigInteger, nullable=False),
    Column("doubtful_fen", BigInteger, nullable=False),
    Column("gone_fen", BigInteger, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("looked_at", _AT),
    Column("paid_at", _AT),
    Index("incident_standing_stake", "unit_path", "state", "recoverable_fen"),
    Index("incident_standing_case", "case_id"),
)

authority = Table(
    "authority",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", _WORD, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("reach", _WORD, nullable=False),
    Column("incident_id", Uuid, ForeignKey("incident.id")),
    Column("kinds", JSONB, nullable=False),
    Column("limits", JSONB, nullable=False),
    Column("since", _AT, nullable=False),
    Column("until", _AT, nullable=False),
    Column("drafted_at", _AT, nullable=False),
    Column("drafted_by_id", Uuid, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("needs", JSONB, nullable=False),
    UniqueConstraint("number"),
    Index("authority_unit", "unit_path", "until"),
    Index("authority_incident", "incident_id", "until"),
)

authority_entry = Table(
    "authority_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("authority_id", Uuid, ForeignKey("authority.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("capacity", _WORD),
    Column("limits", JSONB(none_as_null=True)),
    Column("reason", Text, nullable=False),
    Index("authority_entry_authority", "authority_id", "number"),
)

authority_use = Table(
    "authority_use",
    metadata,
    Column("order_id", Uuid, ForeignKey("order_file.id"), primary_key=True),
    Column("authority_id", Uuid, ForeignKey("authority.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", _AT, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("layer", BigInteger, nullable=False),
    Column("traceable_fen", BigInteger, nullable=False),
    Index("authority_use_authority", "authority_id"),
)
