"""A paper of an order states what the law asks of it, from facts alone, or is not issued."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from fanzha.i18n import LANGUAGES, Language
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.orders.law import LawPack
from fanzha.wiring.law import law_at
from fanzha.workflows.order_facts import ChannelTold, Form, Officer, OrderFacts
from fanzha.workflows.order_paper import BLANKS, RECEIPTS, OrderPaper, order_paper
from fanzha.workflows.order_rows import MAY_BE_ABSENT, ROWS, TO_PERSONS
from tests.workflows.papers import ACCOUNT, AT, CHANNEL, facts

LAW: LawPack = law_at(AT)
FREEZES = (Form.FREEZE_APPLY, Form.FREEZE_WAITING, Form.FREEZE_RENEW)


def rows(paper: OrderPaper) -> dict[str, tuple[str, ...]]:
    return {each.label: each.lines for each in paper.rows}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", Form)
def test_every_form_has_its_paper(form: Form, language: Language) -> None:
    paper = order_paper(facts(form), language)
    assert paper.title and paper.opening and paper.closing and len(paper.rows) == len(ROWS[form]) - _unsaid(form)
    assert (paper.receipt is None) == (form in TO_PERSONS)
    assert bool(paper.copy) == (language == "en")


def _unsaid(form: Form) -> int:
    """Labels of an account on a paper about a channel, or the other way round."""
    return 2 if form in TO_PERSONS else 0


@pytest.mark.parametrize("form", FREEZES)
def test_a_freeze_names_what_article_239_asks(form: Form) -> None:
    told = rows(order_paper(facts(form)))
    assert told["户名"] == ("测试·丙",) and told["账号"] == ("9999990000000000017",)
    assert told["冻结金额"] == ("¥1,680,320.00", "人民币壹佰陆拾捌万零叁佰贰拾元整")
    assert told["期限"] == ("自2026年11月22日起至2027年5月22日止",)
    assert told["冻结范围"] and told["孳息"] == ("冻结及于孳息",)


def test_the_sentences_tell_the_facts() -> None:
    paper = order_paper(facts(Form.FREEZE_APPLY))
    assert paper.number == "测公（反）冻财字〔2026〕137号"
    assert "我局于2026年11月21日立案侦查的测试·甲被电信网络诈骗案" in paper.opening[0]
    stop = order_paper(facts(Form.STOP_APPLY))
    assert f"止付期限为自止付时起{LAW.stop.hours}小时" in stop.closing[0]
    assert rows(stop)["止付期限"] == ("自止付时起48小时（第1次止付）",)
    assert rows(stop)["转账时间"] == ("2026年11月22日 09:30:48",)


@pytest.mark.parametrize("form", Form)
def test_a_fact_that_must_be_stated_and_is_not_is_named(form: Form) -> None:
    given = facts(form)
    blank: dict[str, Any] = {
        "account": None,
        "channel": None,
        "payment": None,
        "earlier": None,
        "remedy": None,
        "amount_fen": None,
        "until": None,
        "since": None,
        "include_interest": None,
        "prior": (),
        "reason": "",
        "case_filed_at": None,
        "officers": (),
    }
    refused = 0
    for name, nothing in blank.items():
        if getattr(given, name) in (None, (), ""):
            continue
        if name in {"since", "until"} and "period" in ROWS[form]:
            continue
        if name in {"until", "officers"} and form in TO_PERSONS:
            continue
        with pytest.raises(Invalid) as missing:
            order_paper(replace(given, **{name: nothing}))
        assert missing.value.code == "papers.missing" and missing.value.fields["form"] == form.value
        refused += 1
    assert refused >= 3


def test_a_paper_that_contradicts_itself_is_not_issued() -> None:
    given = facts(Form.FREEZE_APPLY)
    for wrong in (replace(given, amount_fen=0), replace(given, amount_fen=-1), replace(given, until=given.since)):
        with pytest.raises(Invalid, match=r"papers\.contradiction"):
            order_paper(wrong)
    with pytest.raises(Invalid, match=r"money\.beyond_limit"):
        order_paper(replace(given, amount_fen=10**16))


def test_what_is_not_known_is_left_out_and_never_invented() -> None:
    bare = replace(facts(Form.STOP_APPLY), account=replace(ACCOUNT, holder_class="", document=""))
    told = rows(order_paper(bare))
    assert "账户类别" not in told and "证件种类及号码" not in told
    assert {label for labels in ROWS.values() for label in labels} >= MAY_BE_ABSENT


@pytest.mark.parametrize("kind", ["phone", "site", "app"])
def test_a_block_cites_what_obliges_whom(kind: str) -> None:
    basis = {"phone": "第十一条", "site": "第六条", "app": "第二十三条"}[kind]
    channel: ChannelTold = replace(CHANNEL, kind=kind)
    assert basis in order_paper(replace(facts(Form.BLOCK_APPLY), channel=channel)).opening[0]


def test_a_signature_made_is_dated_and_one_to_make_is_a_line() -> None:
    officer, second, chief = order_paper(facts(Form.FREEZE_APPLY)).signatures
    assert (officer.capacity, officer.signed) == ("承办民警", "2026年11月22日 10:05电子签批")
    assert second.name == "测试·警二（警号990002）" and chief.signed == ""
    absent = Officer(capacity="county_chief", name="测试·副局长", police_id="990004", for_name="测试·局长")
    (line,) = order_paper(replace(facts(Form.FREEZE_APPLY), officers=(absent,))).signatures
    assert line.name == "测试·副局长（警号990004），受测试·局长委托代行"


def test_every_capacity_that_the_law_knows_has_its_words() -> None:
    for capacity in ("officer", *LAW.capacities):
        officer = Officer(capacity=capacity, name="测试·警一", police_id="990001")
        assert order_paper(replace(facts(Form.FREEZE_APPLY), officers=(officer,))).signatures[0].capacity


@pytest.mark.parametrize("form", [form for form in Form if form not in TO_PERSONS])
def test_a_receipt_says_of_which_order_it_is(form: Form) -> None:
    paper = order_paper(facts(form))
    assert paper.receipt is not None
    about = [line for row in paper.receipt.rows for line in row.lines if line]
    assert ("9999990000000000017" in about) or (CHANNEL.value in about)
    assert paper.number in paper.receipt.confirms
    assert len([row for row in paper.receipt.rows if row.lines == ("",)]) == len(BLANKS[RECEIPTS[form]])


def test_an_exercise_is_stamped_and_a_live_paper_is_not() -> None:
    assert order_paper(facts(Form.STOP_APPLY)).mark == "演练　不具法律效力"
    assert order_paper(replace(facts(Form.STOP_APPLY), is_exercise=False)).mark == ""


def test_a_file_name_tells_nobody_anything() -> None:
    for form in Form:
        paper = order_paper(facts(form))
        assert paper.file_name == f"T-2026-000123-{form.value}.pdf"


def test_a_paper_is_the_same_whatever_the_zone_of_its_instants() -> None:
    given = facts(Form.STOP_EXTEND)
    assert order_paper(given) == order_paper(given)
    shifted = replace(given, issued_at=given.issued_at.astimezone(SHANGHAI))
    assert order_paper(shifted) == order_paper(given)
    assert {each.name for each in fields(OrderFacts)} >= {"law", "application_id"}
    assert order_paper(replace(given, issued_at=AT + timedelta(days=1))) != order_paper(given)
