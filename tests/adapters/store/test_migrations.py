"""Migrations make the tables that the code believes in, once, whoever starts first."""

from __future__ import annotations

import pkgutil
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from fanzha.adapters.store import schema
from fanzha.adapters.store.engine import OWNER, owner_engine, require_plain_role
from fanzha.adapters.store.migrate import migrate, missing_migrations
from fanzha.kernel.errors import Invalid
from tests.databases import TestServer


def test_a_fresh_database_is_migrated_and_joined_as_the_plain_role(engine: Engine) -> None:
    with engine.connect() as connection:
        require_plain_role(connection)
        assert missing_migrations(connection) == []


def test_tables_in_code_and_in_the_database_are_the_same(engine: Engine) -> None:
    for module in pkgutil.iter_modules(schema.__path__):
        import_module(f"{schema.__name__}.{module.name}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [each for each in compare_metadata(context, schema.metadata) if "alembic_version" not in str(each)]
    assert found == []


def test_two_processes_that_migrate_at_once_both_succeed(server: TestServer) -> None:
    with server.superuser().connect() as connection:
        connection.execute(text(f"CREATE DATABASE twice OWNER {OWNER}"))
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: migrate(owner_engine(server.url(OWNER, "twice"))), range(4)))
        with owner_engine(server.url(OWNER, "twice")).connect() as connection:
            assert missing_migrations(connection) == []
    finally:
        with server.superuser().connect() as connection:
            connection.execute(text("DROP DATABASE twice WITH (FORCE)"))


def test_an_empty_database_misses_every_migration(server: TestServer) -> None:
    with server.superuser().connect() as connection:
        assert missing_migrations(connection)[0] == "0001"


def test_strong_roles_are_refused(server: TestServer) -> None:
    with server.database() as name:
        for role in (OWNER, "postgres"):
            with (
                owner_engine(server.url(role, name)).connect() as connection,
                pytest.raises(Invalid, match="role_too_strong"),
            ):
                require_plain_role(connection)
