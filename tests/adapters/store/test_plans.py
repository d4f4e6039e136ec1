"""A table that gets a column under a running process is told as that, and its lines are not lost for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from fanzha.adapters.store.engine import OWNER, look_up_by_key, owner_engine
from fanzha.adapters.store.plans import are_outdated

ALL = text("SELECT work.* FROM work")


def upgraded(engine: Engine) -> None:
    """What a migration of a newer version does."""
    owner = owner_engine(engine.url.set(username=OWNER).render_as_string(hide_password=False))
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE work ADD COLUMN more text"))


def test_what_is_tried_again_after_an_upgrade_meets_the_new_columns(engine: Engine) -> None:
    look_up_by_key(engine)
    with engine.connect() as one, engine.connect() as other:
        before = [len(each.execute(ALL).keys()) for each in (one, other)]
    upgraded(engine)
    with pytest.raises(DBAPIError) as failure, engine.begin() as connection:
        connection.execute(ALL)
    assert are_outdated(failure.value.orig) and failure.value.connection_invalidated
    with engine.connect() as one, engine.connect() as other:
        assert [len(each.execute(ALL).keys()) for each in (one, other)] == [each + 1 for each in before]


def test_what_the_server_cannot_do_at_all_is_our_fault(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as failure, engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM work FOR UPDATE"))
    assert failure.value.orig.sqlstate == "0A000"  # type: ignore[union-attr]
    assert not are_outdated(failure.value.orig) and not failure.value.connection_invalidated
