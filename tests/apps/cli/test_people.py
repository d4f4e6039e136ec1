"""Accounts, roles, links and units from the command line; every change leaves an entry of the audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from sqlalchemy import select

from fanzha.adapters.store.officers import known_as, organ_of
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.units import unit_path
from fanzha.settings import Settings
from fanzha.wiring.cards import lacking
from fanzha.wiring.house import open_house, operator
from fanzha.wiring.people import doors_of, exercise_colleagues, first_person
from fanzha.wiring.staff import the_person
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise

PASSWORD = "first-Password-1"
COUNTY = "centre.county02"


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance with a second county."""
    with lodged_exercise(tmp_path_factory.mktemp("people") / "keys", postgres) as line:
        added = line.json("units", "add", COUNTY, "--name", "测试乙县", "--contact", "0999-1200002")
        assert_valid("unit", added)
        assert (added["level"], added["name_en"]) == ("county", "测试乙县")
        yield line


def in_list(fanzha: CommandLine, login: str) -> dict[str, object]:
    found: list[dict[str, object]] = fanzha.json("people", "list")
    assert_valid("people", found)
    return next(each for each in found if each["login"] == login)


def add(fanzha: CommandLine, login: str, *more: str, given: str = "") -> dict[str, object]:
    named = ("people", "add", login, "--name", "测试·张三", "--unit", COUNTY)
    added: dict[str, object] = fanzha.json(*named, *more, given=given)
    assert_valid("person", added)
    return added


def actions(fanzha: CommandLine) -> Counter[str]:
    """How often each action stands in the audit."""
    with (
        patch.dict("os.environ", fanzha.environment),
        open_house(Settings()) as house,
        house.act_as_house() as connection,
    ):
        return Counter(connection.scalars(select(audit_entry.c.action)))


def test_somebody_added_with_a_password_comes_in_and_must_change_it(fanzha: CommandLine) -> None:
    added = add(fanzha, "zhangsan", "--role", "analyst", "--first-password", "-", given=f"{PASSWORD}\n")
    assert added["roles"] == [f"analyst@{COUNTY}"]
    assert in_list(fanzha, "zhangsan")["state"] == "must_change_password"
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        doors = doors_of(house)
        visit = doors.visitor(doors.log_in("zhangsan", PASSWORD))
    assert visit is not None and visit.person.must_change


def test_a_link_lets_in_once(fanzha: CommandLine) -> None:
    add(fanzha, "lisi", "--role", "reader")
    said = fanzha.run("people", "link", "lisi").stdout
    token = said.strip().rpartition("/enter/")[2]
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        assert doors_of(house).enter(token)
        with pytest.raises(Forbidden):
            doors_of(house).enter(token)


def test_roles_are_given_and_taken_back(fanzha: CommandLine) -> None:
    add(fanzha, "wangwu")
    fanzha.run("people", "role", "add", "wangwu", "commander")
    fanzha.run("people", "role", "add", "wangwu", "reader", "--unit", "centre")
    assert in_list(fanzha, "wangwu")["roles"] == ["reader@centre", f"commander@{COUNTY}"]
    fanzha.run("people", "role", "end", "wangwu", "commander")
    assert in_list(fanzha, "wangwu")["roles"] == ["reader@centre"]
    assert "commander" in fanzha.run("people", "role", "end", "wangwu", "commander", code=3).stderr


def test_a_disabled_account_lets_nobody_in(fanzha: CommandLine) -> None:
    add(fanzha, "zhaoliu", "--role", "reader", "--first-password", "-", given=f"{PASSWORD}\n")
    fanzha.run("people", "disable", "zhaoliu")
    assert in_list(fanzha, "zhaoliu")["state"] == "disabled"
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house, pytest.raises(Forbidden):
        doors_of(house).log_in("zhaoliu", PASSWORD)
    fanzha.run("people", "enable", "zhaoliu")
    assert in_list(fanzha, "zhaoliu")["state"] == "must_change_password"


def test_a_unit_is_renamed_and_keeps_what_is_not_named(fanzha: CommandLine) -> None:
    named = fanzha.json("units", "rename", COUNTY, "--name", "测试丙县")
    assert (named["name_zh"], named["name_en"], named["contact"]) == ("测试丙县", "测试乙县", "0999-1200002")
    listed = fanzha.json("units", "list")
    assert_valid("units", listed)
    assert named in listed


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("people", "add", "X!", "--name", "测试"), 2),
        (("people", "add", "ok", "--name", "测试", "--unit", "centre.nowhere"), 3),
        (("people", "add", "ok", "--name", "测试", "--role", "king"), 3),
        (("people", "add", "ok", "--name", "测试", "--first-password", PASSWORD), 2),
        (("people", "link", "nobody"), 3),
        (("people", "disable", "nobody"), 3),
        (("units", "add", COUNTY, "--name", "测试"), 4),
        (("units", "add", "elsewhere.county", "--name", "测试"), 5),
        (("units", "add", "centre.a.b.c", "--name", "测试"), 2),
        (("units", "add", "centre.340421000000", "--name", "测试"), 2),
        (("units", "rename", "centre.nowhere", "--name", "测试"), 3),
    ],
)
def test_mistakes_change_nothing_and_are_named(fanzha: CommandLine, arguments: tuple[str, ...], code: int) -> None:
    before = actions(fanzha)
    assert fanzha.run(*arguments, code=code).stderr.strip()
    assert actions(fanzha) == before
    assert "ok" not in {each["login"] for each in fanzha.json("people", "list")}


def test_every_change_is_on_record(fanzha: CommandLine) -> None:
    before = actions(fanzha)
    add(fanzha, "wujiu", "--role", "reader")
    fanzha.run("people", "role", "end", "wujiu", "reader")
    fanzha.run("people", "disable", "wujiu")
    fanzha.run("people", "enable", "wujiu")
    fanzha.run("people", "link", "wujiu")
    fanzha.run("units", "add", f"{COUNTY}.station07", "--name", "测试七所")
    fanzha.run("units", "rename", f"{COUNTY}.station07", "--name-en", "Test station 7")
    assert actions(fanzha) - before == Counter(
        [
            "person.added", "role.given", "role.ended", "person.disabled", "person.enabled", "access.link_made",
            "unit.added", "unit.renamed",
        ]
    )  # fmt: skip


def test_institutions_know_officers_and_organs_by_their_cards(fanzha: CommandLine) -> None:
    add(fanzha, "zhengshi", "--role", "desk_officer")
    card = ("--document-type", "99", "--document-number", "TEST-000017", "--phone", "09991200003")
    told = fanzha.json("people", "card", "zhengshi", *card)
    assert_valid("officer_card", told)
    assert "TEST-000017" not in str(told) and "09991200003" not in str(told), "masked by default"
    organ = fanzha.json("units", "organ", COUNTY, "999999000009", "测试乙县公安局")
    assert_valid("organ_card", organ)
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house, house.act(operator()) as at:
        assert organ_of(at, unit_path(f"{COUNTY}.station09")).name == "测试乙县公安局"
        assert organ_of(at, unit_path("centre.county01.station01")).code == "999999000003"
        drafter = the_person(at, "zhengshi").id
        assert known_as(at, unit_path(COUNTY), [drafter]).cards()[drafter].phone == "09991200003"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("people", "card", "nobody", "--document-type", "99", "--document-number", "1", "--phone", "1"), 3),
        (("people", "card", "zhangsan", "--document-type", "x", "--document-number", "1", "--phone", "1"), 2),
        (("people", "card", "zhangsan", "--document-type", "99", "--document-number", "1 2", "--phone", "1"), 2),
        (("units", "organ", COUNTY, "12", "测试"), 2),
        (("units", "organ", "centre.nowhere", "999999000009", "测试"), 3),
    ],
)
def test_a_card_that_no_message_would_take_is_refused(
    fanzha: CommandLine, arguments: tuple[str, ...], code: int
) -> None:
    fanzha.run(*arguments, code=code)


def test_an_exercise_has_colleagues_who_see_an_order_through_and_a_live_house_has_none(
    fanzha: CommandLine, settings: Settings, postgres: TestServer
) -> None:
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        first_person(house)
        made = exercise_colleagues(house)
        assert exercise_colleagues(house) == made, "made once"
        with house.act(operator()) as connection:
            lack = lacking(connection, house.now(), house.wall.now())
        assert list(made) == ["second", "chief"]
        assert (lack.organ, lack.capacities) == (False, ())
        assert "first" not in lack.officers
    with lodged_exercise(settings.keys, postgres) as other, patch.dict("os.environ", other.environment):
        with open_house(Settings(), "live") as live:
            first_person(live)
            assert exercise_colleagues(live) == {}
        other.run("people", "add", "zhaoba", "--name", "测试·赵八", "--role", "desk_officer")
        found = {each["check"]: each for each in other.json("doctor")}
        assert {found[name]["state"] for name in ("organ", "officer_cards", "signers")} == {"warn"}
        assert "zhaoba" in found["officer_cards"]["finding"] and "county_chief" in found["signers"]["finding"]
        other.run("units", "organ", "centre", "999999000001", "测试市公安局")
        other.run("people", "add", "shijiu", "--name", "测试·十九", "--role", "city_chief", "--role", "second_officer")
        card = ("--document-type", "99", "--phone", "0999", "--document-number")
        other.run("people", "card", "zhaoba", *card, "TEST-8")
        (officers,) = (each for each in other.json("doctor") if each["check"] == "officer_cards")
        assert "shijiu" in officers["finding"], "a second officer stands on messages, too"
        other.run("people", "card", "shijiu", *card, "TEST-9")
        found = {each["check"]: each["state"] for each in other.json("doctor")}
        assert {found[name] for name in ("organ", "officer_cards", "signers")} == {"ok"}
