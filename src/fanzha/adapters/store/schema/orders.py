"""Orders: what they are, every entry that moved them, and how they stand for lists and locks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
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
_WORD = Text(collation="C")

order_file = Table(
    "order_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", _WORD, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("institution_id", Uuid, nullable=False),
    Column("target_kind", _WORD, nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("holder", BigInteger),
    Column("holder_class", _WORD, nullable=False),
    Column("payment", JSONB),
    Column("opened_at", _AT, nullable=False),
    Column("opened_by_id", Uuid),
    Column("opened_by", Text, nullable=False),
    UniqueConstraint("number"),
)

order_entry = Table(
    "order_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("order_id", Uuid, ForeignKey("order_file.id"), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("at", _AT, nullable=False),
    Column("actor_id", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("instruction", Uuid),
    Column("told", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Index("order_entry_order", "order_id", "number"),
)

order_application = Table(
    "order_application",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("order_file.id"), nullable=False),
    Column("institution_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
)

order_standing = Table(
    "order_standing",
    metadata,
    Column("order_id", Uuid, ForeignKey("order_file.id"), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("institution_id", Uuid, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("effect", _WORD, nullable=False),
    Column("waits_for", _WORD, nullable=False),
    Column("requested_fen", BigInteger),
    Column("holding_fen", BigInteger, nullable=False),
    Column("times", SmallInteger, nullable=False),
    Column("ends_at", _AT),
    Column("opened_at", _AT, nullable=False),
    Column("changed_at", _AT, nullable=False),
    Column("sent_at", _AT),
    Column("answered_at", _AT),
    Column("code", _WORD),
    Column("began_at", _AT),
    Column("held_fen", BigInteger),
    Column("traceable_fen", BigInteger),
    Column("unrelated_at", _AT),
    Index("order_standing_case", "case_id"),
    Index("order_standing_target", "target"),
    Index("order_standing_sent", "unit_path", "sent_at"),
    Index("order_standing_changed", "unit_path", "changed_at"),
    Index("order_standing_waiting", "unit_path", "waits_for", postgresql_where=text("waits_for <> ''")),
)

order_number = Table(
    "order_number",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", _WORD, primary_key=True),
    Column("last", Integer, nullable=False),
)

delegation = Table(
    "delegation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("from_user", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("to_user", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("capacity", _WORD, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("since", _AT, nullable=False),
    Column("until", _AT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_at", _AT, nullable=False),
    Index("delegation_to_user", "to_user"),
)

delegation_end = Table(
    "delegation_end",
    metadata,
    Column("delegation_id", Uuid, ForeignKey("delegation.id"), primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("ended_at", _AT, nullable=False),
)

officer_card = Table(
    "officer_card",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("user_account.id"), nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("by", Text, nullable=False),
    Index("officer_card_user", "user_id", "at"),
)

organ_card = Table(
    "organ_card",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("unit_path", PATH, nullable=False),
    Column("code", _WORD, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", _AT, nullable=False),
    Column("by", Text, nullable=False),
)
