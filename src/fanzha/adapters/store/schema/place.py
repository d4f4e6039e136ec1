"""The instance, its clock, and the tree of units."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKey, Identity, Integer, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

from fanzha.adapters.store.schema import PATH, metadata

instance = Table(
    "instance",
    metadata,
    Column("single", SmallInteger, primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False),
    Column("birth", Text, nullable=False),
    Column("keys_fingerprint", Text, nullable=False),
    Column("created_at", TIMESTAMP(timezone=True), nullable=False),
)

business_clock = Table(
    "business_clock",
    metadata,
    Column("single", SmallInteger, primary_key=True, autoincrement=False),
    Column("origin", TIMESTAMP(timezone=True), nullable=False),
    Column("epoch", TIMESTAMP(timezone=True), nullable=False),
    Column("speed", Double, nullable=False),
)

restoration = Table(
    "restoration",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("restored_at", TIMESTAMP(timezone=True), nullable=False),
    Column("backed_up_at", TIMESTAMP(timezone=True), nullable=False),
)

unit = Table(
    "unit",
    metadata,
    Column("path", PATH, primary_key=True),
    Column("level", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("created_at", TIMESTAMP(timezone=True), nullable=False),
)

unit_division = Table(
    "unit_division",
    metadata,
    Column("unit_path", PATH, ForeignKey("unit.path"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("division_code", Text, nullable=False),
)
