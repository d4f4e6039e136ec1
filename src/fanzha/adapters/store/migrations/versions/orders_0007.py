"""Orders: facts and entries that nobody edits, how each stands now, and who may sign for whom."""

from alembic import op

from fanzha.adapters.store.row_security import Shared, append_only, editable, protect

revision = "0007"
down_revision = "0006"

ORDERS = """
CREATE TABLE order_file (
  id uuid PRIMARY KEY,
  number text COLLATE "C" NOT NULL UNIQUE,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('query', 'monitor', 'stop', 'freeze', 'block')),
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  institution_id uuid NOT NULL,
  target_kind text COLLATE "C" NOT NULL,
  target bigint NOT NULL,
  holder bigint,
  holder_class text COLLATE "C" NOT NULL,
  payment jsonb,
  opened_at timestamptz NOT NULL,
  opened_by_id uuid,
  opened_by text NOT NULL
);
CREATE TABLE order_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  order_id uuid NOT NULL REFERENCES order_file (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  kind text COLLATE "C" NOT NULL,
  instruction uuid,
  told jsonb NOT NULL,
  reason text NOT NULL
);
CREATE INDEX order_entry_order ON order_entry (order_id, number);
CREATE TABLE order_application (
  application_id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES order_file (id),
  institution_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL
);
CREATE TABLE order_standing (
  order_id uuid PRIMARY KEY REFERENCES order_file (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  institution_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  target bigint NOT NULL,
  effect text COLLATE "C" NOT NULL,
  waits_for text COLLATE "C" NOT NULL,
  requested_fen bigint,
  holding_fen bigint NOT NULL,
  times smallint NOT NULL,
  ends_at timestamptz,
  opened_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX order_standing_case ON order_standing (case_id);
CREATE INDEX order_standing_target ON order_standing (target);
CREATE INDEX order_standing_changed ON order_standing (unit_path, changed_at);
CREATE INDEX order_standing_waiting ON order_standing (unit_path, waits_for) WHERE waits_for <> '';
CREATE TABLE order_number (
  year smallint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (year, kind)
);
"""

DELEGATIONS = """
CREATE TABLE delegation (
  id uuid PRIMARY KEY,
  from_user uuid NOT NULL REFERENCES user_account (id),
  to_user uuid NOT NULL REFERENCES user_account (id),
  capacity text COLLATE "C" NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL,
  reason text NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE INDEX delegation_to_user ON delegation (to_user);
CREATE TABLE delegation_end (
  delegation_id uuid PRIMARY KEY REFERENCES delegation (id),
  unit_path text COLLATE "C" NOT NULL,
  ended_by text NOT NULL,
  ended_at timestamptz NOT NULL
);
"""

CARDS = """
CREATE TABLE officer_card (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id),
  unit_path text COLLATE "C" NOT NULL,
  document_type text NOT NULL,
  document_number text NOT NULL,
  phone text NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL
);
CREATE INDEX officer_card_user ON officer_card (user_id, at);
CREATE TABLE organ_card (
  id uuid PRIMARY KEY,
  unit_path text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL
);
"""

STOPS = """
CREATE FUNCTION order_stops(wanted bigint) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(sum(times), 0)::integer FROM order_standing
  WHERE target = wanted AND kind = 'stop' AND app_actor() IS NOT NULL
$$
"""
"""How often orders of any unit have stopped an account, and nothing else of them: the law counts by account."""


def upgrade() -> None:
    """Make the tables; whoever a case is shared with sees its orders, and the house finds an application's order."""
    shared = Shared(kind="case", column="case_id")
    statements = [
        ORDERS,
        DELEGATIONS,
        CARDS,
        *append_only("order_file", "order_entry", "order_application", "delegation", "delegation_end"),
        *append_only("officer_card", "organ_card"),
        *editable("order_standing", "order_number"),
        *protect("order_file", shared=shared),
        *protect("order_entry", shared=shared),
        *protect("order_standing", shared=shared),
        "CREATE POLICY house ON order_standing FOR SELECT TO fanzha_owner USING (true)",
        STOPS,
        *protect("order_application", system=True),
        *protect("delegation"),
        *protect("delegation_end"),
        *protect("officer_card", system=True),
    ]
    for statement in statements:
        op.execute(statement)
