"""Who was called when a clock rang, and who has seen it: never edited, so that nothing lapses unseen and unsaid."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, covers, protect

revision = "0016"
down_revision = "0015"

CALLS = """
CREATE TABLE order_call (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  order_id uuid NOT NULL REFERENCES order_file (id),
  unit_path text COLLATE "C" NOT NULL,
  clock text COLLATE "C" NOT NULL,
  weight text COLLATE "C" NOT NULL,
  rang_at timestamptz NOT NULL,
  called_at timestamptz NOT NULL,
  to_user uuid,
  to_name text NOT NULL,
  part text COLLATE "C" NOT NULL,
  level text COLLATE "C" NOT NULL,
  for_name text NOT NULL
);
CREATE INDEX order_call_order ON order_call (order_id, number);
CREATE INDEX order_call_to ON order_call (to_user, number);
CREATE INDEX order_call_rang ON order_call (rang_at);
CREATE TABLE order_call_seen (
  call_id uuid PRIMARY KEY REFERENCES order_call (id),
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  by_id uuid,
  by_name text NOT NULL
);
CREATE INDEX work_over ON work (finished_at) WHERE state IN ('done', 'cancelled');
GRANT DELETE ON work TO fanzha_app;
"""


def upgrade() -> None:
    """Make the tables; the house itself, which calls, sees who stands in for whom; rows of work may be pruned."""
    statements = [
        CALLS,
        *append_only("order_call", "order_call_seen"),
        *protect("order_call"),
        *protect("order_call_seen"),
        *(
            f"ALTER POLICY seen ON {table} USING ({covers('unit_path')} OR (SELECT app_system()))"
            for table in ("delegation", "delegation_end")
        ),
    ]
    for statement in statements:
        op.execute(statement)
