"""Who reads a page, a report or a workbook is told banks and officers by their names, not by codes."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.views.tables import read_query
from fanzha.cases.case import Case
from fanzha.i18n import Language, text
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from fanzha.wiring.reports import report_pdf
from fanzha.wiring.statements import import_files
from fanzha.wiring.trace_files import FlowFile, flow_file
from fanzha.wiring.tracing import traced_dossier
from fanzha.workflows.asked_trace import Asked
from tests.adapters.documents.pdf_text import pages
from tests.apps.web.order_house import CARDS, OrderHouse, order_house
from tests.registers.institutions import BANK
from tests.wiring.statement import CARD, PAYER

START = f"{CARD}@2026-03-01T09:12:05@5000000"
NOBODY = "999912345678"
HEADER = (
    "交易卡号,交易户名,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,对手开户银行,摘要说明,交易是否成功"
)
ROWS = (
    f"{CARD},测试·甲,2026-03-01 09:12:05,50000.00,50000.00,进,{PAYER},测试·乙,,转账,成功",
    f"{CARD},测试·甲,2026-03-01 09:20:05,30000.00,20000.00,出,{CARDS[0]},测试·丙,{BANK.code},转账,成功",
    f"{CARD},测试·甲,2026-03-01 09:21:05,20000.00,0.00,出,{CARDS[1]},测试·丁,{NOBODY},转账,成功",
)


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    """Money went on to a registered bank and to one that nobody knows; a message tells both by their codes."""
    found = order_house(house, clock, case, tmp_path)
    statement = tmp_path / "甲.csv"
    statement.write_text("\n".join([HEADER, *ROWS, ""]), "utf-8")
    import_files(house, found.staff.drafter, case.ref, [statement])
    return found


@pytest.mark.parametrize(("language", "name"), [("zh", BANK.name_zh), ("en", BANK.name_en)])
def test_the_report_names_the_bank_and_the_officer(place: OrderHouse, language: Language, name: str) -> None:
    staff = place.staff
    made = report_pdf(staff.house, staff.drafter, staff.case.ref, Asked(starts=(START,)), "case_work", language)
    told = "".join(pages(made)).replace("\n", "").replace(" ", "")
    assert name.replace(" ", "") in told and BANK.code not in told
    assert NOBODY in told, "one that is not registered is told as the file tells it"
    assert "测试·desk_officer" in told and staff.drafter.name not in told


@pytest.mark.parametrize(("language", "name"), [("zh", BANK.name_zh), ("en", BANK.name_en)])
def test_the_list_of_statements_to_ask_for_names_the_bank(place: OrderHouse, language: str, name: str) -> None:
    staff = place.staff
    most = read_query(MOVEMENTS, {"sort": "amount_fen", "order": "desc"})
    first = place.data.movements(staff.drafter, staff.case.ref, most).rows[0].id
    base, query = f"/cases/{staff.case.ref}/trace", f"from={first}"
    for path in (f"{base}?{query}", f"{base}/asking?{query}", f"{base}/asking?{query}&export=csv"):
        page = place.page("drafter", path, language)
        assert name in page and BANK.code not in page and NOBODY in page, path
    with place.browser("drafter", language) as client:
        lines = client.get(f"/api/v1{base}/asking?{query}").json()["rows"]
    told = {each["bank"]: each["institution"][language] for each in lines}
    assert told[BANK.code] == name and told[NOBODY] == NOBODY, "programs read the code where it always stood"


@pytest.mark.parametrize(("language", "name"), [("zh", BANK.name_zh), ("en", BANK.name_en)])
def test_accounts_of_a_case_are_at_banks_with_names(place: OrderHouse, language: str, name: str) -> None:
    base = f"/cases/{place.staff.case.ref}/accounts"
    for path in (base, f"{base}?export=csv"):
        page = place.page("drafter", path, language)
        assert name in page and BANK.code not in page and NOBODY in page, path
    with place.browser("drafter", language) as client:
        lines = client.get(f"/api/v1{base}").json()["rows"]
        keys = {each["bank"]: each["account"]["key"] for each in lines}
        alone = client.get(f"/api/v1{base}/{keys[BANK.code]}").json()["line"]
    told = {each["bank"]: each["institution"][language] for each in lines}
    assert told[BANK.code] == name and told[NOBODY] == NOBODY, "programs read the code where it always stood"
    assert (alone["bank"], alone["institution"][language]) == (BANK.code, name)
    for bank, shown in ((BANK.code, name), (NOBODY, NOBODY)):
        form = f"/orders/new?case={place.staff.case.ref}&account={keys[bank]}&kind=stop"
        for path in (f"{base}/{keys[bank]}", form):
            page = place.page("drafter", path, language)
            assert shown in page and BANK.code not in page, path


@pytest.mark.parametrize(("language", "name"), [("zh", BANK.name_zh), ("en", BANK.name_en)])
def test_the_workbook_names_the_bank(place: OrderHouse, language: Language, name: str) -> None:
    staff = place.staff
    _, dossier = traced_dossier(staff.house, staff.drafter, staff.case.ref, Asked(starts=(START,)), "case_work")
    made = b"".join(flow_file(staff.house, dossier, FlowFile.XLSX, language, masked=False))
    book = openpyxl.load_workbook(io.BytesIO(made))
    for sheet, key in (("hops", "payee_bank"), ("holdings", "bank"), ("asking", "bank")):
        table = book[text(language, f"flow.sheet.{sheet}")]
        place_of = [cell.value for cell in table[1]].index(text(language, f"flow.column.{key}"))
        told = {row[place_of].value for row in table.iter_rows(min_row=2)}
        assert {name, NOBODY} <= told and BANK.code not in told, sheet
