"""An objection tells who makes it, as what, and how to reach them."""

from alembic import op

revision = "0017"
down_revision = "0016"

OBJECTORS = """
ALTER TABLE objection
  ADD COLUMN standing text COLLATE "C" NOT NULL DEFAULT 'holder',
  ADD COLUMN person bigint,
  ADD COLUMN phone bigint;
ALTER TABLE objection ALTER COLUMN standing DROP DEFAULT;
"""


def upgrade() -> None:
    """Make the columns; whoever objected before did so for themselves."""
    op.execute(OBJECTORS)
