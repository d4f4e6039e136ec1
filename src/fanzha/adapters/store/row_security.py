"""Row-level security in words that migrations use: who sees a row, and who may change it (house laws 6 and 12).

A transaction-local setting ends as the empty string, not as NULL, on a connection that is used again. Therefore
every policy asks `app_scope()`, which makes the empty string NULL, and a comparison with NULL shows nothing.
Paths are compared by `starts_with`, not by LIKE, in which the `_` of a label would stand for any letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

APP = "fanzha_app"

SETTING_FUNCTIONS = """
CREATE FUNCTION app_scope() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.scope', true), '') $$;
CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.user', true), '')::uuid $$;
CREATE FUNCTION app_actor() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.actor', true), '') $$;
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.now', true), '')::timestamptz $$;
CREATE FUNCTION app_system() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT current_setting('app.system', true) IS NOT DISTINCT FROM 'on' $$;
"""
"""What the unit of work told the database, guarded; made by migration 0001."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Rows that a sharing grant opens to another unit: the grant's object kind and the column that names the object."""

    kind: str
    column: str


def covers(path: str, scope: str = "(SELECT app_scope())") -> str:
    """The SQL condition that `scope` is `path` or lies above it (`kernel.units.covers` for the database)."""
    return f"({path} = {scope} OR starts_with({path}, {scope} || '.'))"


def protect(table: str, *, shared: Shared | None = None, system: bool = False, path: str = "unit_path") -> list[str]:
    """Statements that show a row to its unit and those above, to live grants, and with `system` to the house itself.

    Writing is held to the writer's own scope. `path` is the column that gives a row's unit. A table `shared` with
    others is told `see_shared` next.
    """
    own = covers(path) + (" OR (SELECT app_system())" if system else "")
    seen = own + (f" OR {_granted(table, shared, path)}" if shared else "")
    return [
        *force(table),
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({seen})",
        f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({own})",
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({own}) WITH CHECK ({own})",
        f"CREATE POLICY removed ON {table} FOR DELETE USING ({own})",
    ]


SHARED_FUNCTION = f"""
CREATE FUNCTION app_shared(wanted text) RETURNS TABLE (object_id uuid, unit_path text) LANGUAGE plpgsql STABLE ROWS 10
  SET search_path = public, pg_temp AS $$ BEGIN
  RETURN QUERY SELECT g.object_id, g.unit_path FROM sharing_grant g
    WHERE g.object_kind = wanted AND g.until > (SELECT app_now()) AND {covers("g.to_unit")}
    AND NOT EXISTS (SELECT 1 FROM sharing_end e WHERE e.grant_id = g.id);
END $$
"""
"""Objects of a kind that live grants open to who acts, with their givers' units; it is asked where a row is not one's
own, once a statement, and sees what who acts may see. Made by migration 0026."""


def see_shared(table: str, shared: Shared, path: str = "unit_path") -> str:
    """The statement that has a table's `seen` policy ask `app_shared`; a new table is protected by this one too.

    A row is opened by its own unit; a grant that names another giver would let anybody share what is not theirs.
    """
    granted = (
        f"({shared.column}, {path}) IN (SELECT object_id, unit_path COLLATE \"C\" FROM app_shared('{shared.kind}'))"
    )
    return f"ALTER POLICY seen ON {table} USING ({covers(path)} OR {granted})"


def keep_from_residents(table: str, own: str = "false", command: str = "ALL") -> str:
    """The statement that shows a resident of an institution none of a table's rows but those for which `own` holds.

    Every protected table has one: it narrows whatever its other policies open.
    """
    condition = f"(SELECT app_institution()) IS NULL OR ({own})"
    return f"CREATE POLICY resident ON {table} AS RESTRICTIVE FOR {command} USING ({condition})"


def protect_system(table: str) -> list[str]:
    """Statements that show a table to the house itself only: sessions, log-in links."""
    return [*force(table), f"CREATE POLICY house ON {table} USING ((SELECT app_system()))"]


def force(table: str) -> list[str]:
    """Statements that turn row security on, for the owner too."""
    return [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]


def append_only(*tables: str) -> list[str]:
    """Statements that let the application read and add, never edit or delete (law 6)."""
    return list(_grants(tables, "SELECT, INSERT"))


def editable(*tables: str) -> list[str]:
    """Statements that let the application read, add and change, but not delete."""
    return list(_grants(tables, "SELECT, INSERT, UPDATE"))


def erasable(*tables: str) -> list[str]:
    """Statements that let the application read and add, and delete what an erasure takes with its case; never edit."""
    return list(_grants(tables, "SELECT, INSERT, DELETE"))


def disposable(*tables: str) -> list[str]:
    """Statements that let the application delete too: queues, caches, results that can be computed again."""
    return list(_grants(tables, "SELECT, INSERT, UPDATE, DELETE"))


def _grants(tables: tuple[str, ...], rights: str) -> Iterator[str]:
    for table in tables:
        yield f"GRANT {rights} ON {table} TO {APP}"


def _granted(table: str, shared: Shared, path: str) -> str:
    """A live grant by the row's own unit; one that names another giver would let anybody share what is not theirs."""
    return (
        "EXISTS (SELECT 1 FROM sharing_grant g"
        f" WHERE g.object_kind = '{shared.kind}' AND g.object_id = {table}.{shared.column}"
        f" AND g.unit_path = {table}.{path} AND g.until > (SELECT app_now()) AND {covers('g.to_unit')}"
        " AND NOT EXISTS (SELECT 1 FROM sharing_end e WHERE e.grant_id = g.id))"
    )
