"""Objections of people whom an order restricts: what they said and what became of it, never edited."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, protect

revision = "0012"
down_revision = "0011"

OBJECTIONS = """
CREATE TABLE objection (
  id uuid PRIMARY KEY,
  number text COLLATE "C" NOT NULL UNIQUE,
  order_id uuid NOT NULL REFERENCES order_file (id),
  unit_path text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  says text NOT NULL,
  evidence jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  received_by_id uuid,
  received_by text NOT NULL,
  alarm_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX objection_order ON objection (order_id);
CREATE INDEX objection_received ON objection (unit_path, received_at);
CREATE TABLE objection_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  objection_id uuid NOT NULL REFERENCES objection (id),
  unit_path text COLLATE "C" NOT NULL,
  move text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  reason text NOT NULL
);
CREATE INDEX objection_entry_objection ON objection_entry (objection_id, number);
"""


def upgrade() -> None:
    """Make the tables; only the unit that restricts, and those above, see who objects."""
    statements = [
        OBJECTIONS,
        *append_only("objection", "objection_entry"),
        *protect("objection"),
        *protect("objection_entry"),
    ]
    for statement in statements:
        op.execute(statement)
