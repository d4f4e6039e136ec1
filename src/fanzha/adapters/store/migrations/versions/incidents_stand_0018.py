"""How each incident stands, kept beside its entries so that a board of a hundred is one look."""

from alembic import op

from fanzha.adapters.store.row_security import editable, protect

revision = "0018"
down_revision = "0017"

STANDING = """
CREATE TABLE incident_standing (
  incident_id uuid PRIMARY KEY REFERENCES incident (id),
  case_id uuid NOT NULL,
  unit_path text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  taken_at timestamptz NOT NULL,
  lost_fen bigint NOT NULL,
  held_fen bigint NOT NULL,
  recoverable_fen bigint NOT NULL,
  waiting integer NOT NULL,
  looked_at timestamptz
);
CREATE INDEX incident_standing_stake ON incident_standing (unit_path, state, recoverable_fen);
CREATE INDEX incident_standing_case ON incident_standing (case_id);
"""


def upgrade() -> None:
    """Make the table; whoever sees the incident sees how it stands."""
    for statement in (STANDING, *editable("incident_standing"), *protect("incident_standing")):
        op.execute(statement)
