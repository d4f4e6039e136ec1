"""What a grant opens is looked up in a function: written into each policy, it made plans of hundreds of parts."""

from alembic import op

from fanzha.adapters.store.row_security import SHARED_FUNCTION, Shared, see_shared

revision = "0026"
down_revision = "0025"

OF_CASES = (
    *("case_account", "case_entry", "case_link", "case_link_end", "case_message", "case_subject"),
    *("import_fault", "import_file", "import_source", "import_standing", "statement_import", "reconciliation"),
    *("order_entry", "order_file", "order_paper", "order_standing"),
    *("institution_fact", "kept_file", "kept_file_key", "picture_mark"),
)
"""Tables whose rows are seen by whom their case is shared with."""


def upgrade() -> None:
    """The rows seen stay the same; a statement on an order's rows costs half."""
    op.execute(SHARED_FUNCTION)
    op.execute(see_shared("case_file", Shared(kind="case", column="id")))
    for table in OF_CASES:
        op.execute(see_shared(table, Shared(kind="case", column="case_id")))
