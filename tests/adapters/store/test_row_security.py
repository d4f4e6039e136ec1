"""Nobody sees a row outside their unit: not on a connection used before, not by an underscore, not after a grant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from fanzha.adapters.store.engine import APP, app_engine, look_up_by_key
from fanzha.adapters.store.row_security import Shared, append_only, editable, protect, see_shared
from fanzha.adapters.store.unit_of_work import (
    act_as,
    for_a_moment_as_house,
    savepoint,
    system_unit_of_work,
    unit_of_work,
)
from fanzha.kernel.errors import Illegal
from fanzha.kernel.units import Actor, UnitPath, covers
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION, person
from tests.databases import TestServer

# `_` would match any letter in LIKE, and a path is no prefix of a sibling whose name begins alike.
LOOKALIKE = UnitPath("linan.dongshan.stationX1.desk")
NEIGHBOUR = UnitPath("linan.dongshan2")
PATHS = [CITY, COUNTY, STATION, OTHER_COUNTY, LOOKALIKE, NEIGHBOUR, UnitPath("linan.dongshan.station_1.desk")]


@pytest.fixture
def base(server: TestServer) -> Iterator[str]:
    with server.database() as name:
        yield name


@pytest.fixture
def tamper(server: TestServer, base: str) -> Callable[[str], None]:
    """What the database's superuser does, whom row security does not hold."""

    def run(statement: str) -> None:
        with server.superuser(base).connect() as connection:
            connection.execute(text(statement))

    return run


@pytest.fixture(params=[False, True], ids=["planned_for_values", "planned_once"])
def engine(server: TestServer, base: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A pool of ONE connection, so that every transaction meets what the last one left behind, its plans included."""
    with server.superuser(base).connect() as connection:
        connection.execute(text("SET ROLE fanzha_owner"))
        connection.execute(text('CREATE TABLE thing (id uuid PRIMARY KEY, unit_path text COLLATE "C" NOT NULL)'))
        connection.execute(text("CREATE TABLE remark (id uuid PRIMARY KEY, unit_path text NOT NULL)"))
        shared = Shared(kind="thing", column="id")
        protected = [*protect("thing", shared=shared), see_shared("thing", shared), *protect("remark")]
        for statement in [*protected, *editable("thing")]:
            connection.execute(text(statement))
        for statement in append_only("remark"):
            connection.execute(text(statement))
    engine = app_engine(server.url(APP, base), pool=1)
    if request.param:
        look_up_by_key(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(engine: Engine, now: datetime) -> dict[UnitPath, UUID]:
    """One thing in every unit, put there from the top of the tree."""
    made = {path: uuid4() for path in PATHS}
    with unit_of_work(engine, person(UnitPath("linan"), 9), now) as connection:
        for path, row in made.items():
            add(connection, row, path)
    return made


def add(connection: Connection, row: UUID, path: str) -> None:
    connection.execute(text("INSERT INTO thing VALUES (:id, :path)"), {"id": row, "path": path})


def seen(connection: Connection) -> set[str]:
    return set(connection.scalars(text("SELECT unit_path FROM thing")))


@pytest.mark.parametrize("scope", PATHS)
def test_sight_in_the_database_is_sight_in_the_kernel(
    engine: Engine, rows: dict[UnitPath, UUID], scope: UnitPath, now: datetime
) -> None:
    with unit_of_work(engine, person(scope, 9), now) as connection:
        assert seen(connection) == {path for path in PATHS if covers(scope, path)}


def test_a_connection_used_before_shows_nothing_without_a_scope(
    engine: Engine, rows: dict[UnitPath, UUID], city_actor: Actor, now: datetime, tamper: Callable[[str], None]
) -> None:
    tamper("INSERT INTO thing VALUES (gen_random_uuid(), '')")  # a row of no unit is nobody's, not everybody's
    with unit_of_work(engine, city_actor, now) as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        assert seen(connection) == set(PATHS)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
        assert connection.scalar(text("SELECT current_setting('app.scope', true)")) == "", "the trap is set"
        assert seen(connection) == set()
        with pytest.raises(ProgrammingError, match="row-level security"):
            add(connection, uuid4(), CITY)


def test_the_house_itself_sees_no_case_material(
    engine: Engine, rows: dict[UnitPath, UUID], city_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, city_actor, now) as connection:
        assert seen(connection)
    with system_unit_of_work(engine, now) as connection:
        assert seen(connection) == set()


@pytest.mark.parametrize("path", [CITY, OTHER_COUNTY, NEIGHBOUR])
def test_writing_outside_the_scope_is_refused(
    engine: Engine, path: UnitPath, county_actor: Actor, now: datetime
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        unit_of_work(engine, county_actor, now) as connection,
    ):
        add(connection, uuid4(), path)


def test_moving_a_row_out_of_the_scope_is_refused(
    engine: Engine, rows: dict[UnitPath, UUID], county_actor: Actor, now: datetime
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        unit_of_work(engine, county_actor, now) as connection,
    ):
        connection.execute(
            text("UPDATE thing SET unit_path = :path WHERE id = :id"), {"path": CITY, "id": rows[STATION]}
        )


def give(connection: Connection, row: UUID, owner: UnitPath, to: UnitPath, until: datetime) -> UUID:
    grant = uuid4()
    connection.execute(
        text("INSERT INTO sharing_grant VALUES (:id, 'thing', :row, :owner, :to, 'joint', :until, 'tester', :until)"),
        {"id": grant, "row": row, "owner": owner, "to": to, "until": until},
    )
    return grant


@pytest.mark.usefixtures("tree")
def test_a_live_grant_shows_one_row_to_read_until_it_ends(
    engine: Engine, rows: dict[UnitPath, UUID], county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    until = now + timedelta(hours=1)
    with unit_of_work(engine, county_actor, now) as connection:
        grant = give(connection, rows[STATION], STATION, OTHER_COUNTY, until)
    with unit_of_work(engine, other_actor, now) as connection:
        assert seen(connection) == {OTHER_COUNTY, STATION}
        changed = connection.execute(text("UPDATE thing SET id = id WHERE unit_path = :p"), {"p": STATION})
        assert changed.rowcount == 0, "a grant is for reading"
    with unit_of_work(engine, other_actor, until) as connection:
        assert seen(connection) == {OTHER_COUNTY}, "it ends at its time"
    with unit_of_work(engine, replace(other_actor, scope=UnitPath("linan.xihe.desk")), now) as connection:
        assert seen(connection) == set(), "a grant to a unit is not one to each unit below"
    with unit_of_work(engine, county_actor, now) as connection:
        connection.execute(
            text("INSERT INTO sharing_end VALUES (:g, :p, 'tester', :now)"), {"g": grant, "p": STATION, "now": now}
        )
    with unit_of_work(engine, other_actor, now) as connection:
        assert seen(connection) == {OTHER_COUNTY}, "and by an entry that ends it"


@pytest.mark.usefixtures("tree")
def test_nobody_grants_themselves_what_is_not_theirs(
    engine: Engine, rows: dict[UnitPath, UUID], other_actor: Actor, now: datetime
) -> None:
    """The grant names the giver's own unit, so a row of another unit could otherwise be claimed."""
    with unit_of_work(engine, other_actor, now) as connection:
        give(connection, rows[STATION], OTHER_COUNTY, OTHER_COUNTY, now + timedelta(hours=1))
    with unit_of_work(engine, other_actor, now) as connection:
        assert seen(connection) == {OTHER_COUNTY}


@pytest.mark.parametrize("change", ["UPDATE remark SET unit_path = unit_path", "DELETE FROM remark", "TRUNCATE remark"])
def test_append_only_tables_cannot_be_edited(engine: Engine, city_actor: Actor, now: datetime, change: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        unit_of_work(engine, city_actor, now) as connection,
    ):
        connection.execute(text(change))


def test_the_plain_role_cannot_lift_row_security(engine: Engine) -> None:
    for attempt in (
        "ALTER TABLE thing DISABLE ROW LEVEL SECURITY",
        "SET ROLE fanzha_owner",
        "DROP POLICY seen ON thing",
    ):
        with pytest.raises(ProgrammingError), engine.begin() as connection:
            connection.execute(text(attempt))


def test_every_table_with_units_is_protected(engine: Engine) -> None:
    """A table that a later migration forgets to protect fails here; the tree of units itself is everybody's."""
    open_tables = {"unit_division", "organ_card"}
    with engine.connect() as connection:
        unprotected = set(
            connection.scalars(
                text(
                    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                    " WHERE a.attname = 'unit_path' AND c.relkind = 'r' AND NOT c.relforcerowsecurity"
                )
            )
        )
    assert unprotected == open_tables


def test_a_moment_as_the_house_ends_with_whoever_acted_before(engine: Engine, tree: None, now: datetime) -> None:
    asked = text("SELECT app_actor(), app_scope(), app_system()")
    actor = person(COUNTY, 2)
    with unit_of_work(engine, actor, now) as connection:
        before = connection.execute(asked).one()
        with for_a_moment_as_house(connection, now) as same:
            assert same is connection
            assert connection.execute(asked).one() == ("system", None, True)
        assert connection.execute(asked).one() == before
        with pytest.raises(Illegal), for_a_moment_as_house(connection, now):
            raise Illegal("test.refused")
        assert connection.execute(asked).one() == before


def test_a_moment_as_the_house_ends_with_whatever_ends_it(engine: Engine, tree: None, now: datetime) -> None:
    """Also where somebody catches what no law of the house names, and goes on."""
    asked = text("SELECT app_actor(), app_scope(), app_system()")
    with unit_of_work(engine, person(COUNTY, 2), now) as connection:
        before = connection.execute(asked).one()
        with pytest.raises(KeyError), for_a_moment_as_house(connection, now):
            raise KeyError
        assert connection.execute(asked).one() == before
        with pytest.raises(DataError), for_a_moment_as_house(connection, now):
            connection.execute(text("SELECT CAST(:words AS text)"), {"words": "\0"})  # refused before it is said
        assert connection.execute(asked).one() == before


def test_a_connection_that_is_lost_within_a_savepoint_is_told_as_such(
    engine: Engine, tree: None, now: datetime, tamper: Callable[[str], None]
) -> None:
    with (
        pytest.raises(OperationalError),
        unit_of_work(engine, person(COUNTY, 2), now) as connection,
        savepoint(connection),
        for_a_moment_as_house(connection, now),
    ):
        tamper(f"SELECT pg_terminate_backend({connection.scalar(text('SELECT pg_backend_pid()'))}, 10000)")
        connection.execute(text("SELECT 1"))
    with unit_of_work(engine, person(OTHER_COUNTY, 2), now) as connection:
        assert connection.scalar(text("SELECT app_scope()")) == OTHER_COUNTY, "the next one begins anew"


def test_who_acts_is_taken_back_with_a_savepoint(engine: Engine, tree: None, now: datetime) -> None:
    def sees(connection: Connection) -> tuple[object, ...]:
        return tuple(connection.execute(text("SELECT app_scope(), app_actor(), app_system()")).one())

    actor = person(COUNTY, 2)
    with unit_of_work(engine, actor, now) as connection:
        own = sees(connection)
        with pytest.raises(ProgrammingError), savepoint(connection), for_a_moment_as_house(connection, now):
            connection.execute(text("SELECT 1 FROM no_such_table"))
        assert sees(connection) == own
        with for_a_moment_as_house(connection, now):
            assert sees(connection)[2] is True
        assert sees(connection) == own
    with system_unit_of_work(engine, now) as connection:
        assert sees(connection) == (None, "system", True)


def test_nobody_acts_for_a_moment_in_place_of_an_earlier_transaction_s_actor(engine: Engine, now: datetime) -> None:
    asked = text("SELECT app_actor(), app_scope(), app_system()")
    with unit_of_work(engine, person(COUNTY, 2), now):
        pass
    with engine.begin() as connection:
        nobody = connection.execute(asked).one()
        with for_a_moment_as_house(connection, now):
            pass
        assert connection.execute(asked).one() == nobody


def test_one_moment_within_another_goes_on_as_the_house(engine: Engine, now: datetime) -> None:
    asked = text("SELECT app_actor(), app_scope(), app_system()")
    with unit_of_work(engine, person(COUNTY, 2), now) as connection, for_a_moment_as_house(connection, now):
        with for_a_moment_as_house(connection, now + timedelta(seconds=1)):
            act_as(connection, person(OTHER_COUNTY, 3), now)
        assert connection.execute(asked).one() == ("system", None, True)


def test_policies_ask_for_grants_by_the_function(engine: Engine) -> None:
    """Whoever sees a table by grants asks `app_shared`: written out, that makes plans of hundreds of parts."""
    seen_by_grants = text("SELECT tablename FROM pg_policies WHERE policyname = 'seen' AND qual LIKE '%app_shared(%'")
    written_out = text("SELECT tablename FROM pg_policies WHERE qual LIKE '%sharing_grant g%'")
    with engine.connect() as connection:
        assert {"case_file", "order_entry", "order_standing"} <= set(connection.scalars(seen_by_grants))
        assert set(connection.scalars(written_out)) == {"sharing_end"}
