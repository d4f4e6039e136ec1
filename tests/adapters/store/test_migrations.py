"""Migrations make the tables that the code believes in, once, whoever starts first."""

from __future__ import annotations

import pkgutil
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from fanzha.adapters.store import schema
from fanzha.adapters.store.engine import OWNER, owner_engine, require_plain_role
from fanzha.adapters.store.migrate import _config, migrate, missing_migrations
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


BEFORE = "0014"
"""The schema of a folder that an earlier program wrote."""
CASE, ORDER, MESSAGE = (UUID(int=each) for each in (1, 2, 3))
OLD_ROWS = (
    "SET session_replication_role = replica",
    f"""
    INSERT INTO order_file (id, number, kind, case_id, unit_path, institution_id, target_kind, target, holder_class,
      opened_at, opened_by) VALUES ('{ORDER}', 'Q2026-000001', 'query', '{CASE}', 'linan', '{ORDER}', 'account', 1, '',
      now(), 'x')
    """,
    f"""
    INSERT INTO institution_message (id, institution_id, kind, message_id, received_at, key_id, sha256, fingerprint,
      seal, body) VALUES ('{MESSAGE}', '{ORDER}', 'answer', 'm', now(), 'k', '', '', '{{}}', '')
    """,
    f"""
    INSERT INTO work (id, kind, key, unit_path, state, due_at, attempts, large, payload, progress, created_at)
      VALUES ('{MESSAGE}', 'institution_message', 'm', 'linan', 'done', now(), 1, false, '{{"message": "{MESSAGE}"}}',
      '{{"order": "Q2026-000001"}}', now())
    """,
    f"""
    INSERT INTO order_paper (id, order_id, case_id, unit_path, form, number, issued_at, sha256, facts)
      VALUES ('{MESSAGE}', '{ORDER}', '{CASE}', 'linan', 'query_holder', 'n', now(), '', '{{}}')
    """,
)


def test_a_folder_of_the_previous_schema_goes_on_with_what_was_in_it(server: TestServer) -> None:
    with server.superuser().connect() as connection:
        connection.execute(text(f"CREATE DATABASE previous OWNER {OWNER}"))
    try:
        owner = owner_engine(server.url(OWNER, "previous"))
        with owner.begin() as connection:
            settings = _config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, BEFORE)
        with server.superuser("previous").connect() as connection:
            for each in OLD_ROWS:
                connection.execute(text(each))
        migrate(owner)
        with server.superuser("previous").connect() as connection:
            assert missing_migrations(connection) == []
            linked = connection.execute(text("SELECT message_id, case_id FROM institution_message_case")).all()
            assert [tuple(each) for each in linked] == [(MESSAGE, CASE)], "it dies with its case from now on"
            assert connection.scalar(text("SELECT template FROM order_paper")) == 1
            forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
            assert connection.scalars(text(forced)).all() == [], "row security holds for the owner again"
    finally:
        with server.superuser().connect() as connection:
            connection.execute(text("DROP DATABASE previous WITH (FORCE)"))


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
