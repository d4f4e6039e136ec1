"""Taking a report: what is wrong is said in words of the form, at its field, and nothing typed is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from tests.apps.web.order_house import order_house

REPORT = {
    "payee0": "9999990000000000017",
    "amount0": "40000",
    "at0": "2026-03-02T09:10",
    "institution0": "test-bank",
    "source": "110",
    "victim": "测试·丁",
}
WRONG = {
    "source": "pigeon",
    "scam_type": "ST77",
    "payee0": " ",
    "amount0": "a lot",
    "at0": "yesterday",
    "reported_at": "now",
    "institution0": "no-such-bank",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whatever_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    house: House, clock: SetClock, case: Case, tmp_path: Path, language: str
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter", language) as client:
        for field, value in WRONG.items():
            answer = client.post("/incidents/new", data={**REPORT, field: value})
            assert answer.status_code in {404, 422}, field
            (name, trouble, sentence) = said(answer.text)
            assert (name, trouble) == (field, f"{field}-trouble")
            assert sentence and "filter" not in sentence and "筛选" not in sentence
            assert "测试·丁" in answer.text


def said(page: str) -> tuple[str, str, str]:
    """The field that is marked as wrong, what describes it, and the words there."""
    marked = re.search(r'name="(\w+)"[^>]*aria-invalid="true" aria-describedby="([\w-]+)"', page)
    assert marked is not None
    told = re.search(rf'id="{marked[2]}"[^>]*>(.*?)</small>', page, re.DOTALL)
    assert told is not None
    return marked[1], marked[2], re.sub(r"<[^>]*>", "", told[1]).strip()


SUMS = ("3.2万", "3万2", "三万二", "３．２萬", "32,000.00元", "¥32000")
NO_SUMS = ("约3万", "3万多", "5美元", "5万3笔", "3万到5万", "3.5万5", "1.234", "12,34", "-3万", "二〇二六", "9" * 30)


def test_an_amount_is_read_in_its_field_as_it_is_in_pasted_words(
    house: House, clock: SetClock, case: Case, tmp_path: Path
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter", "zh") as client:
        for typed in SUMS:
            answer = client.post("/incidents/new", data={**REPORT, "amount0": typed})
            assert answer.status_code == 303, typed
            assert "32,000.00" in client.get(answer.headers["location"]).text, typed


def test_an_amount_that_is_not_exact_is_refused_and_the_form_says_so(
    house: House, clock: SetClock, case: Case, tmp_path: Path
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter", "zh") as client:
        for typed in NO_SUMS:
            answer = client.post("/incidents/new", data={**REPORT, "amount0": typed})
            assert answer.status_code == 422, typed
            assert said(answer.text)[0] == "amount0" and "读不出准确金额" in said(answer.text)[2], typed


@pytest.mark.parametrize(("language", "sentence"), [("zh", "请从列表中选择"), ("en", "Choose the institution")])
def test_a_later_payment_without_its_institution_is_told_at_that_payment(
    house: House, clock: SetClock, case: Case, tmp_path: Path, language: str, sentence: str
) -> None:
    place = order_house(house, clock, case, tmp_path)
    second = {"payee1": "9999990000000000025", "amount1": "5000", "at1": "2026-03-02T09:12", "institution1": ""}
    with place.browser("drafter", language) as client:
        answer = client.post("/incidents/new", data={**REPORT, **second})
        (name, trouble, words) = said(answer.text)
        assert (answer.status_code, name, trouble) == (422, "institution1", "institution1-trouble")
        assert words.startswith(sentence)
        unknown = client.post("/incidents/new", data={**REPORT, "institution0": "no-such-bank"})
        assert said(unknown.text)[2].startswith(sentence)


LATER = {
    "amount1": "5000",
    "at1": "2026-03-02T09:12",
    "institution1": "test-bank",
    "payee_name1": "测试·戊",
    "payer1": "9",
}


@pytest.mark.parametrize("name", LATER)
def test_a_later_payment_of_which_anything_is_typed_is_told_where_it_is_not_whole_and_never_left_out(
    house: House, clock: SetClock, case: Case, tmp_path: Path, name: str
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter", "zh") as client:
        answer = client.post("/incidents/new", data={**REPORT, name: LATER[name]})
        assert answer.status_code == 422 and said(answer.text)[0].endswith("1")
        assert LATER[name] in answer.text
        answer = client.post("/incidents/new", data={**REPORT, **LATER})
        assert (answer.status_code, said(answer.text)[0]) == (422, "payee1") and "账号不明的" in said(answer.text)[2]
