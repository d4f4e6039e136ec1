"""A case can end as erased, and it is known who added an account."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "ALTER TABLE case_file DROP CONSTRAINT case_file_state_check",
    """
    ALTER TABLE case_file ADD CONSTRAINT case_file_state_check
      CHECK (state IN ('preliminary', 'filed', 'dismissed', 'closed', 'erased'))
    """,
    "ALTER TABLE user_account ADD COLUMN added_by text NOT NULL DEFAULT ''",
    "ALTER TABLE user_account ALTER COLUMN added_by DROP DEFAULT",
)
"""Accounts made before this were made by nobody known, which hinders nobody."""


def upgrade() -> None:
    """Widen the states of a case; name who adds an account from now on."""
    for statement in STATEMENTS:
        op.execute(statement)
