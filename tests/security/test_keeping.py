"""What takes two people takes two; what is shared is read, not changed; what leaves or is looked up leaves a mark."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import select

from fanzha.adapters.store.people import NewPerson
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.units import Unit
from fanzha.apps.web.pages.case import PEOPLE
from fanzha.apps.web.views.tables import read_query
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.house import House
from fanzha.wiring.people import doors_of
from fanzha.wiring.staff import add_colleague, call_unit, colleagues, give_role, new_unit, take_role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION
from tests.security.conftest import CARD, OPERATOR, THIRD_COUNTY, TITLE, Place

MEANINGS = {"column-0": "time", "column-1": "payer", "column-2": "amount", "column-3": "payee"}
SHARE = {"unit": OTHER_COUNTY, "purpose": "evidence", "until": "2026-06-30", "reason": "the money went there"}


def asks(place: Place, role: str, at: UnitPath, path: str, /, **fields: str) -> Response:
    """The answer to somebody of a role and county: to a form when there are fields, else to a page."""
    token = place.token(place.people[role, at])
    with place.client(token) as client:
        if not fields:
            return client.get(path)
        return client.post(path, data={**fields, "csrf": place.csrf(token)})


def _uploads(place: Place, role: str, at: UnitPath) -> int:
    """The status of an upload's last step."""
    token = place.token(place.people[role, at])
    with place.client(token) as client:
        client.headers["x-csrf"] = place.csrf(token)
        opened = client.post(f"/cases/{place.ref}/uploads")
        if opened.status_code != 200:
            return int(opened.status_code)
        batch = f"/cases/{place.ref}/uploads/{opened.json()['batch']}"
        client.put(batch, content=b"1,2", headers={"x-file-name": "a.csv"})
        return int(client.post(batch).status_code)


def marks(place: Place, action: str) -> list[dict[str, object]]:
    """The audit entries of an action, oldest first."""
    wanted = select(audit_entry).where(audit_entry.c.action == action).order_by(audit_entry.c.seq)
    with place.house.act_as_house() as connection:
        return [dict(row._mapping) for row in connection.execute(wanted)]


def test_an_erasure_takes_two_people_and_leaves_nothing_to_read(place: Place) -> None:
    ref = place.ended_ref
    here = f"/cases/{ref}"
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="confirm").status_code == 409
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="ask", reason="over").status_code == 303
    for role, status in (("data_protection", 403), ("commander", 403), ("analyst", 403)):
        assert asks(place, role, COUNTY, f"{here}/erasure", step="confirm").status_code == status, role
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="refuse", reason="mine").status_code == 303
    assert asks(place, "analyst", COUNTY, f"{here}/erasure", step="ask", reason="over").status_code == 303
    assert asks(place, "commander", COUNTY, f"{here}/hold", held="yes", reason="appeal").status_code == 303
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="confirm").status_code == 409
    assert asks(place, "commander", COUNTY, f"{here}/hold", held="no", reason="decided").status_code == 303
    assert asks(place, "analyst", COUNTY, f"{here}/erasure", step="ask", reason="over").status_code == 303
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="confirm").status_code == 303
    page = asks(place, "analyst", COUNTY, f"{here}/settings")
    assert page.status_code == 200 and TITLE not in page.text and "was erased" in page.text
    assert asks(place, "analyst", COUNTY, f"{here}/notes", text="a note").status_code == 409
    assert marks(place, "case.erased")[0]["actor_name"] == "data_protection.dongshan"


def test_live_evidence_is_erased_by_nobody(place: Place) -> None:
    here = f"/cases/{place.ref}"
    assert asks(place, "analyst", COUNTY, f"{here}/erasure", step="ask", reason="over").status_code == 409
    assert asks(place, "data_protection", COUNTY, f"{here}/erasure", step="confirm").status_code == 409


def test_an_erased_case_leaves_no_file_on_the_disk(place: Place) -> None:
    place.data.move(OPERATOR, place.ref, "dismissed", "test")
    place.data.set_retention(OPERATOR, place.ref, "exercise", "test")
    place.house.clock.move(timedelta(days=60))  # type: ignore[attr-defined]
    place.data.ask_erasure(OPERATOR, place.ref, "over")
    assert any(each.is_file() for each in place.house.evidence.rglob("*"))
    place.data.erase(replace(OPERATOR, name="second"), place.ref)
    assert not any(each.is_file() for each in place.house.evidence.rglob("*"))
    assert place.data.people(OPERATOR, place.ref, read_query(PEOPLE, {})).total == 0
    here = f"/cases/{place.ref}"
    for page in ("", "/quality", "/rejected", "/movements", "/accounts", "/people", "/notes", "/log", "/settings"):
        answer = asks(place, "analyst", COUNTY, here + page)
        assert answer.status_code == 200 and TITLE not in answer.text and "甲" not in answer.text, page


def test_a_shared_case_is_read_whole_and_changed_by_nobody(place: Place) -> None:
    here = f"/cases/{place.ref}"
    assert asks(place, "analyst", OTHER_COUNTY, here).status_code == 404
    assert asks(place, "commander", COUNTY, f"{here}/shares", **SHARE).status_code == 303
    pages = ("", "/quality", "/movements", "/accounts", "/people", "/notes", "/settings", f"/accounts/{place.account}")
    for page in (*pages, f"/movements/{place.movement}", "/movements?export=csv"):
        assert asks(place, "analyst", OTHER_COUNTY, here + page).status_code == 200, page
    assert asks(place, "administrator", OTHER_COUNTY, here).status_code == 403
    for path, fields in (
        ("/notes", {"text": "a note"}),
        ("/people", {"text": "测试·戊", "reason": "x"}),
        ("/state", {"state": "filed", "reason": "x"}),
        ("/hold", {"held": "yes", "reason": "x"}),
        ("/shares", {**SHARE, "unit": THIRD_COUNTY}),
        ("/erasure", {"step": "ask", "reason": "x"}),
        ("/exclusion", {"imports": place.import_id, "excluded": "yes", "reason": "x"}),
        (f"/imports/{place.strange_id}/mapping/{place.strange_source}", MEANINGS),
        ("/retention", {"retention": "lead", "reason": "x"}),
    ):
        refused = asks(place, "commander", OTHER_COUNTY, here + path, **fields).status_code
        assert refused in (403, 404), (path, refused)
    assert _uploads(place, "commander", OTHER_COUNTY) in (403, 404)
    assert place.left_in_uploads() == []
    assert (
        asks(place, "commander", COUNTY, f"{here}/shares", end="yes", unit=OTHER_COUNTY, reason="x").status_code == 303
    )
    assert asks(place, "analyst", OTHER_COUNTY, here).status_code == 404


def test_exports_and_look_ups_leave_a_mark(place: Place) -> None:
    here = f"/cases/{place.ref}"
    assert asks(place, "analyst", COUNTY, f"{here}/movements?export=csv").status_code == 200
    assert asks(place, "analyst", COUNTY, "/cases?export=xlsx").status_code == 200
    assert asks(place, "analyst", COUNTY, f"{here}/find-account", text=CARD).status_code == 303
    assert asks(place, "reader", COUNTY, f"{here}/find-account", text="9999990000000000090").status_code == 404
    taken = [(each["actor_name"], each["object_kind"], each["detail"]) for each in marks(place, "table.exported")]
    assert [(who, kind, told["value"]) for who, kind, told in taken] == [  # type: ignore[index]
        ("analyst.dongshan", "case", "movements"),
        ("analyst.dongshan", "unit", "cases"),
    ]
    looked = marks(place, "account.looked_for")
    assert [(each["actor_name"], each["purpose"]) for each in looked] == [
        ("analyst.dongshan", "case_work"),
        ("reader.dongshan", "case_work"),
    ], "one who tries a number that is not there, too"


def test_the_unit_one_works_as_is_ones_own_choice_among_ones_own(place: Place) -> None:
    """A city's analyst works as a county; nobody works as a unit where they have no role."""
    person = place.people["analyst", COUNTY]
    with place.house.act(OPERATOR) as connection:
        new = NewAssignment(user_id=person, role="reader", unit_path=OTHER_COUNTY)
        assign_role(connection, new, OPERATOR, place.house.wall.now())
    assert 'value="linan.xihe"' in asks(place, "analyst", COUNTY, "/unit").text
    assert asks(place, "analyst", COUNTY, f"/cases/{place.ref}").status_code == 200
    assert asks(place, "analyst", COUNTY, "/unit", unit=OTHER_COUNTY).status_code == 303
    assert asks(place, "analyst", COUNTY, f"/cases/{place.ref}").status_code == 404
    assert asks(place, "analyst", COUNTY, "/cases/new").status_code == 403, "a reader there opens nothing"
    assert asks(place, "analyst", COUNTY, "/unit", unit=STATION).status_code == 303, "below a unit of one's own"
    assert asks(place, "analyst", COUNTY, "/unit", unit=COUNTY).status_code == 303
    for foreign in (CITY, THIRD_COUNTY, "nowhere"):
        assert asks(place, "analyst", COUNTY, "/unit", unit=foreign).status_code == 403, foreign
    chosen = [each["unit_path"] for each in marks(place, "access.unit_chosen")]
    assert len(chosen) == 3


def test_nobody_changes_a_unit_that_is_not_below_their_own(place: Place) -> None:
    county = replace(OPERATOR, name="admin", scope=COUNTY)
    for path in ("linan.beihe", "linan.xihe.station_9", "other"):
        new = Unit(path=UnitPath(path), level="station", name_zh="新", name_en="New")
        with pytest.raises(Forbidden, match="outside_scope"):
            new_unit(place.house, county, new)
    for path in (CITY, OTHER_COUNTY):
        with pytest.raises(Forbidden, match="outside_scope"):
            call_unit(place.house, county, path, name_zh="夺", name_en=None, contact=None)
    new_unit(
        place.house, county, Unit(path=UnitPath(f"{COUNTY}.station_9"), level="station", name_zh="九所", name_en="Nine")
    )
    assert call_unit(place.house, county, COUNTY, name_zh=None, name_en=None, contact="0999").contact == "0999"


@pytest.fixture
def live(place: Place) -> House:
    """The same house as a live centre, where duties are apart."""
    return replace(place.house, instance=replace(place.house.instance, birth="live"))


def administrator(place: Place, login: str) -> Actor:
    """An administrator of the city."""
    new = NewPerson(login=login, name="测试", unit_path=CITY)
    added = add_colleague(place.house, OPERATOR, new, ["administrator"]).person
    return Actor(user_id=added.id, name=login, scope=CITY, permissions=frozenset({"people.manage"}))


def test_one_administrator_alone_reaches_no_case(place: Place, live: House) -> None:
    """By an account of their own making, by a link made before the role, by a role given before the link."""
    one, two = administrator(place, "admin1"), administrator(place, "admin2")
    doors, hour = doors_of(live), timedelta(hours=1)
    new = NewPerson(login="ghost", name="测试", unit_path=CITY)
    for roles in (["analyst"], ["administrator"]):
        with pytest.raises(Forbidden, match="roles_for_own_account"):
            add_colleague(live, one, new, roles)
    ghost = add_colleague(live, one, new, []).person
    with pytest.raises(Forbidden, match="roles_for_own_account"):
        give_role(live, one, "ghost", "analyst", None)
    stranger = add_colleague(live, two, replace(new, login="stranger"), []).person
    doors.link_for(stranger.id, one, hour)
    with pytest.raises(Forbidden, match="roles_for_own_account"):
        give_role(live, one, "stranger", "analyst", None)
    third = add_colleague(live, two, replace(new, login="third"), []).person
    give_role(live, one, "third", "analyst", None)
    with pytest.raises(Forbidden, match="link_to_own_roles"):
        doors.link_for(third.id, one, hour)
    assert [each.may_give for each in colleagues(live, one) if each.person.login in ("ghost", "third")] == [False, True]
    give_role(live, two, "ghost", "analyst", None)
    assert doors.enter(doors.link_for(ghost.id, one, hour)), "two let somebody in"
    take_role(live, one, "ghost", "analyst", None)


def test_whoever_works_at_the_machine_does_it_alone_and_so_does_an_exercise(place: Place, live: House) -> None:
    new = NewPerson(login="first", name="测试", unit_path=CITY)
    added = add_colleague(live, OPERATOR, new, ["analyst"]).person
    assert doors_of(live).enter(doors_of(live).link_for(added.id, OPERATOR, timedelta(hours=1)))
    one = administrator(place, "admin1")
    playing = add_colleague(place.house, one, replace(new, login="player"), ["analyst"]).person
    assert doors_of(place.house).enter(doors_of(place.house).link_for(playing.id, one, timedelta(hours=1)))
