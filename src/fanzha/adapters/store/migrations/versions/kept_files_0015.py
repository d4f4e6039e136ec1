"""Files kept sealed with a case, each under a key that dies with it; messages of institutions know their case."""

from alembic import op

from fanzha.adapters.store.row_security import Shared, append_only, erasable, protect, protect_system

revision = "0015"
down_revision = "0014"

FILES = """
CREATE TABLE kept_file (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('snapshot', 'paper')),
  sha256 text COLLATE "C" NOT NULL,
  size integer NOT NULL,
  media_type text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  UNIQUE (case_id, sha256)
);
CREATE TABLE kept_file_key (
  file_id uuid PRIMARY KEY REFERENCES kept_file (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  wrapped_key bytea NOT NULL
);
CREATE INDEX kept_file_key_case ON kept_file_key (case_id);
ALTER TABLE order_paper ADD COLUMN template smallint NOT NULL DEFAULT 1;
ALTER TABLE order_paper ALTER COLUMN template DROP DEFAULT;
"""

MESSAGES = """
CREATE TABLE institution_message_case (
  message_id uuid PRIMARY KEY REFERENCES institution_message (id),
  case_id uuid NOT NULL
);
CREATE INDEX institution_message_case_case ON institution_message_case (case_id);
"""

KNOWN = """
INSERT INTO institution_message_case (message_id, case_id)
SELECT m.id, o.case_id FROM institution_message m
JOIN work w ON w.kind = 'institution_message' AND w.payload ->> 'message' = m.id::text
JOIN order_file o ON o.number = w.progress ->> 'order'
"""
"""Of what was kept before: the work that gave a message its effect names the order."""

CASE = """
CREATE FUNCTION application_case(wanted uuid) RETURNS TABLE (case_id uuid, erased boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.case_id, c.state = 'erased' FROM order_application a
  JOIN order_file f ON f.id = a.order_id JOIN case_file c ON c.id = f.case_id
  WHERE a.application_id = wanted AND app_system()
$$
"""
"""To which case an application id belongs, and whether that is erased: told to the house itself, and nothing else."""
_LOOKED_INTO = ("order_file", "case_file")
_READ_FROM = ("order_file", "work", "institution_message")


def upgrade() -> None:
    """Make the tables, seen by whoever sees the case; link what institutions said before."""
    shared = Shared(kind="case", column="case_id")
    statements = [
        FILES,
        *append_only("kept_file"),
        *erasable("kept_file_key"),
        *protect("kept_file", shared=shared),
        *protect("kept_file_key", shared=shared),
        MESSAGES,
        *append_only("institution_message_case"),
        *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in _READ_FROM),
        KNOWN,
        *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in _READ_FROM),
        *(f"CREATE POLICY house ON {table} FOR SELECT TO fanzha_owner USING (true)" for table in _LOOKED_INTO),
        CASE,
        *protect_system("institution_message_case"),
    ]
    for statement in statements:
        op.execute(statement)
