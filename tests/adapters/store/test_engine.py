"""Short work is planned once, by keys; everybody else's statements are planned for their values."""

from __future__ import annotations

from sqlalchemy import Engine, text

from fanzha.adapters.store.engine import look_up_by_key


def planned(engine: Engine) -> tuple[str, str, int]:
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM work WHERE kind = :kind"), {"kind": "clock"})
        prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT count(*) FROM work %'"
        return (
            str(connection.scalar(text("SHOW plan_cache_mode"))),
            str(connection.scalar(text("SHOW enable_seqscan"))),
            int(connection.scalar(text(prepared)) or 0),
        )


def test_whoever_looks_up_by_key_plans_a_statement_once_and_never_reads_whole_tables(engine: Engine) -> None:
    assert planned(engine) == ("auto", "on", 0)
    look_up_by_key(engine)
    assert planned(engine) == ("force_generic_plan", "off", 1)
