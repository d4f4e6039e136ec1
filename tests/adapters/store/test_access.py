"""Who comes in, as whom, for how long; and that guessing, waiting and sharing links does not help."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, text

from fanzha.adapters.store import passwords
from fanzha.adapters.store.authentication import LocalPasswords, LockOut, unlock
from fanzha.adapters.store.doors import Doors
from fanzha.adapters.store.people import (
    NewPerson,
    add_person,
    disable_person,
    enable_person,
    people_in_sight,
    person_called,
    set_password,
)
from fanzha.adapters.store.roles import NewAssignment, assign_role, end_role, roles, roles_of
from fanzha.adapters.store.sessions import Terms, work_as, working_units
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.adapters.store.units import Unit, add_unit, units_below
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION, person

FIRST, SECOND = "first-Password-1", "second-Password-2"
TERMS = Terms(idle=timedelta(minutes=30), longest=timedelta(hours=12), password=timedelta(days=180))

pytestmark = pytest.mark.usefixtures("tree")


@dataclass
class House:
    """An instance with one analyst of the county, on a wall clock that the test moves."""

    engine: Engine
    wall: SetClock
    doors: Doors
    analyst: UserId

    def __init__(self, engine: Engine) -> None:
        self.engine, self.wall = engine, SetClock(datetime(2026, 11, 22, 1, tzinfo=UTC))
        local = LocalPasswords(engine=engine, wall=self.wall, lock_out=LockOut(failures=3))
        self.doors = Doors(engine=engine, wall=self.wall, terms=TERMS, authenticator=local)
        self.analyst = self.add("analyst", first_password=FIRST)
        self.assign(self.analyst, "analyst", COUNTY)

    def add(self, login: str, first_password: str | None = None, expires_at: datetime | None = None) -> UserId:
        new = NewPerson(
            login=login, name="测试·甲", unit_path=COUNTY, first_password=first_password, expires_at=expires_at
        )
        with unit_of_work(self.engine, person(COUNTY, 7), self.wall.now()) as connection:
            return add_person(connection, new, self.wall.now())

    def assign(self, user: UserId, role: str, unit: UnitPath, until: datetime | None = None) -> None:
        new = NewAssignment(user_id=user, role=role, unit_path=unit, valid_until=until)
        with unit_of_work(self.engine, person(CITY, 8), self.wall.now()) as connection:
            assign_role(connection, new, person(CITY, 8), self.wall.now())

    def actor(self, token: str) -> Actor | None:
        found = self.doors.visitor(token)
        return None if found is None else found.actor


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def test_a_person_logs_in_and_is_seen_with_unit_and_permissions(house: House) -> None:
    visit = house.doors.visitor(house.doors.log_in(" Analyst ", FIRST))
    assert visit is not None
    assert (visit.actor.name, visit.actor.scope, visit.unit.name_zh) == ("analyst", COUNTY, "东山县反诈中心")
    assert visit.actor.permissions == roles()["analyst"].permissions
    assert visit.must_change, "a first password"
    assert visit.csrf not in {"", house.doors.log_in("analyst", FIRST)}


def test_neither_tokens_nor_passwords_are_in_the_database(house: House) -> None:
    token = house.doors.log_in("analyst", FIRST)
    with system_unit_of_work(house.engine, house.wall.now()) as connection:
        for table in ("session", "user_account", "login_attempt", "audit_entry"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert token not in rows and FIRST not in rows


@pytest.mark.parametrize("login", ["analyst", "nobody_called_so", FIRST])
def test_wrong_passwords_lock_known_and_unknown_names_alike(house: House, login: str) -> None:
    for _ in range(3):
        with pytest.raises(Forbidden, match="wrong_password"):
            house.doors.log_in(login, "wrong-Password-1")
    for password in ("wrong-Password-1", FIRST):
        with pytest.raises(Forbidden, match=r"access.locked until=2026-11-22T09:15:00\+08:00"):
            house.doors.log_in(login, password)
    house.wall.move(timedelta(minutes=15))
    if login == "analyst":
        assert house.doors.log_in(login, FIRST)
    else:
        with pytest.raises(Forbidden, match="wrong_password"):
            house.doors.log_in(login, FIRST)


def test_guesses_at_once_are_not_more_guesses(house: House) -> None:
    def guess(number: int) -> str:
        try:
            house.doors.log_in("analyst", f"wrong-Password-{number}")
        except Forbidden as refused:
            return refused.code
        return "in"

    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(guess, range(20)))
    assert answers == ["access.locked"] * 17 + ["access.wrong_password"] * 3


def test_the_right_password_in_time_starts_the_count_anew(house: House) -> None:
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(Forbidden):
                house.doors.log_in("analyst", "wrong-Password-1")
        house.doors.log_in("analyst", FIRST)


def test_an_administrator_unlocks(house: House) -> None:
    for _ in range(3):
        with pytest.raises(Forbidden):
            house.doors.log_in("analyst", "wrong-Password-1")
    with system_unit_of_work(house.engine, house.wall.now()) as connection:
        unlock(connection, "Analyst")
    assert house.doors.log_in("analyst", FIRST)


def test_unknown_people_cost_the_same_hash_and_the_same_statements(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap = passwords.HASHER
    done: list[str] = []

    class Counting:
        def verify(self, known: str, given: str) -> bool:
            done.append("hash")
            return cheap.verify(known, given)

        def hash(self, given: str) -> str:
            return cheap.hash(given)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    event.listen(house.engine, "before_cursor_execute", lambda *told: done.append(str(told[2])))
    steps = []
    for login in ("analyst", "nobody_called_so"):
        with pytest.raises(Forbidden, match="wrong_password"):
            house.doors.log_in(login, "wrong-Password-1")
        steps.append(done.copy())
        done.clear()
    assert steps[0] == steps[1] and steps[0].count("hash") == 1


@pytest.mark.parametrize(
    "password", ["short-Aa1", "alllowercaseletters", "Analyst-Analyst-1", "Aa1Aa1Aa1Aa1Aa1", "A1" * 200]
)
def test_weak_passwords_are_refused(house: House, password: str) -> None:
    with (
        system_unit_of_work(house.engine, house.wall.now()) as connection,
        pytest.raises(Invalid, match="password_"),
    ):
        set_password(connection, house.analyst, password, first=False, wall=house.wall.now())


def test_names_and_passwords_are_the_same_in_full_width(house: House) -> None:
    login, password = ("".join(chr(ord(each) + 0xFEE0) for each in typed) for typed in ("Analyst", FIRST))
    assert house.doors.log_in(login, password)


def test_changing_the_password_ends_every_other_session(house: House) -> None:
    mine, stolen = house.doors.log_in("analyst", FIRST), house.doors.log_in("analyst", FIRST)
    house.wall.move(timedelta(seconds=1))
    visit = house.doors.visitor(mine)
    assert visit is not None
    with pytest.raises(Forbidden, match="wrong_password"):
        house.doors.change_password(visit, "not-the-0ld-one", SECOND)
    with pytest.raises(Invalid, match="password_same"):
        house.doors.change_password(visit, FIRST, FIRST)
    token = house.doors.change_password(visit, FIRST, SECOND)
    assert house.actor(mine) is None and house.actor(stolen) is None
    renewed = house.doors.visitor(token)
    assert renewed is not None and not renewed.must_change
    with pytest.raises(Forbidden):
        house.doors.log_in("analyst", FIRST)


def test_an_old_password_must_be_changed(house: House) -> None:
    with system_unit_of_work(house.engine, house.wall.now()) as connection:
        set_password(connection, house.analyst, SECOND, first=False, wall=house.wall.now())
    house.wall.move(timedelta(days=180) - timedelta(seconds=1))
    visit = house.doors.visitor(house.doors.log_in("analyst", SECOND))
    assert visit is not None and not visit.must_change
    house.wall.move(timedelta(seconds=1))
    visit = house.doors.visitor(house.doors.log_in("analyst", SECOND))
    assert visit is not None and visit.must_change


def test_a_session_ends_when_idle_and_in_any_case_after_a_shift(house: House) -> None:
    idle, busy = house.doors.log_in("analyst", FIRST), house.doors.log_in("analyst", FIRST)
    for _ in range(25):
        house.wall.move(timedelta(minutes=28, seconds=45))
        assert house.actor(busy) is not None
    assert house.actor(idle) is None
    house.wall.move(timedelta(minutes=2))
    assert house.actor(busy) is None, "twelve hours"


def test_logging_out_ends_the_session(house: House) -> None:
    token = house.doors.log_in("analyst", FIRST)
    house.doors.log_out(token)
    house.doors.log_out(token)
    assert house.actor(token) is None
    assert house.doors.visitor("made-up") is None


def test_disabled_and_expired_accounts_are_told_why_only_with_the_right_password(house: House) -> None:
    token = house.doors.log_in("analyst", FIRST)
    with unit_of_work(house.engine, person(COUNTY, 7), house.wall.now()) as connection:
        disable_person(connection, house.analyst, house.wall.now())
    assert house.actor(token) is None, "at once"
    with pytest.raises(Forbidden, match="wrong_password"):
        house.doors.log_in("analyst", "wrong-Password-1")
    with pytest.raises(Forbidden, match="disabled"):
        house.doors.log_in("analyst", FIRST)
    with unit_of_work(house.engine, person(COUNTY, 7), house.wall.now()) as connection:
        enable_person(connection, house.analyst, house.wall.now() + timedelta(days=1))
    assert house.doors.log_in("analyst", FIRST)
    house.wall.move(timedelta(days=1))
    with pytest.raises(Forbidden, match="account_expired"):
        house.doors.log_in("analyst", FIRST)


def test_a_link_lets_in_once_soon_and_one_of_two_at_once(house: House) -> None:
    operator = Actor(user_id=None, name="cli:root", scope=CITY, permissions=frozenset())
    link = house.doors.link_for(house.analyst, operator, timedelta(minutes=10))

    def use(_: int) -> bool:
        try:
            return house.actor(house.doors.enter(link)) is not None
        except Forbidden:
            return False

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(use, range(5))) == [False] * 4 + [True]
    late = house.doors.link_for(house.analyst, operator, timedelta(minutes=10))
    house.wall.move(timedelta(minutes=10))
    with pytest.raises(Forbidden, match="link_spent"):
        house.doors.enter(late)


def test_a_person_without_a_password_comes_by_link_only_and_can_choose_one(house: House) -> None:
    user = house.add("visitor")
    house.assign(user, "reader", COUNTY)
    with pytest.raises(Forbidden):
        house.doors.log_in("visitor", "")
    visit = house.doors.visitor(house.doors.enter(house.doors.link_for(user, person(CITY, 1), timedelta(minutes=1))))
    assert visit is not None and not visit.must_change
    house.doors.change_password(visit, "", SECOND)
    assert house.doors.log_in("visitor", SECOND)


def test_without_a_role_in_force_nobody_comes_in(house: House) -> None:
    user = house.add("temporary", first_password=FIRST)
    with pytest.raises(Forbidden, match="no_role"):
        house.doors.log_in("temporary", FIRST)
    house.assign(user, "reader", COUNTY, until=house.wall.now() + timedelta(minutes=5))
    token = house.doors.log_in("temporary", FIRST)
    house.wall.move(timedelta(minutes=5))
    assert house.actor(token) is None, "the role ended under the session"


def test_a_role_taken_back_is_gone_at_the_next_request_and_stays_on_record(house: House) -> None:
    token = house.doors.log_in("analyst", FIRST)
    with unit_of_work(house.engine, person(CITY, 8), house.wall.now()) as connection:
        (held,) = roles_of(connection, house.analyst, house.wall.now())
        end_role(connection, held, person(CITY, 8), house.wall.now())
        assert connection.scalar(text("SELECT count(*) FROM role_assignment")) == 1
    assert house.actor(token) is None


def test_permissions_are_those_of_roles_at_or_above_the_scope_chosen(house: House) -> None:
    house.assign(house.analyst, "commander", STATION)
    token = house.doors.log_in("analyst", FIRST)
    actor = house.actor(token)
    assert actor is not None and actor.scope == COUNTY and not actor.may("audit.read")
    with system_unit_of_work(house.engine, house.wall.now()) as connection:
        offered = working_units(connection, house.analyst, house.wall.now())
        assert [each.path for each in offered] == [COUNTY, STATION], "each once, though a role is held at both"
        work_as(connection, token, STATION, house.wall.now())
    actor = house.actor(token)
    assert actor is not None and actor.scope == STATION and actor.may("audit.read") and actor.may("cases.open")
    with system_unit_of_work(house.engine, house.wall.now()) as connection, pytest.raises(Forbidden):
        work_as(connection, token, CITY, house.wall.now())


def test_nobody_gives_roles_outside_their_units_or_to_themselves_or_without_leave(house: House) -> None:
    new = NewAssignment(user_id=house.analyst, role="commander", unit_path=CITY)
    for giver, code in (
        (person(COUNTY, 7), "outside_scope"),
        (person(CITY, 7, frozenset({"cases.read"})), "not_permitted"),
        (
            Actor(user_id=house.analyst, name="analyst", scope=CITY, permissions=frozenset({"people.manage"})),
            "own_roles",
        ),
    ):
        with unit_of_work(house.engine, giver, house.wall.now()) as connection, pytest.raises(Forbidden, match=code):
            assign_role(connection, new, giver, house.wall.now())


def test_accounts_are_seen_by_their_units_only(house: House) -> None:
    with unit_of_work(house.engine, person(OTHER_COUNTY, 9), house.wall.now()) as connection:
        assert people_in_sight(connection, 10) == []
        with pytest.raises(NotFound):
            disable_person(connection, house.analyst, house.wall.now())
    with unit_of_work(house.engine, person(CITY, 9), house.wall.now()) as connection:
        assert [each.login for each in people_in_sight(connection, 10)] == ["analyst"]
        assert person_called(connection, "ANALYST") is not None


def test_a_login_is_unique_and_plain(house: House) -> None:
    with pytest.raises(Conflict, match="login_taken"):
        house.add("Analyst")
    for bad in ("a", "with space", "张三", "x" * 40, "-x"):
        with pytest.raises(Invalid, match="bad_login"):
            house.add(bad)


def test_coming_and_going_is_on_record(house: House) -> None:
    with pytest.raises(Forbidden):
        house.doors.log_in("analyst", "wrong-Password-1")
    house.doors.log_out(house.doors.log_in("analyst", FIRST))
    with unit_of_work(house.engine, person(COUNTY, 7), house.wall.now()) as connection:
        rows = connection.execute(text("SELECT action, actor_name FROM audit_entry ORDER BY seq")).all()
    assert [tuple(row) for row in rows] == [
        ("access.refused", "nobody"),
        ("access.logged_in", "analyst"),
        ("access.logged_out", "analyst"),
    ]


def test_units_hang_on_their_parents(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert [each.path for each in units_below(connection, COUNTY)] == [COUNTY, STATION]
        for path, level, error in (
            ("linan.nowhere.desk", "station", NotFound),
            ("linan.dongshan", "county", Conflict),
            ("linan.new", "station", Invalid),
            ("linan.New", "county", Invalid),
        ):
            with pytest.raises(error):
                add_unit(connection, Unit(path=UnitPath(path), level=level, name_zh="新", name_en="New"), now)  # type: ignore[arg-type]
