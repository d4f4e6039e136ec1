"""An instance knows when it was restored and from which instant it goes on."""

from alembic import op

from fanzha.adapters.store.row_security import append_only

revision = "0011"
down_revision = "0010"

RESTORATION = """
CREATE TABLE restoration (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  restored_at timestamptz NOT NULL,
  backed_up_at timestamptz NOT NULL
)
"""


def upgrade() -> None:
    """Make the table; everybody may read it, nobody edits it."""
    for statement in (RESTORATION, *append_only("restoration")):
        op.execute(statement)
