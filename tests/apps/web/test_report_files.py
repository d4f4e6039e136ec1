"""A file of many reports in the console: each row has its result, and nothing is taken twice."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from markupsafe import escape
from openpyxl import Workbook
from playwright.sync_api import expect, sync_playwright

from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.apps.web.pages.incidents import SCAM_TYPES
from fanzha.apps.web.settings import WebSettings
from fanzha.cases.case import Case
from fanzha.cases.incident import Source
from fanzha.i18n import Language, catalogue
from fanzha.kernel.clock import SetClock
from fanzha.rulebook import load_reports
from fanzha.wiring.house import House
from tests.apps.web.browser import complaints, require_browser, served
from tests.apps.web.client import Client
from tests.apps.web.conftest import Stage
from tests.apps.web.order_house import OrderHouse, order_house
from tests.apps.web.synthetic import PERMISSIONS
from tests.conftest import OTHER_COUNTY
from tests.wiring.orders import officer

HEADS = "编号,收款机构,收款账号,收款户名,金额,付款时间"
PAYEE = "99999900000000880"
SECRET = f"{PAYEE}19"
ROWS = [
    f"w-1,test-bank,{PAYEE}11,测试·甲,40000,2026-03-02 09:05",
    f"w-1,test-bank,{PAYEE}12,测试·乙,3.2万,2026-03-02 09:06",
    f"w-2,没有这家银号,{SECRET},测试·丙,100,2026-03-02 09:06",
    f"w-3,test-bank,{PAYEE}13,,大约一百,2026-03-02 09:06",
    f",test-bank,{PAYEE}14,,100,2026-03-02 09:07",
    f",test-bank,{PAYEE}14,,100,2026-03-02 09:07",
]
TABLE = "\r\n".join(["某县报案汇总", HEADS, *ROWS]).encode("gb18030")


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    """A staffed house with a bank."""
    return order_house(house, clock, case, tmp_path)


def sent(client: Client, content: bytes, name: str = "reports.csv") -> tuple[int, str]:
    """Status and page of the answer to a file."""
    answer = client.post("/incidents/file", files={"file": (name, content)})
    return answer.status_code, answer.text


def results(page: str) -> list[tuple[str, str, str]]:
    """By report: its rows, its outcome and its incident."""
    found = []
    for row in re.findall(r"<tr data-row>(.*?)</tr>", page, re.DOTALL):
        number = re.search(r'href="/incidents/(I[\d-]+)"', row)
        lines, outcome = re.search(r"</span>([\d, 、]+)<", row), re.search(r'data-state="(\w+)"', row)
        assert lines and outcome
        found.append((lines[1], outcome[1], number[1] if number else ""))
    return found


def sums(page: str) -> list[int]:
    """Rows in all, taken, taken before, rejected."""
    told = re.search(r'<ul class="sum">(.*?)</ul>', page, re.DOTALL)
    assert told
    return [int(each) for each in re.findall(r"<strong>([\d,]+)</strong>", told[1])]


def in_house(place: OrderHouse) -> int:
    with place.staff.house.act(place.staff.drafter) as connection:
        return len(incidents(connection, IncidentQuery()))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_of_a_file_has_its_result_and_the_file_again_takes_nothing(place: OrderHouse, language: str) -> None:
    with place.browser("drafter", language) as client:
        status, page = sent(client, TABLE)
        assert status == 200
        found = results(page)
        comma = "、" if language == "zh" else ", "
        assert [each[:2] for each in found] == [
            (f"3{comma}4", "taken"), ("5", "rejected"), ("6", "rejected"), ("7", "taken"), ("8", "repeated"),
        ]  # fmt: skip
        assert sums(page) == [6, 3, 1, 2]
        numbers = [number for _, _, number in found]
        assert bool(numbers[0]) and numbers[1:3] == ["", ""] and numbers[3] == numbers[4] != numbers[0]
        assert "收款机构" in page and SECRET not in page and "测试·丙" not in page
        assert "72,000.00" in client.get(f"/incidents/{numbers[0]}").text
        before = in_house(place)
        _, again = sent(client, TABLE, "other-name.csv")
        assert sums(again) == [6, 0, 4, 2] and [each[2] for each in results(again)] == numbers
        assert in_house(place) == before == 2
    with place.staff.house.act(place.staff.drafter) as connection:
        told = incidents(connection, IncidentQuery())
    assert {each.source for each in told} == {Source.FILE}
    assert {each.unit_path for each in told} == {place.staff.drafter.scope}
    assert {each.taken_by for each in told} == {place.staff.drafter.name}


def test_nothing_of_a_file_is_kept_where_uploads_lie(place: OrderHouse) -> None:
    with place.browser("drafter") as client:
        sent(client, TABLE)
        sent(client, b"\x89PNG\r\n\x1a\n" + bytes(64), "picture.png")
    assert list(place.staff.house.uploads.glob("reports-*")) == []


def workbook(beside: Sequence[str] = ("请逐行填写",)) -> bytes:
    book, kept = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADS.split(","))
    sheet.append(ROWS[0].split(","))
    book.create_sheet("说明").append(list(beside))
    book.create_sheet("空表")
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(("language", "said"), [("zh", "不是报案表"), ("en", "is no table of reports")])
def test_a_sheet_that_explains_is_told_beside_the_result_and_is_no_row(
    place: OrderHouse, language: str, said: str
) -> None:
    with place.browser("drafter", language) as client:
        _, page = sent(client, workbook(), "reports.xlsx")
    assert [outcome for _, outcome, _ in results(page)] == ["taken"] and sums(page) == [1, 1, 0, 0]
    told = re.findall(r"<p[^>]* data-left-out>(.*?)</p>", page, re.DOTALL)
    assert len(told) == 1 and "说明" in told[0] and said in told[0] and "空表" not in page


def test_a_second_table_that_lacks_a_head_is_no_explanation(place: OrderHouse) -> None:
    with place.browser("drafter") as client:
        _, page = sent(client, workbook(["收款账号", "金额", "付款时间"]), "reports.xlsx")
    assert sorted(outcome for _, outcome, _ in results(page)) == ["rejected", "taken"]
    assert "no row of heads" in page


def test_no_row_is_taken_where_no_sheet_is_a_table(place: OrderHouse) -> None:
    book, kept = Workbook(), BytesIO()
    book.create_sheet("说明").append(["收款账号", "写全"])
    book.save(kept)
    with place.browser("drafter") as client:
        status, page = sent(client, kept.getvalue(), "reports.xlsx")
    assert status == 422 and "no row of heads" in page and in_house(place) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_type_is_taken_and_its_word_told_on_the_page(place: OrderHouse, language: Language) -> None:
    with place.browser("drafter", language) as client:
        _, page = sent(client, f"{HEADS},诈骗类型\n{ROWS[4]},新型手法甲\n".encode())
        ((_, outcome, number),) = results(page)
        assert outcome == "taken" and "新型手法甲" in page
        told = client.get(f"/incidents/{number}").text
    assert catalogue(language)["words.scam_type.ST99"] not in told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_help_tells_each_head_with_its_meaning_and_each_type(inside: Stage, language: Language) -> None:
    inside.client.cookies.set("language", language)
    page = inside.client.get("/incidents/file").text
    columns = load_reports()["columns"]
    for field, heads in columns["heads"].items():  # type: ignore[attr-defined]
        assert escape(catalogue(language)[f"words.report_meaning.{field}"]) in page
        assert all(each in page for each in heads)
    for code in SCAM_TYPES:
        assert f"{catalogue(language)[f'words.scam_type.{code}']} <" in page and code in page
    assert "杀猪盘" in page
    facts = re.findall(r"<dd>(.*?)</dd>", page.partition('<dl class="facts">')[2].partition("</dl>")[0], re.DOTALL)
    assert not any(re.search("[a-z]_[a-z]", each) for each in facts)
    assert language == "zh" or not any(re.search("[\u4e00-\u9fff]", each) for each in facts)


def test_lines_of_json_are_taken_as_the_command_takes_them(place: OrderHouse) -> None:
    paid = {"institution": "test-bank", "payee": f"{PAYEE}15", "amount_fen": 100, "at": "2026-03-02T09:00:00+08:00"}
    lines = [
        json.dumps({"key": "a", "payments": [paid]}),
        "",
        "{not json",
        json.dumps({"key": "a", "payments": [paid]}),
    ]
    with place.browser("drafter") as client:
        _, page = sent(client, b"\xef\xbb\xbf" + "\n".join(lines).encode(), "reports.jsonl")
    assert [each[:2] for each in results(page)] == [("1", "taken"), ("3", "rejected"), ("4", "repeated")]


NOTHING = [
    (b"", "reports.csv", "nothing in it to take"),
    (b"\n \n", "reports.jsonl", "nothing in it to take"),
    (b"a,b\n1,2\n", "reports.csv", "no row of heads"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(64), "picture.png", "picture.png", id="picture"),
    pytest.param(b"%PDF-1.7\n" + bytes(64), "report.pdf", "report.pdf", id="paper"),
    pytest.param(b"x" * 1_000_001, "reports.csv", "1000000", id="large"),
]


@pytest.mark.parametrize(("content", "name", "words"), NOTHING)
def test_what_is_no_file_of_reports_says_so_and_takes_nothing(
    place: OrderHouse, content: bytes, name: str, words: str
) -> None:
    with place.browser("drafter") as client:
        status, page = sent(client, content, name)
        assert status == 422
        told = re.search(r'role="alert">(.*?)</p>', page, re.DOTALL)
        assert told and words in told[1] and 'name="file"' in page
        assert client.post("/incidents/file", data={"csrf": "x"}).status_code == 422
        assert client.post("/incidents/file", files={"file": ("a.csv", bytes(1_100_000))}).status_code == 413
    assert in_house(place) == 0


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_more_rows_than_a_page_may_take_are_all_refused(place: OrderHouse, kind: str) -> None:
    most = WebSettings(uploads=Path()).report_file_rows
    rows = [f"k{n},no-bank,{PAYEE}16,,1,2026-03-02 09:05" if kind == "csv" else '{"key": "k"}' for n in range(most + 1)]
    table = [HEADS] if kind == "csv" else []
    with place.browser("drafter") as client:
        status, page = sent(client, "\n".join([*table, *rows]).encode())
        assert status == 422 and f"more than {most} rows" in page
        status, page = sent(client, "\n".join([*table, *rows[:-1]]).encode())
        assert status == 200 and sums(page)[0] == most


def test_a_file_that_unpacks_to_more_than_a_page_may_read_is_refused(place: OrderHouse) -> None:
    book, kept = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADS.split(","))
    sheet.cell(row=1_000_000, column=40, value="end")
    book.save(kept)
    with place.browser("drafter") as client:
        status, page = sent(client, kept.getvalue(), "bomb.xlsx")
    told = re.search(r'role="alert">(.*?)</p>', page, re.DOTALL)
    assert status == 422 and told and "1000000 cells" in told[1]


def test_nobody_else_takes_or_sees_what_the_file_told(place: OrderHouse) -> None:
    known = officer(place.staff.house, "reader", OTHER_COUNTY)
    stranger = replace(known, permissions=place.staff.drafter.permissions)
    place.doors.actors["stranger"] = stranger
    with place.browser("drafter") as client:
        mine = next(number for _, _, number in results(sent(client, TABLE)[1]) if number)
    with place.browser("stranger") as client:
        assert client.get(f"/incidents/{mine}").status_code == 404
        theirs = [number for _, _, number in results(sent(client, TABLE)[1]) if number]
        assert mine not in theirs and mine not in client.get("/incidents").text


def test_who_takes_no_reports_takes_no_file_either(inside: Stage) -> None:
    assert 'href="/incidents/file"' in inside.client.get("/incidents").text
    inside.doors.permissions = PERMISSIONS - {"cases.open"}
    assert inside.client.get("/incidents/file").status_code == 403
    headers = {"x-csrf": inside.csrf}
    answer = inside.client.post("/incidents/file", files={"file": ("a.csv", TABLE)}, headers=headers)
    assert answer.status_code == 403
    assert 'href="/incidents/file"' not in inside.client.get("/incidents").text


def test_a_file_without_the_sessions_token_is_refused(inside: Stage) -> None:
    for wrong in ({}, {"csrf": "another"}):
        answer = inside.client.post("/incidents/file", files={"file": ("a.csv", TABLE)}, data=wrong)
        assert answer.status_code == 403
    answer = inside.client.post("/incidents/file", files={"file": ("a.csv", TABLE)}, data={"csrf": inside.csrf})
    assert answer.status_code == 422


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1440)])
def test_a_file_is_taken_by_keyboard_and_one_too_large_is_told_before_it_goes_up(
    place: OrderHouse, tmp_path: Path, language: str, width: int
) -> None:
    chromium = require_browser()
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_bytes(TABLE)
    large.write_bytes(bytes(1_000_001))
    with served(place.app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
        cookies = {"fanzha": "token-of-drafter", "language": language}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        page.goto("/incidents")
        page.keyboard.press("b")
        for part in ("heads", "types"):
            page.locator(f"[data-part={part}] summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width and complaints(page) == []
        page.reload()
        field, trouble = page.locator("[name=file]"), page.locator("#file-trouble")
        expect(field).to_be_focused()
        assert complaints(page) == []
        field.set_input_files(large)
        expect(trouble).to_be_visible()
        page.keyboard.press("Control+Enter")
        assert page.locator("#taken").count() == 0 and complaints(page) == []
        field.set_input_files(small)
        expect(trouble).to_be_hidden()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#taken [data-row]")).to_have_count(5)
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        browser.close()
