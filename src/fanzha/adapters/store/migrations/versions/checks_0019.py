"""Contract checks of institutions: who ran one when, against which version of the profile, and every finding."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, covers, force

revision = "0019"
down_revision = "0018"

CHECKS = """
CREATE TABLE institution_check (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institution (id),
  version integer NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  findings jsonb NOT NULL,
  failure text,
  reason text NOT NULL
);
CREATE INDEX institution_check_at ON institution_check (institution_id, at);
"""


def upgrade() -> None:
    """Make the table; everybody of the house sees whether an institution keeps its contract."""
    seen = "(SELECT app_scope()) IS NOT NULL OR (SELECT app_system())"
    for statement in (
        CHECKS,
        *append_only("institution_check"),
        *force("institution_check"),
        f"CREATE POLICY seen ON institution_check FOR SELECT USING ({seen})",
        f"CREATE POLICY added ON institution_check FOR INSERT WITH CHECK ({covers('unit_path')})",
    ):
        op.execute(statement)
