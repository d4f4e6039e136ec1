"""Evidence: cases, imports, what they mention, and the vault of identifiers."""

from alembic import op

from fanzha.adapters.store.row_security import APP, Shared, append_only, disposable, editable, force, protect

revision = "0002"
down_revision = "0001"

CASES = """
CREATE TABLE case_file (
  id uuid PRIMARY KEY,
  ref text COLLATE "C" NOT NULL UNIQUE,
  title text NOT NULL,
  unit_path text COLLATE "C" NOT NULL REFERENCES unit (path),
  state text NOT NULL CHECK (state IN ('preliminary', 'filed', 'dismissed', 'closed')),
  since timestamptz NOT NULL,
  retention text NOT NULL,
  held boolean NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by text NOT NULL
);
CREATE INDEX case_file_opened ON case_file (unit_path, opened_at);
CREATE TABLE case_number (
  year smallint PRIMARY KEY,
  last integer NOT NULL
);
CREATE TABLE case_entry (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  kind text NOT NULL,
  value text NOT NULL,
  reason text NOT NULL
);
CREATE INDEX case_entry_case ON case_entry (case_id, number);
CREATE TABLE case_link (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  subject_id bigint NOT NULL,
  kind text NOT NULL,
  role text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL
);
CREATE INDEX case_link_case ON case_link (case_id);
CREATE INDEX case_link_subject ON case_link (subject_id);
CREATE TABLE case_link_end (
  link_id uuid PRIMARY KEY REFERENCES case_link (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL
);
"""

IMPORTS = """
CREATE TABLE statement_import (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  finished_at timestamptz,
  fault text NOT NULL,
  fault_fields jsonb NOT NULL,
  excluded boolean NOT NULL,
  wrapped_key bytea,
  rows integer NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  erased_at timestamptz
);
CREATE INDEX statement_import_case ON statement_import (case_id, at);
CREATE TABLE import_standing (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  import_id uuid NOT NULL REFERENCES statement_import (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  excluded boolean NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL
);
CREATE INDEX import_standing_import ON import_standing (import_id);
CREATE TABLE import_file (
  import_id uuid NOT NULL REFERENCES statement_import (id),
  position integer NOT NULL,
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  PRIMARY KEY (import_id, position)
);
CREATE INDEX import_file_sha256 ON import_file (sha256);
CREATE TABLE import_source (
  import_id uuid NOT NULL REFERENCES statement_import (id),
  position integer NOT NULL,
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  key text NOT NULL,
  path text NOT NULL,
  leaf_sha256 text NOT NULL,
  encoding text NOT NULL,
  format_id text NOT NULL,
  certainty double precision NOT NULL,
  mapping jsonb NOT NULL,
  preamble integer NOT NULL,
  header integer NOT NULL,
  blank integer NOT NULL,
  total integer NOT NULL,
  accepted integer NOT NULL,
  rejected integer NOT NULL,
  reasons jsonb NOT NULL,
  notes jsonb NOT NULL,
  fault text NOT NULL,
  fault_fields jsonb NOT NULL,
  draft text NOT NULL,
  unread_rows integer NOT NULL,
  PRIMARY KEY (import_id, position)
);
CREATE INDEX import_source_leaf ON import_source (leaf_sha256);
CREATE TABLE import_fault (
  import_id uuid NOT NULL REFERENCES statement_import (id),
  position integer NOT NULL,
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  place text NOT NULL,
  code text NOT NULL,
  fields jsonb NOT NULL,
  lost boolean NOT NULL,
  PRIMARY KEY (import_id, position)
);
CREATE TABLE case_subject (
  case_id uuid NOT NULL,
  subject_id bigint NOT NULL,
  role text NOT NULL,
  import_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  PRIMARY KEY (case_id, subject_id, role, import_id)
);
CREATE INDEX case_subject_import ON case_subject (import_id);
CREATE INDEX case_subject_subject ON case_subject (subject_id);
"""

FINDINGS = """
CREATE TABLE reconciliation (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES case_file (id),
  unit_path text COLLATE "C" NOT NULL,
  inputs text NOT NULL,
  made_at timestamptz NOT NULL,
  wrapped_key bytea NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  counts jsonb NOT NULL,
  UNIQUE (case_id, inputs)
);
CREATE TABLE reconciliation_import (
  reconciliation_id uuid NOT NULL REFERENCES reconciliation (id) ON DELETE CASCADE,
  import_id uuid NOT NULL REFERENCES statement_import (id),
  unit_path text COLLATE "C" NOT NULL,
  PRIMARY KEY (reconciliation_id, import_id)
);
CREATE INDEX reconciliation_import_import ON reconciliation_import (import_id);
CREATE TABLE case_account (
  reconciliation_id uuid NOT NULL REFERENCES reconciliation (id) ON DELETE CASCADE,
  node integer NOT NULL,
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  subject_id bigint NOT NULL,
  has_statement boolean NOT NULL,
  facts jsonb NOT NULL,
  PRIMARY KEY (reconciliation_id, node)
);
"""

VAULT = """
CREATE TABLE subject (
  id bigint PRIMARY KEY,
  kind text NOT NULL,
  fingerprint bigint NOT NULL,
  wrapped_key bytea,
  identifier bytea,
  made_at timestamptz NOT NULL
);
CREATE TABLE erasure (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  object_kind text NOT NULL,
  object_id text NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL
);
"""

SIGHTINGS = """
CREATE FUNCTION subject_sightings(ids bigint[]) RETURNS TABLE (subject_id bigint, unit_path text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.subject_id, c.unit_path FROM case_subject c
  WHERE c.subject_id = ANY (ids) AND app_actor() IS NOT NULL
  UNION
  SELECT l.subject_id, l.unit_path FROM case_link l
  WHERE l.subject_id = ANY (ids) AND app_actor() IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM case_link_end e WHERE e.link_id = l.id)
$$
"""
"""Which units hold a case with a subject, and nothing else of it: whom to call (law 12)."""

KNOWN = """
CREATE FUNCTION subject_known(ids bigint[]) RETURNS TABLE (id bigint, fingerprint bigint, erased boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.fingerprint, s.wrapped_key IS NULL FROM subject s
  WHERE s.id = ANY (ids) AND app_actor() IS NOT NULL
$$
"""
"""Which subject ids the vault holds, to see collisions; whose they are it does not tell."""

ORPHANS = """
CREATE FUNCTION subject_orphans(dying uuid) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT c.subject_id FROM case_subject c
  WHERE c.import_id = dying AND app_actor() IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM case_subject o WHERE o.subject_id = c.subject_id AND o.import_id <> dying)
    AND NOT EXISTS (SELECT 1 FROM case_link l WHERE l.subject_id = c.subject_id
      AND NOT EXISTS (SELECT 1 FROM case_link_end e WHERE e.link_id = l.id))
$$
"""
"""The subjects that nothing mentions but one import: their keys die with it."""


def upgrade() -> None:
    """Make the tables, then say who sees and who may change them."""
    for part in (CASES, IMPORTS, FINDINGS, VAULT, SIGHTINGS, KNOWN, ORPHANS):
        op.execute(part)
    for statement in [*_rights(), *_sight(), *_vault_sight()]:
        op.execute(statement)


def _rights() -> list[str]:
    return [
        *append_only("case_entry", "case_link", "case_link_end", "import_standing", "erasure"),
        *editable("case_file", "case_number", "statement_import", "import_file", "import_source", "import_fault"),
        *editable("subject"),
        *disposable("case_subject", "reconciliation", "reconciliation_import", "case_account"),
        *_for_the_app_only("subject_sightings(bigint[])"),
        *_for_the_app_only("subject_known(bigint[])"),
        *_for_the_app_only("subject_orphans(uuid)"),
    ]


def _for_the_app_only(function: str) -> list[str]:
    return [
        f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {function} TO {APP}",
    ]


def _sight() -> list[str]:
    of_case = Shared(kind="case", column="case_id")
    shared = (
        *("case_entry", "case_link", "case_link_end", "case_subject", "statement_import", "import_standing"),
        *("import_file", "import_source", "import_fault", "reconciliation", "case_account"),
    )
    return [
        *protect("case_file", shared=Shared(kind="case", column="id")),
        *(statement for table in shared for statement in protect(table, shared=of_case)),
        *protect("reconciliation_import"),
        *protect("erasure"),
    ]


def _vault_sight() -> list[str]:
    """An identifier is seen with a case that mentions it; the owner sees all, for the two functions above."""
    mentioned = (
        "EXISTS (SELECT 1 FROM case_subject c WHERE c.subject_id = subject.id)"
        " OR EXISTS (SELECT 1 FROM case_link l WHERE l.subject_id = subject.id)"
    )
    return [
        *force("subject"),
        f"CREATE POLICY seen ON subject FOR SELECT TO {APP} USING ({mentioned})",
        f"CREATE POLICY added ON subject FOR INSERT TO {APP} WITH CHECK ((SELECT app_actor()) IS NOT NULL)",
        f"CREATE POLICY changed ON subject FOR UPDATE TO {APP} USING ({mentioned})",
        *(
            f"CREATE POLICY house ON {table} FOR SELECT TO fanzha_owner USING (true)"
            for table in ("subject", "case_subject", "case_link", "case_link_end")
        ),
    ]
