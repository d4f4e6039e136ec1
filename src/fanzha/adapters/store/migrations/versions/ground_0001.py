"""The ground: instance, clock, units, people, sessions, grants, audit, work."""

from alembic import op

from fanzha.adapters.store.row_security import (
    SETTING_FUNCTIONS,
    append_only,
    covers,
    disposable,
    editable,
    force,
    protect,
    protect_system,
)

revision = "0001"
down_revision = None

PLACE = """
CREATE TABLE instance (
  single smallint PRIMARY KEY CHECK (single = 1),
  id uuid NOT NULL,
  birth text NOT NULL CHECK (birth IN ('live', 'exercise')),
  keys_fingerprint text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE business_clock (
  single smallint PRIMARY KEY CHECK (single = 1),
  origin timestamptz NOT NULL,
  epoch timestamptz NOT NULL,
  speed double precision NOT NULL CHECK (speed >= 0)
);
CREATE TABLE unit (
  path text COLLATE "C" PRIMARY KEY,
  level text NOT NULL CHECK (level IN ('city', 'county', 'station')),
  name_zh text NOT NULL,
  name_en text NOT NULL,
  contact text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE unit_division (
  unit_path text COLLATE "C" NOT NULL REFERENCES unit (path),
  valid_from date NOT NULL,
  division_code text NOT NULL,
  PRIMARY KEY (unit_path, valid_from)
);
"""

PEOPLE = """
CREATE TABLE user_account (
  id uuid PRIMARY KEY,
  login text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  unit_path text COLLATE "C" NOT NULL REFERENCES unit (path),
  password_hash text,
  password_set_at timestamptz,
  must_change boolean NOT NULL,
  disabled_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE TABLE role_assignment (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id),
  role text NOT NULL,
  unit_path text COLLATE "C" NOT NULL REFERENCES unit (path),
  valid_from timestamptz NOT NULL,
  valid_until timestamptz,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE INDEX role_assignment_user ON role_assignment (user_id);
CREATE TABLE role_end (
  assignment_id uuid PRIMARY KEY REFERENCES role_assignment (id),
  unit_path text COLLATE "C" NOT NULL,
  ended_by text NOT NULL,
  ended_at timestamptz NOT NULL
);
CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id),
  scope text COLLATE "C" NOT NULL REFERENCES unit (path),
  csrf text NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX session_user_id ON session (user_id);
CREATE TABLE login_attempt (
  login_hash bytea PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX login_attempt_last_at ON login_attempt (last_at);
CREATE TABLE login_link (
  token_hash bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES user_account (id),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE TABLE sharing_grant (
  id uuid PRIMARY KEY,
  object_kind text NOT NULL,
  object_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL REFERENCES unit (path),
  to_unit text COLLATE "C" NOT NULL REFERENCES unit (path),
  purpose text NOT NULL,
  until timestamptz NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE INDEX sharing_grant_object ON sharing_grant (object_kind, object_id);
CREATE TABLE sharing_end (
  grant_id uuid PRIMARY KEY REFERENCES sharing_grant (id),
  unit_path text COLLATE "C" NOT NULL,
  ended_by text NOT NULL,
  ended_at timestamptz NOT NULL
);
"""

AUDIT = """
CREATE TABLE audit_entry (
  id uuid PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  action text NOT NULL,
  object_kind text NOT NULL,
  object_id text NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  purpose text NOT NULL,
  detail jsonb NOT NULL
);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id, seq);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE TABLE audit_unsealed (
  entry_id uuid PRIMARY KEY REFERENCES audit_entry (id)
);
CREATE TABLE audit_seal (
  number bigint PRIMARY KEY CHECK (number > 0),
  at timestamptz NOT NULL,
  entries integer NOT NULL CHECK (entries > 0),
  previous bytea NOT NULL,
  link bytea NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL
);
CREATE TABLE audit_sealed (
  seal bigint NOT NULL REFERENCES audit_seal (number),
  position integer NOT NULL,
  entry_id uuid NOT NULL UNIQUE REFERENCES audit_entry (id),
  link bytea NOT NULL,
  PRIMARY KEY (seal, position)
);
"""

WORK = """
CREATE TABLE work (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  key text NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'stuck')),
  due_at timestamptz NOT NULL,
  not_before timestamptz,
  lease_id uuid,
  lease_until timestamptz,
  attempts integer NOT NULL,
  payload jsonb NOT NULL,
  progress jsonb NOT NULL,
  last_error jsonb,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (kind, key)
);
CREATE INDEX work_open ON work (due_at) WHERE state IN ('waiting', 'running');
"""


def upgrade() -> None:
    """Make the tables, then say who sees and who may change them."""
    for part in (SETTING_FUNCTIONS, PLACE, PEOPLE, AUDIT, WORK):
        op.execute(part)
    for statement in [*_rights(), *_sight(), *_audit_sight()]:
        op.execute(statement)


def _rights() -> list[str]:
    return [
        *append_only("instance", "unit_division", "role_assignment", "role_end", "sharing_grant", "sharing_end"),
        *append_only("audit_entry", "audit_seal", "audit_sealed"),
        *editable("business_clock", "unit", "user_account", "session", "login_link", "work"),
        *disposable("audit_unsealed", "login_attempt"),
        "GRANT SELECT ON alembic_version TO fanzha_app",
    ]


def _sight() -> list[str]:
    seen_grants = f"{covers('unit_path')} OR {covers('to_unit')}"
    ended_seen = "EXISTS (SELECT 1 FROM sharing_grant g WHERE g.id = grant_id)"
    return [
        *protect("user_account", system=True),
        *protect("role_assignment", system=True),
        *protect("role_end", system=True),
        *protect_system("session"),
        *protect_system("login_attempt"),
        *protect_system("login_link"),
        *protect("work", system=True),
        *force("sharing_grant"),
        f"CREATE POLICY seen ON sharing_grant FOR SELECT USING ({seen_grants})",
        f"CREATE POLICY added ON sharing_grant FOR INSERT WITH CHECK ({covers('unit_path')})",
        *force("sharing_end"),
        f"CREATE POLICY seen ON sharing_end FOR SELECT USING ({ended_seen})",
        f"CREATE POLICY added ON sharing_end FOR INSERT WITH CHECK ({covers('unit_path')})",
    ]


def _audit_sight() -> list[str]:
    """Everybody writes entries of any unit, in their own name; the house writes log-ins in the person's name."""
    own_name = "actor_name = (SELECT app_actor()) OR (SELECT app_system())"
    return [
        *force("audit_entry"),
        f"CREATE POLICY seen ON audit_entry FOR SELECT USING ({covers('unit_path')} OR (SELECT app_system()))",
        f"CREATE POLICY added ON audit_entry FOR INSERT WITH CHECK ({own_name})",
        *force("audit_unsealed"),
        "CREATE POLICY added ON audit_unsealed FOR INSERT WITH CHECK ((SELECT app_actor()) IS NOT NULL)",
        "CREATE POLICY taken ON audit_unsealed USING ((SELECT app_system()))",
        *protect_system("audit_sealed"),
    ]
