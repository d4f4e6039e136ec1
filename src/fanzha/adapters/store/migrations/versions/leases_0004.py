"""A running import is held by a lease, as work is; work says whether it is large."""

from alembic import op

from fanzha.adapters.store.row_security import disposable, protect

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE import_lease (
      import_id uuid PRIMARY KEY REFERENCES statement_import (id),
      unit_path text COLLATE "C" NOT NULL,
      until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX import_lease_until ON import_lease (until)",
    "ALTER TABLE work ADD COLUMN large boolean NOT NULL DEFAULT false",
    "ALTER TABLE work ALTER COLUMN large DROP DEFAULT",
    "ALTER TABLE statement_import NO FORCE ROW LEVEL SECURITY",
    "INSERT INTO import_lease SELECT id, unit_path, at FROM statement_import WHERE state = 'running'",
    "ALTER TABLE statement_import FORCE ROW LEVEL SECURITY",
)
"""Imports that run while this is applied belong to processes of the program before this one, which have ended."""


def upgrade() -> None:
    """Make the leases, one also for each import that broke off before there were any."""
    for statement in (*STATEMENTS, *disposable("import_lease"), *protect("import_lease", system=True)):
        op.execute(statement)
