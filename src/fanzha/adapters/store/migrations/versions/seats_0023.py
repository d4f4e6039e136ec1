"""A resident of a bank or carrier has a seat at the centre: whose it is stands with the role, and cuts every table."""

from alembic import op
from sqlalchemy import text

from fanzha.adapters.store.row_security import keep_from_residents

revision = "0023"
down_revision = "0022"

SEATS = """
ALTER TABLE role_assignment ADD COLUMN institution_id uuid REFERENCES institution (id);
ALTER TABLE role_assignment ADD CONSTRAINT role_assignment_seat
  CHECK ((role = 'resident') = (institution_id IS NOT NULL));
CREATE FUNCTION app_institution() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.institution', true), '')::uuid $$;
"""
PROTECTED = """
SELECT relname FROM pg_class
WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
OWN = "institution_id = (SELECT app_institution())"
OWN_ORDERS = {
    "order_file": OWN,
    "order_standing": OWN,
    "order_application": OWN,
    "order_entry": f"EXISTS (SELECT 1 FROM order_file f WHERE f.id = order_entry.order_id AND f.{OWN})",
}
WRITTEN = {"audit_entry": "SELECT", "audit_unsealed": "SELECT"}
"""What a resident does is on record as everybody's acts are; nobody reads there but who may."""


def upgrade() -> None:
    """Of all that is protected a resident sees the orders to their institution, and nothing else."""
    op.execute(SEATS)
    for table in op.get_bind().execute(text(PROTECTED)).scalars().all():
        own, command = OWN_ORDERS.get(table, "false"), WRITTEN.get(table, "ALL")
        op.execute(keep_from_residents(table, own, command))
