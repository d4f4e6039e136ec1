"""Papers as they are issued: their facts, their sealed files with the keys, and what the audit tells of these, all by
one statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from fanzha.adapters.store.additions import as_rows
from fanzha.adapters.store.audit import ENTER_ACTS, acted
from fanzha.adapters.store.kept_files import ENTER_FILES, KeptFile, entering, kept
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.order_papers import NewPaper, paper_row
from fanzha.kernel.units import Actor
from fanzha.orders.order import Order

_ISSUE = text(f"""
{ENTER_FILES},
acts AS (
  SELECT act.* FROM ROWS FROM (json_to_recordset(CAST(:acts AS json)) AS (
    id uuid, action text, object_kind text, object_id text, unit_path text, purpose text, detail jsonb
  )) WITH ORDINALITY AS act JOIN new USING (ordinality) JOIN entered ON entered.id = new.id
),
{ENTER_ACTS}
INSERT INTO order_paper
  (id, order_id, case_id, unit_path, instruction, form, number, issued_at, sha256, template, facts)
SELECT id, order_id, case_id, unit_path, instruction, form, number, issued_at, sha256, template, facts
FROM json_populate_recordset(CAST(NULL AS order_paper), CAST(:papers AS json))
""")
"""A file whose case has its bytes already is entered by nobody and told by no act: the n-th act is of the n-th file."""


def issue_papers(
    connection: Connection,
    keys: Keys,
    some: Sequence[tuple[Order, NewPaper, tuple[KeptFile, bytes]]],
    actor: Actor,
) -> None:
    """Write papers of orders, each once, with their files and what opens these."""
    if not some:
        return
    files = [file for _, _, file in some]
    papers = as_rows([paper_row(order, new) for order, new, _ in some])
    told = acted([kept(file) for file, _ in files], actor, files[0][0].at)
    connection.execute(_ISSUE, entering(keys, files, actor) | told | {"papers": papers})
