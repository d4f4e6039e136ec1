"""Incidents and standing authorities: reported or drafted once, moved by entries, never edited."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, protect

revision = "0013"
down_revision = "0012"

INCIDENTS = """
CREATE TABLE incident (
  id uuid PRIMARY KEY,
  number text COLLATE "C" NOT NULL UNIQUE,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  reported_at timestamptz NOT NULL,
  taken_at timestamptz NOT NULL,
  taken_by_id uuid,
  taken_by text NOT NULL,
  victim bigint,
  scam_type text COLLATE "C" NOT NULL,
  paperwork_due timestamptz NOT NULL
);
CREATE INDEX incident_case ON incident (case_id);
CREATE INDEX incident_taken ON incident (unit_path, taken_at);
CREATE TABLE incident_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  incident_id uuid NOT NULL REFERENCES incident (id),
  unit_path text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  value text NOT NULL,
  subject bigint,
  payment jsonb
);
CREATE INDEX incident_entry_incident ON incident_entry (incident_id, number);
CREATE INDEX incident_entry_subject ON incident_entry (subject);
"""

AUTHORITIES = """
CREATE TABLE authority (
  id uuid PRIMARY KEY,
  number text COLLATE "C" NOT NULL UNIQUE,
  unit_path text COLLATE "C" NOT NULL,
  reach text COLLATE "C" NOT NULL,
  incident_id uuid REFERENCES incident (id),
  kinds jsonb NOT NULL,
  limits jsonb NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL,
  drafted_at timestamptz NOT NULL,
  drafted_by_id uuid NOT NULL,
  drafted_by text NOT NULL,
  reason text NOT NULL,
  needs jsonb NOT NULL
);
CREATE INDEX authority_unit ON authority (unit_path, until);
CREATE INDEX authority_incident ON authority (incident_id);
CREATE TABLE authority_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  authority_id uuid NOT NULL REFERENCES authority (id),
  unit_path text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  capacity text COLLATE "C",
  limits jsonb,
  reason text NOT NULL
);
CREATE INDEX authority_entry_authority ON authority_entry (authority_id, number);
CREATE TABLE authority_use (
  order_id uuid PRIMARY KEY REFERENCES order_file (id),
  authority_id uuid NOT NULL REFERENCES authority (id),
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL,
  account bigint NOT NULL,
  layer bigint NOT NULL,
  traceable_fen bigint NOT NULL
);
CREATE INDEX authority_use_authority ON authority_use (authority_id);
"""

INCIDENT = ("incident", "incident_entry")
AUTHORITY = ("authority", "authority_entry", "authority_use")


def upgrade() -> None:
    """Make the tables: only the unit that answers for an incident, and those above, see it.

    A city's authority covers its counties, whose own workers cannot see it: the house itself looks for them.
    """
    statements = [
        INCIDENTS,
        AUTHORITIES,
        *append_only(*INCIDENT, *AUTHORITY),
        *(each for table in INCIDENT for each in protect(table)),
        *(each for table in AUTHORITY for each in protect(table, system=True)),
    ]
    for statement in statements:
        op.execute(statement)
