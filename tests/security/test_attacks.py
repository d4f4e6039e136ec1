"""Attacks that once went through: each is tried again here against the whole console."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from fanzha.adapters.store.roles import NewAssignment, assign_role, end_role, roles_of
from fanzha.apps.web.pages import events
from fanzha.apps.web.security.guard import BODY_BYTES
from fanzha.apps.web.views.imports import ImportProgress
from fanzha.apps.worker.jobs import do_due_work
from fanzha.kernel.units import Actor
from fanzha.settings import Settings
from fanzha.wiring.house import open_house
from fanzha.wiring.uploads import forget_abandoned
from tests.apps.web.client import Client
from tests.conftest import CITY, COUNTY
from tests.databases import RUNS
from tests.security.conftest import CARD, OPERATOR, STRANGER, Place


@pytest.fixture
def analyst(place: Place) -> Iterator[Client]:
    """A county's analyst with the token of their forms in every request."""
    token = place.token(place.people["analyst", COUNTY])
    with place.client(token) as client:
        client.headers["x-csrf"] = place.csrf(token)
        yield client


def send(client: Client, ref: str, name: str, content: bytes) -> int:
    """Upload one file and start its import; the last status."""
    batch = client.post(f"/cases/{ref}/uploads").json()["batch"]
    client.put(f"/cases/{ref}/uploads/{batch}", content=content, headers={"x-file-name": name})
    return int(client.post(f"/cases/{ref}/uploads/{batch}").status_code)


def parts(whole: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(whole // 65_536 + 1):
        yield b" " * 65_536


def test_a_stranger_cannot_fill_the_memory(place: Place) -> None:
    json = {"content-type": "application/json"}
    with place.client() as stranger:
        for path in ("/login", "/enter/x", "/cases/x/reveal", "/look", "/cases/x/uploads"):
            told = stranger.post(path, content=b" " * (BODY_BYTES + 1), headers=json)
            assert told.status_code == 413, path
        assert stranger.post("/cases/x/reveal", content=parts(BODY_BYTES), headers=json).status_code == 413


def test_a_strange_address_is_the_askers_fault_not_ours(place: Place, analyst: Client) -> None:
    case = f"/cases/{place.ref}"
    for path in (
        "/cases/%00",
        "/api/v1/cases/%00",
        "/cases?after=0001-01-01",
        "/cases?until=9999-12-31",
        f"{case}/movements?after=0001-01-01T00:00:00%2B14:00",
        f"{case}/accounts/%00",
    ):
        assert 400 <= analyst.get(path).status_code < 500, path


def test_a_zero_byte_reaches_no_database(place: Place, analyst: Client) -> None:
    case = f"/cases/{place.ref}"
    for path, fields in (
        ("/login", {"login": "a\0", "password": "x"}),
        ("/search", {"text": "a\0"}),
        (f"{case}/notes", {"text": "a\0"}),
        (f"{case}/people", {"text": CARD, "reason": "a\0"}),
        ("/cases/new", {"title": "a\0", "retention": "criminal", "unit": COUNTY}),
    ):
        assert analyst.post(path, data=fields).status_code == 422, path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "a\0"}, "web.bad_field"),
        ({"number": "\ud800"}, "web.bad_field"),
        ({"since": "2026-01-01T00:00:00"}, "web.bad_field"),
        ({"until": "9999-12-31T23:00:00Z"}, "time.beyond_calendar"),
        ({"limit_fen": 10**40}, "web.bad_field"),
        ({"limit_fen": 1.5}, "web.bad_field"),
        ({CARD: "x"}, "web.bad_field"),
        ({"holder": {"a": CARD}}, "web.bad_field"),
        ({"kind": "zap"}, "web.bad_field"),
    ],
)
def test_a_misshapen_body_is_refused_in_our_words_and_none_of_its_own(
    place: Place, change: dict[str, object], code: str
) -> None:
    token = place.token(place.people["commander", COUNTY])
    told = {"key": "k", "case": place.ref, "kind": "query", "institution": "test-bank", "reason": "test"} | change
    with place.client(token) as commander:
        headers = {"x-csrf": place.csrf(token), "content-type": "application/json"}
        answer = commander.post("/api/v1/orders", content=json.dumps(told), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert set(answer.json()) == {"code", "message"} and CARD not in answer.text


def test_a_bad_field_is_told_by_the_name_that_it_has_in_the_body(place: Place) -> None:
    token = place.token(place.people["commander", COUNTY])
    told = {"key": "k", "case": place.ref, "kind": "stop", "institution": "test-bank", "reason": "test"}
    with place.client(token) as commander:
        headers = {"x-csrf": place.csrf(token), "accept-language": "zh"}
        answers = [
            commander.post("/api/v1/orders", json=told | change, headers=headers).json()["message"]
            for change in ({"paid_at": "2026-01-01T00:00:00"}, {"amount_fen": -1}, {"kind": "zap"})
        ]
    assert [each.split()[1] for each in answers] == ["paid_at", "amount_fen", "kind"]


def test_no_ref_breaks_the_reveal(place: Place, analyst: Client) -> None:
    for ref in ("s", "s-1", "sffffffffffffffff", "s" + "f" * 5000, "s１", "cx-1-1", "c-１-1", "v-1-ip"):
        answer = analyst.post(f"/cases/{place.ref}/reveal", json={"asked": [ref], "purpose": "evidence"})
        assert answer.status_code in (404, 422), ref


def test_a_number_in_a_remark_is_masked_and_can_be_revealed(place: Place, analyst: Client) -> None:
    cells = analyst.get(f"/api/v1/cases/{place.ref}/movements/{place.movement}").json()["tellings"][0]["cells"]
    [summary] = [each["value"] for each in cells if each["header"] == "摘要说明"]
    assert STRANGER not in summary["shown"] and summary["shown"].startswith("给")
    answer = analyst.post(f"/cases/{place.ref}/reveal", json={"asked": [summary["ref"]], "purpose": "evidence"})
    assert STRANGER in answer.json()[summary["ref"]]


def test_a_failed_upload_leaves_neither_its_file_nor_the_number_in_its_name(place: Place, analyst: Client) -> None:
    for name in (f"{CARD}.csv", f"{CARD}.zip"):
        assert send(analyst, place.ref, name, b"PK\x03\x04" if name.endswith("zip") else b"") == 200
        assert do_due_work(place.house)
    assert place.left_in_uploads() == []
    assert CARD not in analyst.get(f"/api/v1/cases/{place.ref}/imports").text
    assert CARD not in analyst.get(f"/cases/{place.ref}").text


def test_a_name_too_long_for_the_disk_is_shortened(place: Place, analyst: Client) -> None:
    content = "发生,户号,数目,给谁\n2026-05-01 10:00:00,9999990000000000017,1.00,9999990000000000041\n".encode()
    assert send(analyst, place.ref, "%E7%94%B2" * 130 + ".csv", content) == 200
    assert do_due_work(place.house)
    assert place.left_in_uploads() == []


def test_abandoned_files_are_thrown_away_and_waiting_ones_are_not(place: Place, analyst: Client) -> None:
    batch = analyst.post(f"/cases/{place.ref}/uploads").json()["batch"]
    assert send(analyst, place.ref, "waits.csv", b"1") == 200
    forget_abandoned(place.house)
    assert len(list(place.uploads.iterdir())) == 2
    old = (place.house.wall.now() - timedelta(days=2)).timestamp()
    for each in place.uploads.iterdir():
        os.utime(each, (old, old))
    forget_abandoned(place.house)
    assert not (place.uploads / batch).exists()
    assert any(name.endswith("waits.csv") for name in place.left_in_uploads())


def test_two_files_that_come_at_once_are_both_kept(place: Place, analyst: Client) -> None:
    path = f"/cases/{place.ref}/uploads/{analyst.post(f'/cases/{place.ref}/uploads').json()['batch']}"
    for name in "abc":
        assert analyst.put(path, content=name.encode(), headers={"x-file-name": name}).status_code == 200
    folder = place.uploads / path.rpartition("/")[2]
    for part in ("1.name", "1.data"):  # as if the second had broken off
        (folder / part).unlink()
    assert analyst.put(path, content=b"d", headers={"x-file-name": "d"}).status_code == 200
    assert sorted(each.read_text() for each in folder.glob("*.data")) == ["a", "c", "d"]


def test_a_right_taken_back_is_not_used_by_an_open_stream(
    place: Place, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(events, "STREAM_LOOKS", events.BEAT_LOOKS + 1)
    person, wall, asking = place.people["analyst", COUNTY], place.house.wall.now(), []
    with place.house.act(OPERATOR) as connection:
        assign_role(connection, NewAssignment(user_id=person, role="auditor", unit_path=COUNTY), OPERATOR, wall)

    def progress(_: object, actor: Actor) -> Sequence[ImportProgress]:
        asking.append(actor.may("cases.read"))
        if len(asking) == 1:
            with place.house.act(OPERATOR) as connection:
                held = next(each for each in roles_of(connection, person, wall) if each.role == "analyst")
                end_role(connection, held, OPERATOR, wall)
        return ()

    monkeypatch.setattr(type(place.data), "progress", progress)
    analyst.get("/events")
    assert (asking[0], asking[-1]) == (True, False)


def test_the_hidden_middle_of_a_number_is_not_found_by_trying(place: Place) -> None:
    token = place.token(place.people["reader", COUNTY])
    place.app.state.console.searches.tries = 20
    with place.client(token) as reader:
        headers = {"x-csrf": place.csrf(token)}
        tried = [
            reader.post(f"/cases/{place.ref}/find-account", data={"text": f"999999{n:09d}0017"}, headers=headers)
            for n in range(25)
        ]
    assert [each.status_code for each in tried][-5:] == [503] * 5


def test_what_lies_on_the_disk_is_closed_to_other_people_of_the_machine(tmp_path: Path) -> None:
    home = RUNS / f"closed-{uuid4().hex[:8]}"
    RUNS.mkdir(mode=0o711, parents=True, exist_ok=True)
    try:
        with open_house(Settings(home=home, keys=tmp_path / "keys")) as house:
            assert [each.stat().st_mode & 0o077 for each in (house.evidence, house.uploads)] == [0, 0]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_a_countys_administrator_makes_no_link_into_the_city(place: Place) -> None:
    """Row security hides from them the role that would make the link worth stealing."""
    wall, target = place.house.wall.now(), place.people["analyst", COUNTY]
    with place.house.act(OPERATOR) as connection:
        assign_role(connection, NewAssignment(user_id=target, role="commander", unit_path=CITY), OPERATOR, wall)
    token = place.token(place.people["administrator", COUNTY])
    with place.client(token) as administrator:
        answer = administrator.post(f"/staff/{target}/link", headers={"x-csrf": place.csrf(token)})
    assert answer.status_code == 403 and "/enter/" not in answer.text
