"""People handle work: what they did about a row and why stays, and a row may have a named handler."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, protect

revision = "0009"
down_revision = "0008"

WORK = """
ALTER TABLE work ADD COLUMN handler_id uuid, ADD COLUMN handler text;
ALTER TABLE work DROP CONSTRAINT work_state_check;
ALTER TABLE work ADD CONSTRAINT work_state_check
  CHECK (state IN ('waiting', 'running', 'done', 'stuck', 'cancelled'));
CREATE INDEX work_waiting ON work (due_at, id) WHERE state = 'waiting';
CREATE INDEX work_stuck ON work (due_at, id) WHERE state = 'stuck'
"""

ENTRIES = """
CREATE TABLE work_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  work_id uuid NOT NULL REFERENCES work (id),
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('retried', 'handed_over', 'cancelled')),
  to_name text NOT NULL,
  reason text NOT NULL
);
CREATE INDEX work_entry_work ON work_entry (work_id, number)
"""


def upgrade() -> None:
    """Add the handler and the entries; an entry is never edited."""
    for statement in (WORK, ENTRIES, *append_only("work_entry"), *protect("work_entry")):
        op.execute(statement)
