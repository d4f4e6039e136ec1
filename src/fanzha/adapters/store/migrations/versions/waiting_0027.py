"""Whoever takes due rows finds them by their kind: by the list's index a look reads all that waits."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """While the table is small both look alike to the planner, and a worker keeps the plan that it made then."""
    op.execute("DROP INDEX work_waiting")
    op.execute("CREATE INDEX work_waiting ON work (due_at, id) WHERE state = 'waiting' AND attempts >= 0")
