"""How soon an order left, was answered and held, and when an incident was first paid: figures are one look."""

from alembic import op

revision = "0022"
down_revision = "0021"

COLUMNS = """
ALTER TABLE order_standing
  ADD COLUMN sent_at timestamptz, ADD COLUMN answered_at timestamptz, ADD COLUMN code text COLLATE "C",
  ADD COLUMN began_at timestamptz, ADD COLUMN held_fen bigint, ADD COLUMN traceable_fen bigint,
  ADD COLUMN unrelated_at timestamptz;
ALTER TABLE incident_standing ADD COLUMN paid_at timestamptz;
CREATE INDEX order_standing_sent ON order_standing (unit_path, sent_at);
"""
BEFORE = """
WITH first AS (
  SELECT DISTINCT ON (order_id) order_id, instruction FROM order_entry
  WHERE kind = 'drafted' ORDER BY order_id, number
),
told AS (
  SELECT entry.order_id,
    min(entry.at) FILTER (WHERE entry.kind = 'sent' AND entry.instruction = first.instruction) AS sent_at,
    min(entry.at) FILTER (WHERE entry.kind = 'answered' AND entry.instruction = first.instruction) AS answered_at,
    (array_agg(entry.told ->> 'code' ORDER BY entry.number)
      FILTER (WHERE entry.kind = 'answered' AND entry.instruction = first.instruction))[1] AS code,
    min((entry.told ->> 'starts_at')::timestamptz) AS began_at,
    (array_agg((entry.told -> 'amounts' ->> 'held_fen')::bigint ORDER BY entry.number DESC)
      FILTER (WHERE entry.told -> 'amounts' ? 'held_fen'))[1] AS held_fen,
    (array_agg((entry.told -> 'amounts' ->> 'victim_traceable_fen')::bigint ORDER BY entry.number DESC)
      FILTER (WHERE entry.told -> 'amounts' ? 'victim_traceable_fen'))[1] AS traceable_fen,
    max(entry.at) FILTER (WHERE entry.kind = 'unrelated') AS unrelated_at
  FROM order_entry AS entry JOIN first ON first.order_id = entry.order_id GROUP BY entry.order_id
)
UPDATE order_standing SET sent_at = told.sent_at, answered_at = told.answered_at, code = told.code,
  began_at = told.began_at, held_fen = told.held_fen, traceable_fen = told.traceable_fen,
  unrelated_at = told.unrelated_at
FROM told WHERE told.order_id = order_standing.order_id
"""
PAID = """
UPDATE incident_standing SET paid_at = (
  SELECT min((payment ->> 'at')::timestamptz) FROM incident_entry
  WHERE incident_entry.incident_id = incident_standing.incident_id AND kind = 'payment'
)
"""


def upgrade() -> None:
    """Add the columns, and fill them from the entries of what there is."""
    for statement in (COLUMNS, BEFORE, PAID):
        op.execute(statement)
