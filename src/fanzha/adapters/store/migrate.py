"""Bring a database to this program's schema: one transaction, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_LOCK = 0x6D696772  # "migr"


def migrate(owner: Engine) -> None:
    """Apply every missing migration; a second process that starts meanwhile waits and finds nothing to do."""
    with owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        settings = _config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def missing_migrations(connection: Connection) -> list[str]:
    """The revisions that this program knows and the database has not seen, oldest first."""
    script = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    known = [each.revision for each in script.walk_revisions()][::-1]
    return known[known.index(current) + 1 :] if current in known else known


def _config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    settings.set_main_option("path_separator", "os")
    return settings
