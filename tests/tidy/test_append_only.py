"""What once had effect is never edited or deleted: no code tries to (law 6)."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.tidy.source import Source, package_sources
from tests.tidy.worldly import edits_of


@cache
def append_only_tables() -> frozenset[str]:
    """The tables that migrations grant without UPDATE and DELETE."""
    migrations = (source for source in package_sources() if "/migrations/" in source.path)
    return frozenset(
        name.value
        for source in migrations
        for call, function in source.calls()
        if function.split(".")[-1] == "append_only"
        for name in ast.walk(call)
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    )


def test_the_tables_are_known() -> None:
    assert "audit_entry" in append_only_tables()


def test_nothing_edits_them() -> None:
    found = [str(each) for source in package_sources() for each in edits_of(source, append_only_tables())]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "q = 'UPDATE audit_entry SET at = 1'",
        "q = f'delete from audit_entry where id = {x}'",
        "q = 'TRUNCATE TABLE audit_entry'",
        "q = audit_entry.update().values(at=1)",
        "q = delete(schema.audit_entry).where(x)",
        "q = 'INSERT INTO audit_entry (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET at = 1'",
    ],
)
def test_the_checker_sees(code: str) -> None:
    assert list(edits_of(Source("adapters/store/x.py", code), frozenset({"audit_entry"})))


@pytest.mark.parametrize(
    "code", ["q = 'update work set state = 1'", "q = 'select 1 from audit_entry for update'", "d.update(x)"]
)
def test_the_checker_accepts(code: str) -> None:
    assert not list(edits_of(Source("adapters/store/x.py", code), frozenset({"audit_entry"})))
