"""A plain statement brings what SQLAlchemy would bring, fails as its statements fail, and is planned once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Uuid,
    bindparam,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, ProgrammingError, StatementError

from fanzha.adapters.store.asking import Heard, line_of
from fanzha.adapters.store.engine import look_up_by_key
from fanzha.adapters.store.line import Line
from fanzha.adapters.store.unit_of_work import savepoint, system_unit_of_work
from fanzha.adapters.store.work import NewWork, enqueue, work_in
from tests.conftest import CITY

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "id": UUID(int=7),
    "at": NOW + timedelta(microseconds=3),
    "lasts": timedelta(days=3, seconds=5),
    "small": 7,
    "large": 2**62,
    "negative": -(2**31) - 1,
    "part": Decimal("0.10"),
    "share": 0.1,
    "yes": True,
    "nothing": None,
    "words": "反诈 'O''Brien' %s %(x)s :no \\",
    "bytes": b"\x00\xff'",
    "ids": [UUID(int=1), UUID(int=2)],
    "numbers": [1, 2**40, -3],
    "texts": ["a,b", "", 'c"d', "NULL", "{}"],
    "none": [],
}
CASTS = {
    "id": "uuid", "at": "timestamptz", "lasts": "interval", "small": "smallint", "large": "bigint",
    "negative": "bigint", "part": "numeric", "share": "float8", "yes": "boolean", "nothing": "uuid", "words": "text",
    "bytes": "bytea", "ids": "uuid[]", "numbers": "bigint[]", "texts": "text[]", "none": "bigint[]",
}  # fmt: skip
ALL = text(
    "SELECT "
    + ", ".join(f"CAST(:{name} AS {kind}) AS {name}" for name, kind in CASTS.items())
    + """, CAST('{"a": [1, 2.5, null, "诈"]}' AS jsonb) AS told, (1, 'x') AS pair,
'5%'::text AS percent, '\\:kept' AS kept FROM generate_series(1, :many) AS each WHERE :small = :small"""
)


def kinds(row: Row[*tuple[Any, ...]]) -> list[type]:
    return [type(each) for each in row]


def straight(connection: Connection) -> bool:
    return isinstance(connection.execute(text("SELECT 1")), Heard)


@pytest.mark.parametrize("by_key", [False, True], ids=["planned_anew", "planned_once"])
def test_a_plain_statement_brings_what_sqlalchemy_brings(engine: Engine, by_key: bool) -> None:
    if by_key:
        look_up_by_key(engine)
    asked = VALUES | {"many": 3}
    with engine.connect() as connection:
        expected = connection.execute(ALL, asked).all()
    with system_unit_of_work(engine, NOW) as connection:
        for _ in range(8):
            heard = connection.execute(ALL, asked)
            assert isinstance(heard, Heard)
            assert heard.rowcount == len(expected) == 3
            found = heard.all()
            assert found == expected
            assert kinds(found[0]) == kinds(expected[0])
            assert found[0]._asdict() == expected[0]._asdict()


def test_results_are_taken_as_those_of_sqlalchemy(engine: Engine) -> None:
    numbers = text("SELECT each AS number, each * 2 AS twice FROM generate_series(1, :many) AS each")
    with system_unit_of_work(engine, NOW) as connection:
        assert [each.twice for each in connection.execute(numbers, {"many": 3})] == [2, 4, 6]
        assert list(connection.scalars(numbers, {"many": 2})) == [1, 2]
        assert connection.scalar(numbers, {"many": 1}) == 1
        assert connection.scalar(numbers, {"many": 0}) is None
        assert connection.execute(numbers, {"many": 0}).one_or_none() is None
        assert dict(connection.execute(numbers, {"many": 1}).mappings().one()) == {"number": 1, "twice": 2}
        with pytest.raises(NoResultFound):
            connection.execute(numbers, {"many": 0}).one()
        first, second = connection.execute(numbers, {"many": 2}), connection.execute(numbers, {"many": 1})
        assert (len(first.all()), len(second.all())) == (2, 1), "two at once are two"


def test_what_changes_rows_says_how_many(engine: Engine) -> None:
    with system_unit_of_work(engine, NOW) as connection:
        for key in "abc":
            enqueue(connection, NewWork(kind="clock", key=key, unit_path=CITY, due_at=NOW), NOW)
        changed = connection.execute(text("UPDATE work SET due_at = :at WHERE key <> :key"), {"at": NOW, "key": "a"})
        assert changed.rowcount == 2


@pytest.mark.parametrize("by_key", [False, True], ids=["planned_anew", "planned_once"])
def test_a_statement_that_fails_fails_as_sqlalchemy_s_does(engine: Engine, by_key: bool) -> None:
    if by_key:
        look_up_by_key(engine)
    kept = NewWork(kind="clock", key="kept", unit_path=CITY, due_at=NOW)
    with system_unit_of_work(engine, NOW) as connection:
        enqueue(connection, kept, NOW)
        for statement, values, failure in (
            (text("SELECT 1 FROM no_such_table"), None, ProgrammingError),
            (text("SELECT CAST(:word AS int)"), {"word": "x"}, DBAPIError),
            (text("SELECT :there"), {}, StatementError),
            (text("SELECT :there"), {"there": object()}, DBAPIError),
        ):
            with pytest.raises(failure), savepoint(connection):
                connection.execute(statement, values)
            assert straight(connection)
        with pytest.raises(IntegrityError) as refused, savepoint(connection):
            connection.execute(
                text("INSERT INTO work SELECT (w).* FROM (SELECT work AS w FROM work LIMIT :many) AS there"),
                {"many": 1},
            )
        assert isinstance(refused.value.orig, UniqueViolation)
    with system_unit_of_work(engine, NOW) as connection:
        assert [each.key for each in work_in(connection, ["waiting"], 5)] == ["kept"]


def test_nothing_more_is_heard_once_a_statement_failed_and_nobody_went_back(engine: Engine) -> None:
    def failing() -> None:
        with system_unit_of_work(engine, NOW) as connection:
            enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=NOW), NOW)
            with pytest.raises(ProgrammingError):
                connection.execute(text("SELECT 1 FROM no_such_table"))
            connection.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError):
        failing()
    with system_unit_of_work(engine, NOW) as connection:
        assert not work_in(connection, ["waiting"], 5)


TOLD = Table(
    "told",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("sealed", LargeBinary),
    Column("words", JSONB),
    Column("ids", ARRAY(Uuid)),
    Column("kind", String),
    Column("number", BigInteger),
    Column("share", Double),
    Column("yes", Boolean),
)
ROW: dict[str, Any] = {
    "id": UUID(int=1), "at": NOW, "sealed": b"\x00\xff", "words": {"a": [1, None, "诈"]}, "ids": [UUID(int=3)],
    "kind": "50% of %(x)s", "number": 2**40, "share": 0.1, "yes": True,
}  # fmt: skip


@pytest.mark.parametrize("by_key", [False, True], ids=["planned_anew", "planned_once"])
def test_a_statement_that_was_compiled_brings_what_sqlalchemy_brings(engine: Engine, by_key: bool) -> None:
    """Values are turned as it turns them, in and out; who embeds what it asks for asks anew each time."""
    if by_key:
        look_up_by_key(engine)
    whole = [each for each in TOLD.c if each.name != "share"]
    of_two = select(*whole, TOLD.c.id.label("again"), literal("5%").label("percent")).where(TOLD.c.id == UUID(int=1))
    everything = select(TOLD)
    kept = select(*whole).where(TOLD.c.number == bindparam("number"), TOLD.c.words["a"].is_not(None))
    with engine.connect() as plain, system_unit_of_work(engine, NOW) as connection:
        for each in (plain, connection):
            each.execute(text("CREATE TEMP TABLE told (id uuid, at timestamptz, sealed bytea, words jsonb, ids uuid[],"
                              " kind text, number bigint, share float8, yes boolean)"))  # fmt: skip
            for number in range(8):
                each.execute(TOLD.insert(), ROW | {"id": UUID(int=number), "number": number})
            each.execute(TOLD.insert(), [ROW, ROW | {"id": UUID(int=9)}])
            changed = TOLD.update().where(TOLD.c.number < 3).values(words={"a": "b"}, sealed=b"x")
            assert each.execute(changed).rowcount == 3
            assert each.execute(TOLD.delete().where(TOLD.c.id.in_([UUID(int=7), UUID(int=8)]))).rowcount == 1
        for number in range(8):
            for asked, values in ((of_two, None), (kept, {"number": number}), (everything, None)):
                expected, heard = plain.execute(asked, values).all(), connection.execute(asked, values)
                assert isinstance(heard, Heard) == (asked is not everything)
                found = heard.all()
                assert found == expected
                assert [each._asdict() for each in found] == [each._asdict() for each in expected]
                assert [[type(each) for each in row] for row in found] == [
                    [type(each) for each in row] for row in expected
                ]
            one = select(TOLD.c.kind).where(TOLD.c.id == UUID(int=number)).limit(1)
            assert connection.scalar(one) == plain.scalar(one)


def test_a_statement_that_is_asked_with_values_of_its_own_or_with_many_sets_of_them(engine: Engine) -> None:
    given = text("SELECT :x").bindparams(bindparam("x", 5))
    with system_unit_of_work(engine, NOW) as connection:
        assert connection.scalar(given) == 5
        assert connection.scalar(given, {"x": 6}) == 6
        assert not isinstance(connection.execute(text("SELECT :x"), [{"x": 1}, {"x": 2}]), Heard)


def test_a_statement_is_planned_once_a_line_and_outlives_what_is_taken_back(engine: Engine) -> None:
    look_up_by_key(engine)
    planned = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int + %'")
    adding = text("SELECT :some\\:\\:int + 1")
    with system_unit_of_work(engine, NOW) as connection:
        with pytest.raises(LookupError), savepoint(connection):
            assert connection.scalar(adding, {"some": 1}) == 2
            raise LookupError
        assert [connection.scalar(adding, {"some": each}) for each in (2, 3)] == [3, 4]
        assert connection.scalar(planned) == 1


def test_a_line_that_is_lost_is_told_and_not_used_again(engine: Engine) -> None:
    lost: list[Line] = []

    def losing() -> None:
        with system_unit_of_work(engine, NOW) as connection:
            lost.append(line_of(connection))
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as told:
        losing()
    assert told.value.connection_invalidated
    with system_unit_of_work(engine, NOW) as connection:
        assert line_of(connection) not in lost
        assert straight(connection)


def test_an_interrupted_statement_leaves_no_line_in_the_pool(engine: Engine) -> None:
    interrupted: list[Line] = []

    def broken_off() -> None:
        with system_unit_of_work(engine, NOW) as connection:
            interrupted.append(line_of(connection))
            with patch.object(Line, "_heard", side_effect=KeyboardInterrupt):
                connection.execute(text("SELECT 1"))

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with system_unit_of_work(engine, NOW) as connection:
        assert line_of(connection) not in interrupted
        assert connection.scalar(text("SELECT 2")) == 2
