"""Nobody comes in by accident, from elsewhere, or without end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF
from tests.apps.web.synthetic_work import STUCK

ASKED = "from=0000000000000001&from=0000000000000002&method=conservative"
PARTS = ("", "/methods", "/hops", "/holdings", "/asking", "/accounts", "/disputes")
TRACES = [f"/cases/{REF}/trace{part}?{ASKED}" for part in PARTS]
EVERY_PAGE = (
    "/", "/cases", "/cases/new", "/search", "/work",
    f"/work/{STUCK.id}", f"/cases/{REF}", f"/cases/{REF}/quality", f"/cases/{REF}/rejected",
    f"/cases/{REF}/duplicates", f"/cases/{REF}/movements", f"/cases/{REF}/movements/m0", f"/cases/{REF}/accounts",
    f"/cases/{REF}/accounts/a0001", f"/cases/{REF}/people", f"/cases/{REF}/notes", f"/cases/{REF}/log",
    f"/cases/{REF}/retention", f"/cases/{REF}/state", f"/cases/{REF}/people/l1/removal",
    f"/cases/{REF}/settings", f"/cases/{REF}/trace", *TRACES, "/unit", "/staff", "/staff/p1", "/staff/p2",
    f"/cases/{REF}/trace/picture?from={'0' * 16}", f"/cases/{REF}/victims/{'0' * 16}",
    "/incidents/file", "/figures", "/figures/incidents?band=15", "/figures/orders?kind=stop&outcome=failed&code=0301",
)  # fmt: skip


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_asks_who_looks(stage: Stage, path: str) -> None:
    answer = stage.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(
    "path", [*EVERY_PAGE, "/api/v1/cases", "/api/v1/openapi.json", "/static/css/tokens.css", "/no"]
)
def test_every_answer_carries_the_security_headers(inside: Stage, path: str) -> None:
    headers = inside.client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_the_api_says_401_in_json(stage: Stage) -> None:
    answer = stage.client.get("/api/v1/cases")
    assert answer.status_code == 401 and answer.json()["code"] == "web.log_in_needed"


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(stage: Stage) -> None:
    answer = stage.client.post("/login", data={"login": "analyst", "password": stage.doors.password})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie


def test_a_wrong_password_says_so_and_keeps_the_name(stage: Stage) -> None:
    answer = stage.client.post("/login", data={"login": "analyst", "password": "wrong"})
    assert answer.status_code == 403 and 'value="analyst"' in answer.text and 'role="alert"' in answer.text


def test_log_ins_from_one_address_are_slowed_and_recover(stage: Stage) -> None:
    tries = [stage.client.post("/login", data={"login": "x", "password": "y"}).status_code for _ in range(12)]
    assert tries[:10] == [403] * 10 and tries[10:] == [503] * 2
    stage.clock.move(timedelta(seconds=30))
    assert stage.client.post("/login", data={"login": "x", "password": "y"}).status_code == 403


def test_looking_at_a_one_time_link_does_not_use_it(stage: Stage) -> None:
    for _ in range(3):
        assert stage.client.get("/enter/once").status_code == 200
    assert stage.client.post("/enter/once").status_code == 303
    assert stage.client.get("/").status_code == 200
    stage.client.cookies.clear()
    assert stage.client.post("/enter/once").status_code == 403


def test_a_first_password_is_changed_before_anything_else(stage: Stage) -> None:
    stage.doors.must_change = True
    stage.log_in()
    assert stage.client.get("/cases").headers["location"] == "/password"
    old = stage.doors.password
    differ = stage.post("/password", old=old, new="a long new sentence", again="another")
    assert differ.status_code == 422 and stage.doors.password == old
    assert stage.post("/password", old=old, new="a long new sentence", again="a long new sentence").status_code == 303
    assert stage.client.get("/cases").status_code == 200


def test_logging_out_ends_the_session_and_clears_the_browser(inside: Stage) -> None:
    token = inside.client.cookies["fanzha"]
    answer = inside.post("/logout")
    assert answer.headers["location"] == "/login" and "cache" in answer.headers["clear-site-data"]
    assert inside.doors.visitor(token) is None


def test_foreign_hosts_are_refused(stage: Stage) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", ""):
        assert stage.client.get("/login", headers={"host": host}).status_code == 421
    assert stage.client.get("/login", headers={"host": "localhost:8610"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9"},
        {"origin": "http://127.0.0.1", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1", "sec-fetch-site": "same-site"},
    ],
)
def test_forms_of_other_pages_are_refused(inside: Stage, headers: dict[str, str]) -> None:
    fields = {"csrf": inside.csrf, "text": "x"}
    answer = inside.client.post(f"/cases/{REF}/notes", data=fields, headers=headers)
    assert answer.status_code == 403 and not inside.data.notes_written


def test_a_request_that_tells_no_origin_at_all_is_refused(inside: Stage) -> None:
    del inside.client.headers["origin"]
    answer = inside.post(f"/cases/{REF}/notes", text="x")
    assert answer.status_code == 403 and not inside.data.notes_written


@pytest.mark.parametrize("token", ["", "csrf-of-other", "é"])
def test_a_form_without_its_sessions_token_does_nothing(inside: Stage, token: str) -> None:
    answer = inside.client.post(f"/cases/{REF}/notes", data={"csrf": token, "text": "x"})
    assert answer.status_code == 403 and not inside.data.notes_written


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_no_form_sends_anybody_to_another_host(stage: Stage, back: str) -> None:
    answer = stage.client.post("/look", data={"back": back, "language": "en", "theme": "dark"})
    assert answer.headers["location"] == "/"


def test_language_and_theme_are_remembered(stage: Stage) -> None:
    stage.client.post("/look", data={"back": "/login", "language": "zh", "theme": "dark"})
    page = stage.client.get("/login").text
    assert 'lang="zh-Hans"' in page and 'data-theme="dark"' in page
    stage.client.post("/look", data={"back": "/login", "language": "fr", "theme": "<x>"})
    assert 'lang="zh-Hans" data-theme="dark"' in stage.client.get("/login").text
