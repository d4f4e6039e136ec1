"""What is known to be gone stands apart from what is probably gone: both are told by the chase's next look."""

from alembic import op

revision = "0024"
down_revision = "0023"

COLUMNS = """
ALTER TABLE incident_standing
  ADD COLUMN doubtful_fen bigint NOT NULL DEFAULT 0, ADD COLUMN gone_fen bigint NOT NULL DEFAULT 0;
UPDATE incident_standing SET doubtful_fen = greatest(0, lost_fen - held_fen - recoverable_fen)
  WHERE looked_at IS NOT NULL;
ALTER TABLE incident_standing ALTER COLUMN doubtful_fen DROP DEFAULT, ALTER COLUMN gone_fen DROP DEFAULT
"""


def upgrade() -> None:
    """What stood as gone was an expectation: it is probably gone until the chase looks again."""
    op.execute(COLUMNS)
