"""Bring a database to this program's schema: one transaction, one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x6D696772  # "migr"
_MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(owner: Engine) -> None:
    """Apply every missing migration; a second process that starts meanwhile waits and finds nothing to do."""
    with owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if missing_migrations(connection):
            from alembic import command  # every command opens the store; only this one needs so large a library

            settings = _config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def missing_migrations(connection: Connection) -> list[str]:
    """The revisions that this program knows and the database has not seen, oldest first."""
    known = known_migrations()
    current = _current(connection)
    return known[known.index(current) + 1 :] if current in known else known


def known_migrations() -> list[str]:
    """The revisions that this program knows, oldest first."""
    return sorted(each.stem.rpartition("_")[2] for each in _MIGRATIONS.glob("versions/[!_]*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config() -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    return settings
