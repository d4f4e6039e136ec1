"""What each delivery and each round looks up is found without reading all papers and all authorities of a unit."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Papers by the instruction that they are for; authorities of an incident, or of shifts, whose time is not over."""
    op.execute("CREATE INDEX order_paper_instruction ON order_paper (instruction)")
    op.execute("DROP INDEX authority_incident")
    op.execute("CREATE INDEX authority_incident ON authority (incident_id, until)")
