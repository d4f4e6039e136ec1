"""Institutions with the versions of their profiles, and every message of theirs as it came, sealed."""

from alembic import op

from fanzha.adapters.store.row_security import append_only, covers, disposable, erasable, force, protect_system

revision = "0008"
down_revision = "0007"

REGISTER = """
CREATE TABLE institution (
  id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  code text COLLATE "C" NOT NULL UNIQUE,
  unit_path text COLLATE "C" NOT NULL,
  added_at timestamptz NOT NULL
);
CREATE TABLE institution_profile (
  institution_id uuid NOT NULL REFERENCES institution (id),
  version integer NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  profile jsonb NOT NULL,
  sha256 text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  PRIMARY KEY (institution_id, version)
);
CREATE TABLE institution_key (
  key_id text COLLATE "C" PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institution (id),
  unit_path text COLLATE "C" NOT NULL
);
"""

INBOUND = """
CREATE TABLE institution_message (
  id uuid PRIMARY KEY,
  institution_id uuid NOT NULL REFERENCES institution (id),
  kind text NOT NULL CHECK (kind IN ('answer', 'push', 'report', 'status')),
  message_id text COLLATE "C" NOT NULL,
  received_at timestamptz NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  sha256 text NOT NULL,
  fingerprint text NOT NULL,
  seal jsonb NOT NULL,
  body bytea NOT NULL,
  UNIQUE (institution_id, kind, message_id)
);
CREATE TABLE institution_message_key (
  message_id uuid PRIMARY KEY REFERENCES institution_message (id),
  wrapped_key bytea NOT NULL
);
CREATE TABLE institution_refusal (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  institution_id uuid,
  address text NOT NULL,
  code text NOT NULL,
  place text NOT NULL,
  sha256 text NOT NULL,
  size integer NOT NULL
);
CREATE TABLE institution_nonce (
  key_id text COLLATE "C" NOT NULL,
  nonce text COLLATE "C" NOT NULL,
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (key_id, nonce)
);
CREATE INDEX ix_institution_nonce_keep_until ON institution_nonce (keep_until);
"""

ENTERED = ("institution", "institution_profile", "institution_key")
SAID = ("institution_message", "institution_message_key", "institution_refusal", "institution_nonce")


def upgrade() -> None:
    """Make the tables; everybody of the house sees the register, the house alone what institutions said."""
    op.execute(REGISTER)
    op.execute(INBOUND)
    for statement in (
        *append_only(*ENTERED, "institution_message", "institution_refusal"),
        *erasable("institution_message_key"),
        *disposable("institution_nonce"),
        *(line for table in ENTERED for line in _seen_by_all(table)),
        *(line for table in SAID for line in protect_system(table)),
    ):
        op.execute(statement)


def _seen_by_all(table: str) -> list[str]:
    """Whoever acts in the house sees the row; added within the writer's own scope."""
    return [
        *force(table),
        f"CREATE POLICY seen ON {table} FOR SELECT USING ((SELECT app_scope()) IS NOT NULL OR (SELECT app_system()))",
        f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({covers('unit_path')})",
    ]
