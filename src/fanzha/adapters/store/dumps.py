"""A copy of the whole database as of one instant, and a database made of such a copy, by the server's own programs.

The copy is logical: a newer major version reads what an older one wrote, which is also how the folder is upgraded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from fanzha.adapters.store.server import SUPERUSER
from fanzha.adapters.store.whole_database import WholeDatabase
from fanzha.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """One instant of a database: `connection` sees it, and a copy made meanwhile holds exactly it."""

    connection: Connection
    database: WholeDatabase
    snapshot: str

    def dump(self, to: Path) -> None:
        """Write the copy to a new file."""
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            refused = self.database.run("pg_dump", "-Fc", f"--snapshot={self.snapshot}", target=file)
        if refused:
            raise Unavailable("backup.database_not_copied", reason=refused[-400:])

    def server_major(self) -> int:
        """The major version of the server."""
        return int(str(self.connection.scalar(text("SHOW server_version_num")))) // 10_000


@contextmanager
def instant(database: WholeDatabase) -> Iterator[Instant]:
    """Now, held still while the block runs; everybody else goes on working."""
    engine = create_engine(database.url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        yield Instant(connection=connection, database=database, snapshot=snapshot)


def load_dump(database: WholeDatabase, source: Path) -> None:
    """Fill an empty database from a copy: all of it or nothing; what is in it belongs to whoever fills it."""
    name = str(database.url.database)
    owned = () if database.url.username == SUPERUSER else ("--no-owner", "--no-comments")
    with source.open("rb") as file:
        refused = database.run("pg_restore", "--single-transaction", "--exit-on-error", *owned, "-d", name, source=file)
    if refused:
        raise Unavailable("backup.database_not_restored", reason=refused[-400:])
