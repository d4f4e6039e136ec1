"""Papers of orders: the facts that each was made of, under a number that is never used again."""

from alembic import op

from fanzha.adapters.store.row_security import Shared, append_only, protect

revision = "0010"
down_revision = "0009"

PAPERS = """
CREATE TABLE order_paper (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES order_file (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  instruction uuid,
  form text COLLATE "C" NOT NULL,
  number text NOT NULL UNIQUE,
  issued_at timestamptz NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  facts jsonb NOT NULL
);
CREATE INDEX order_paper_order ON order_paper (order_id, issued_at);
"""


def upgrade() -> None:
    """Make the tables; whoever a case is shared with sees which papers its orders have."""
    statements = [
        PAPERS,
        *append_only("order_paper"),
        *protect("order_paper", shared=Shared(kind="case", column="case_id")),
    ]
    for statement in statements:
        op.execute(statement)
