"""Which messages of institutions belong to which case, and what they tell of accounts and holders."""

from alembic import op

from fanzha.adapters.store.row_security import Shared, append_only, protect

revision = "0014"
down_revision = "0013"

MESSAGES = """
CREATE TABLE case_message (
  message_id uuid NOT NULL REFERENCES institution_message (id),
  said_id text COLLATE "C" NOT NULL,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  order_id uuid,
  institution_id uuid NOT NULL,
  import_id uuid,
  rows integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (message_id, said_id)
);
CREATE INDEX case_message_case ON case_message (case_id, at);
CREATE INDEX case_message_order ON case_message (order_id);
CREATE INDEX case_message_import ON case_message (import_id);
"""

FACTS = """
CREATE TABLE institution_fact (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  order_id uuid NOT NULL,
  institution_id uuid NOT NULL,
  message_id uuid NOT NULL,
  said_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject_id bigint NOT NULL,
  at timestamptz NOT NULL,
  told jsonb NOT NULL
);
CREATE INDEX institution_fact_case ON institution_fact (case_id, number);
CREATE INDEX institution_fact_order ON institution_fact (order_id, number);
"""

TABLES = ("case_message", "institution_fact")


def upgrade() -> None:
    """Make the tables; whoever sees the case sees which messages it has and what they tell."""
    of_case = Shared(kind="case", column="case_id")
    for statement in (
        MESSAGES,
        FACTS,
        *append_only(*TABLES),
        *(line for table in TABLES for line in protect(table, shared=of_case)),
    ):
        op.execute(statement)
