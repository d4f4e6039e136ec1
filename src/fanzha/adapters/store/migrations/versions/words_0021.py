"""What a person says against an order lies sealed with the order's case and dies with it, as what they show does."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """An objection names the kept file of its words; those received before keep them where they are."""
    for statement in (
        'ALTER TABLE objection ADD COLUMN words text COLLATE "C"',
        "ALTER TABLE objection ALTER COLUMN says DROP NOT NULL",
        "ALTER TABLE kept_file DROP CONSTRAINT kept_file_kind_check",
        "ALTER TABLE kept_file ADD CONSTRAINT kept_file_kind_check CHECK (kind IN ('snapshot', 'paper', 'words'))",
    ):
        op.execute(statement)
