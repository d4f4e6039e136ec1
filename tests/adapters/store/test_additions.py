"""Rows written at once are those written one by one, whatever a column holds."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Engine, LargeBinary, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from fanzha.adapters.store.additions import add_all
from fanzha.kernel.ids import uuid7

NOW = datetime(2026, 1, 5, 9, 30, 1, 123456, tzinfo=UTC)
THING = Table(
    "thing",
    MetaData(),
    Column("id", Uuid),
    Column("order", BigInteger),
    Column("at", TIMESTAMP(timezone=True)),
    Column("name", Text),
    Column("key", LargeBinary),
    Column("told", JSONB),
)


def test_rows_are_added_as_they_are_and_in_their_order(engine: Engine) -> None:
    rows = [
        {
            "order": 2**63 - 1 - each,
            "at": NOW,
            "name": "测试 \"'\\ \n" * each or None,
            "key": bytes([0, 92, 255, each]),
            "told": {"a": [1, None, "二"], "sum": 10**15},
            "id": uuid7(NOW),
        }
        for each in range(3)
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                'CREATE TEMPORARY TABLE thing (number int GENERATED ALWAYS AS IDENTITY, id uuid, "order" bigint,'
                " at timestamptz, name text, key bytea, told jsonb)"
            )
        )
        add_all(connection, THING, rows)
        add_all(connection, THING, [])
        one = {**rows[0], "name": "one"}
        add_all(connection, THING, [one])
        found = connection.execute(text('SELECT "order", at, name, key, told, id FROM thing ORDER BY number'))
        assert [each._asdict() for each in found] == [*rows, one]
