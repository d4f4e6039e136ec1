"""A first look: the template is migrated and the role plain."""

from sqlalchemy import Engine

from fanzha.adapters.store.engine import require_plain_role
from fanzha.adapters.store.migrate import missing_migrations


def test_a_fresh_database_is_migrated_and_joined_as_the_plain_role(engine: Engine) -> None:
    with engine.connect() as connection:
        require_plain_role(connection)
        assert missing_migrations(connection) == []


def test_another(engine: Engine) -> None:
    with engine.connect() as connection:
        require_plain_role(connection)
