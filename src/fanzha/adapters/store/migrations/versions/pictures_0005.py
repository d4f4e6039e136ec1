"""Pictures keep what people put on them: entries that nobody edits, and that go with their case when it is erased."""

from alembic import op

from fanzha.adapters.store.row_security import Shared, erasable, protect

revision = "0005"
down_revision = "0004"

MARKS = """
CREATE TABLE picture_mark (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  picture text COLLATE "C" NOT NULL,
  entry integer NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  kind text NOT NULL,
  made jsonb NOT NULL,
  UNIQUE (case_id, picture, entry)
)
"""


def upgrade() -> None:
    """Make the table; whoever a case is shared with sees its marks."""
    shared = Shared(kind="case", column="case_id")
    for statement in (MARKS, *erasable("picture_mark"), *protect("picture_mark", shared=shared)):
        op.execute(statement)
