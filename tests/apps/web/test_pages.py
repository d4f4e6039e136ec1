"""What pages show, and what they must not."""

from __future__ import annotations

import re

import pytest

from fanzha.apps.web.pages.accounts import ACCOUNTS
from fanzha.apps.web.pages.case import LOG, PEOPLE
from fanzha.apps.web.pages.cases import CASES
from fanzha.apps.web.pages.imports import IMPORTS
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.pages.quality import DUPLICATES, REJECTED, SHEETS
from fanzha.apps.web.views.imports import ConfirmedMapping
from fanzha.apps.web.views.staff import NewStaff
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.kernel.errors import NotFound
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import PERMISSIONS, REF, number
from tests.apps.web.test_doors import EVERY_PAGE

IMPORT = "11111111-0000-7000-8000-000000000001"
OTHER = "11111111-0000-7000-8000-000000000002"
TABLES = (ACCOUNTS, LOG, PEOPLE, CASES, MOVEMENTS, DUPLICATES, REJECTED, IMPORTS, SHEETS)
MORE_PAGES = (f"/cases/{REF}/imports/{IMPORT}/mapping/s2", f"/cases/{REF}/exclusion?import={IMPORT}")


@pytest.mark.parametrize("amount", [0, 1, 10_000])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [*EVERY_PAGE, *MORE_PAGES])
def test_every_page_is_whole_in_both_languages_with_little_and_much(
    inside: Stage, path: str, language: str, amount: int
) -> None:
    inside.data.amount = amount
    inside.client.cookies.set("language", language)
    answer = inside.client.get(path)
    known = answer.status_code == 200 or (amount == 0 and "/exclusion" in path)
    assert known, answer.text[-2000:]
    assert "{" not in re.sub(r"<script.*?</script>|<meta[^>]*>", "", answer.text, flags=re.S)


@pytest.mark.parametrize("path", [*EVERY_PAGE, *MORE_PAGES])
def test_no_page_carries_an_unmasked_number_inline_style_or_script(inside: Stage, path: str) -> None:
    page = inside.client.get(path).text
    assert not re.search(r"999999\d{13}", re.sub(r'data-ref="[^"]*"', "", page))
    assert " style=" not in page and " onclick=" not in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", page)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_an_exercise_says_so_on_every_page_and_a_live_instance_does_not(inside: Stage, path: str) -> None:
    assert 'class="exercise"' in inside.client.get(path).text
    inside.data.exercise = False
    assert 'class="exercise"' not in inside.client.get(path).text


def test_what_is_not_yours_looks_exactly_like_what_does_not_exist(inside: Stage) -> None:
    elsewhere, nowhere = inside.client.get("/cases/C2026-999999"), inside.client.get("/cases/NOWHERE")
    assert elsewhere.status_code == nowhere.status_code == 404
    assert elsewhere.text.replace("C2026-999999", "") == nowhere.text.replace("NOWHERE", "")


def test_a_fault_of_ours_tells_a_number_and_nothing_else(
    inside: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"secret {number(1)}")

    monkeypatch.setattr(inside.data, "case", broken)
    answer = inside.client.get(f"/cases/{REF}")
    told = capfd.readouterr()
    assert answer.status_code == 500 and number(1) not in answer.text + told.out + told.err
    support = re.search(r"number ([0-9a-f]{8})", answer.text)
    assert support and support[1] in told.out + told.err


def test_a_page_of_an_error_that_fails_itself_is_told_as_a_fault_of_ours(
    inside: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise NotFound("cases.none", ref=f"secret {number(1)}")

    monkeypatch.setattr(inside.data, "waiting", refused)
    answer = inside.client.get("/cases/NOWHERE")
    told = capfd.readouterr()
    assert answer.status_code == 500 and number(1) not in answer.text + told.out + told.err
    assert re.search(r"number ([0-9a-f]{8})", answer.text)


def test_pages_offer_only_what_a_role_permits(inside: Stage) -> None:
    inside.doors.permissions = frozenset({"cases.read"})
    files = inside.client.get(f"/cases/{REF}").text
    assert 'id="drop"' not in files and "/exclusion" not in files
    assert "data-reveal" not in inside.client.get(f"/cases/{REF}/movements").text
    assert "export=csv" not in inside.client.get(f"/cases/{REF}/movements").text
    assert inside.client.get(f"/cases/{REF}/movements?export=csv").status_code == 403
    inside.doors.permissions = PERMISSIONS
    assert 'id="drop"' in inside.client.get(f"/cases/{REF}").text


def test_the_row_account_adds_up_and_every_number_opens_its_rows(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}/quality").text
    data, accepted, duplicates, rejected = (
        int(each.replace(",", "")) for each in re.findall(r"<strong>(?:<a[^>]*>)?([\d,]+)", page)[:4]
    )
    assert data == accepted + duplicates + rejected == 11_352
    for path in ("movements", "duplicates", "rejected"):
        assert f'href="/cases/{REF}/{path}' in page


def test_search_is_asked_by_post_and_never_lies_in_an_address(inside: Stage) -> None:
    page = inside.post("/search", text=number(1))
    assert page.status_code == 200 and f"/cases/{REF}/accounts/a0001" in page.text
    assert "Another County Centre" in page.text and "值班员" in page.text
    assert 'method="post" action="/search"' in page.text
    found = inside.post(f"/cases/{REF}/find-account", text=number(1))
    assert found.headers["location"] == f"/cases/{REF}/accounts/a0001"


def test_revealing_needs_a_purpose_a_token_and_the_right(inside: Stage) -> None:
    def ask(**body: object) -> int:
        headers = {"x-csrf": inside.csrf}
        return int(inside.client.post(f"/cases/{REF}/reveal", json=body, headers=headers).status_code)

    assert ask(asked=["n1"], purpose="") == 422
    assert ask(asked=["n1"], purpose="curiosity") == 422
    assert ask(asked=[f"n{index}" for index in range(201)], purpose="evidence") == 422
    refused = inside.client.post(f"/cases/{REF}/reveal", json={"asked": ["n1"], "purpose": "evidence"})
    assert refused.status_code == 403
    inside.doors.permissions = PERMISSIONS - {"statements.reveal"}
    assert ask(asked=["n1"], purpose="evidence") == 403
    assert inside.data.revealed == []
    inside.doors.permissions = PERMISSIONS
    assert ask(asked=["n1"], purpose="evidence") == 200
    assert inside.data.revealed == [(REF, ("n1",), "evidence")]


def test_a_person_confirms_a_mapping_once_a_meaning(inside: Stage) -> None:
    path = f"/cases/{REF}/imports/{IMPORT}/mapping/s2"
    wrong = inside.post(path, **{"column-0": "", "column-1": "balance", "column-2": "balance"})
    assert wrong.status_code == 422 and 'role="alert"' in wrong.text
    assert re.findall(r'value="(\w+)" selected', wrong.text) == ["balance", "balance"], "what was chosen is kept"
    columns = {"column-0": "time", "column-1": "", "column-2": "amount", "column-x": "other"}
    answer = inside.post(path, own_account=number(1), **columns)
    assert answer.headers["location"] == f"/cases/{REF}"
    assert inside.data.confirmed == [ConfirmedMapping(fields={0: "time", 2: "amount"}, own_account=number(1))]


def test_a_draft_shows_what_its_columns_hold_how_sure_it_is_and_what_it_lacks(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}/imports/{IMPORT}/mapping/s2").text
    for told in ("2026-01-02", "9999 **** 0001", "93 %", "by its values", 'name="own_account"'):
        assert told in page, told
    assert page.count('<li><svg class="icon"') == 2


def test_a_failed_import_names_its_files_why_and_what_to_do(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}").text
    assert page.count(catalogue("en")["errors.files.encrypted"].format(place="加密.xlsx")) == 2


def test_whose_a_file_is_only_a_reveal_tells(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}").text
    assert "测试某*的流水.xlsx" in page
    assert "测试某某" not in re.sub(r'data-ref="[^"]*"', "", page)
    assert f'data-ref="f查询反馈_{number(1)}.zip"' in page
    csv = inside.client.get(f"/cases/{REF}?export=csv").text
    assert number(1) not in csv and "测试某某" not in csv and "明细3.xlsx" in csv


def test_an_exclusion_needs_a_reason(inside: Stage) -> None:
    path = f"/cases/{REF}/exclusion"
    assert inside.post(path, imports=IMPORT, excluded="yes", reason="  ").status_code == 422
    assert inside.post(path, imports="", excluded="yes", reason="x").status_code == 422
    assert inside.post(path, imports=f"{IMPORT} {OTHER}", excluded="yes", reason="another case's").status_code == 303
    assert inside.data.exclusions == [((IMPORT, OTHER), True, "another case's")]


def test_only_imports_that_stand_the_other_way_are_taken_into_the_form(inside: Stage) -> None:
    both = f"/cases/{REF}/exclusion?import={IMPORT}&import={OTHER}"
    assert re.findall(r'name="imports" value="([^"]*)"', inside.client.get(both).text) == [IMPORT]
    assert re.findall(r'name="imports" value="([^"]*)"', inside.client.get(f"{both}&back=yes").text) == [OTHER]
    assert inside.client.get(f"/cases/{REF}/exclusion?import=unknown").status_code == 422


def test_a_case_is_opened_and_what_was_typed_survives_a_mistake(inside: Stage) -> None:
    wrong = inside.post("/cases/new", title=" ", retention="preliminary", unit="shi.xian")
    assert wrong.status_code == 422 and 'value="preliminary" selected' in wrong.text
    assert (
        inside.post("/cases/new", title="t", retention="criminal", unit="shi.xian").headers["location"]
        == f"/cases/{REF}"
    )


@pytest.mark.parametrize(
    "query", ["sort=secret", "page=0", "page=x", "size=9999", "exit=moon", "after=yesterday", "at_least=1e9"]
)
def test_a_filter_that_cannot_be_understood_is_named(inside: Stage, query: str) -> None:
    answer = inside.client.get(f"/cases/{REF}/movements?{query}")
    key, words = query.partition("=")[0], catalogue("en")
    named = words.get(f"web.filter.{key}") or words.get(f"web.column.{key}") or key
    assert answer.status_code == 422 and f"The filter {named} cannot" in answer.text


def test_what_is_typed_is_shown_as_text(inside: Stage) -> None:
    inside.post(f"/cases/{REF}/notes", text="<script>alert(1)</script>")
    assert "<script>alert(1)" not in inside.client.get(f"/cases/{REF}/notes").text
    assert "&lt;script&gt;" in inside.client.get(f"/cases/{REF}/notes").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_a_table_may_show_has_its_word(language: str) -> None:
    words = catalogue(language)
    for table in TABLES:
        assert f"web.table.{table.name}" in words
        for column in table.told:
            assert f"web.column.{column.key}" in words
        for each in table.filters:
            assert each.kind == "key" or f"web.filter.{each.key}" in words
            assert all(f"{each.words}.{code}" in words for code in each.choices), each.key


def test_a_first_load_is_light(inside: Stage) -> None:
    page = inside.client.get("/")
    assets = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text)) | {"/static/vendor/lucide.svg"}
    packed = sum(int(inside.client.get(each).headers["content-length"]) for each in assets)
    assert packed + len(page.content) < 200_000
    assert not any("echarts" in each for each in assets)


def test_a_case_goes_into_another_state_with_a_reason(inside: Stage) -> None:
    assert 'value="closed"' in inside.client.get(f"/cases/{REF}/state").text
    assert inside.post(f"/cases/{REF}/state", state="closed", reason=" ").status_code == 422
    assert inside.post(f"/cases/{REF}/state", state="closed", reason="done").status_code == 303
    assert inside.data.moved == [("closed", "done")]


def test_only_people_added_by_hand_can_be_taken_back(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}/people").text
    assert re.findall(r"/people/(\w+)/removal", page) == ["l1"]
    assert inside.post(f"/cases/{REF}/people/l1/removal", reason="a mistake").status_code == 303
    assert inside.data.removed == [("l1", "a mistake")]
    assert "l1" not in inside.client.get(f"/cases/{REF}/people?export=csv").text


def test_an_import_that_could_not_begin_is_tried_again(inside: Stage) -> None:
    page = inside.client.get(f"/cases/{REF}").text
    (path,) = re.findall(r'action="(/cases/[^"]+/retry)"', page)
    assert inside.post(path).status_code == 303
    assert inside.data.retried == [path.split("/")[-2]]


def test_an_administrator_adds_somebody_and_hands_over_a_link(inside: Stage) -> None:
    told = {"login": "newcomer", "name": "测试·乙", "unit": "shi.xian", "role": "analyst"}
    assert inside.post("/staff", **told).headers["location"] == "/staff/p2"
    assert inside.data.staff_acts == [("add", NewStaff(**told))]
    answer = inside.post("/staff", **{**told, "name": " "})
    assert answer.status_code == 422 and 'value="newcomer"' in answer.text
    assert "http://127.0.0.1/enter/a-secret" in inside.post("/staff/p2/link").text
    assert "a-secret" not in inside.client.get("/staff/p2").text


def test_roles_are_given_and_taken_but_not_to_oneself(inside: Stage) -> None:
    inside.post("/staff/p2/roles", role="reader", unit="shi.xian")
    inside.post("/staff/p2/roles", role="analyst", unit="shi.xian", end="yes")
    inside.post("/staff/p2/disabled", disabled="yes")
    acts = [("give", "p2", "reader", "shi.xian"), ("take", "p2", "analyst", "shi.xian"), ("disabled", "p2", True)]
    assert inside.data.staff_acts == acts
    own = inside.client.get("/staff/p1").text
    assert "/disabled" not in own and "<select" not in own


def test_who_administers_nobody_is_not_shown_the_way(inside: Stage) -> None:
    assert 'href="/staff"' in inside.client.get("/").text
    inside.doors.permissions = frozenset({"cases.read"})
    assert 'href="/staff"' not in inside.client.get("/").text
