"""Which cases were joined to a case is one look: a chase asks it each round."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Find the entries that join a case to another by that other's reference."""
    op.execute("CREATE INDEX case_entry_joined ON case_entry (value) WHERE kind = 'joined'")
