"""Facts of papers for tests: synthetic, and obviously so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fanzha.kernel.legal_days import days_after, months_after
from fanzha.workflows.order_facts import (
    AccountTold,
    ChannelTold,
    EarlierPaper,
    Form,
    Officer,
    OrderFacts,
    PaperNumber,
    PaymentTold,
    PriorFreezeTold,
    Remedy,
)
from fanzha.workflows.order_rows import ROWS, TO_PERSONS

AT = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)
ACCOUNT = AccountTold(
    holder="测试·丙",
    number="9999990000000000017",
    institution="测试第一银行股份有限公司",
    holder_class="person",
    document="居民身份证 990000199001010017",
)
PAYER = AccountTold(holder="测试·甲", number="9999990000000000025", institution="测试第二银行股份有限公司")
PAYMENT = PaymentTold(payer=PAYER, amount_fen=1_680_320_00, at=AT - timedelta(minutes=34, seconds=12))
CHANNEL = ChannelTold(
    kind="site", value="https://pay.zhapian-ceshi.example/login", name="测试投资平台", evidence="0123456789abcdef" * 4
)
REMEDY = Remedy(
    channel="向本单位书面提出，或者到东山县反诈中心服务窗口当面提出",
    contact="0999-1200001（工作日 9:00 至 17:00）",
    documents=("本人身份证件", "账户近三个月的交易明细", "能够说明资金来源的合同、发票或者聊天记录"),
)
OFFICERS = (
    Officer(capacity="officer", name="测试·警一", police_id="990001", signed_at=AT),
    Officer(capacity="second_officer", name="测试·警二", police_id="990002", signed_at=AT + timedelta(minutes=3)),
    Officer(capacity="county_chief", name="测试·局长", police_id="990003"),
)

WORDS = {"stop": "止付", "freeze": "冻财", "monitor": "查财", "block": "封"} | dict.fromkeys(
    ("holder", "objection"), "止付"
)


def facts(form: Form) -> OrderFacts:
    """Everything that the form states, no more."""
    labels = set(ROWS[form])
    is_channel = "evidence" in labels or form is Form.BLOCK_LIFT
    until = months_after(AT, 6) if {"frozen", "term"} & labels else days_after(AT, 90)
    told = OrderFacts(
        form=form,
        number=PaperNumber(organ="测公（反）", year=2026, serial=137),
        order="T-2026-000123",
        application_id="01890000-0000-7000-8000-000000000137",
        law="cn/2022-12-01",
        organ="临安市公安局东山县分局（测试）",
        addressee="测试·丙" if form in TO_PERSONS else "测试第一银行股份有限公司",
        case_number="A990000202611220001",
        case_title="测试·甲被电信网络诈骗案",
        issued_at=AT,
        officers=OFFICERS if {"frozen", "released", "asked"} & labels else OFFICERS[:2],
        reason="测试·甲于 2026年11月22日被人冒充领导诈骗，将1,680,320.00元转入该账户。",
        contact="0999-1200001",
        is_exercise=True,
    )
    account = None if is_channel else ACCOUNT
    channel = CHANNEL if is_channel else None
    earlier = EarlierPaper(
        number=f"测公（反）{WORDS.get(form.value.split('_')[0])}字〔2026〕12号",
        issued_at=AT - timedelta(days=180),
        until=AT + timedelta(days=1),
    )
    return replace(
        told,
        account=account,
        channel=channel,
        payment=PAYMENT if "paid" in labels else None,
        earlier=earlier if "earlier" in labels else None,
        prior=(
            PriorFreezeTold(organ="测试乙县公安局", amount_fen=500_000_00, until=months_after(AT, 3)),
            PriorFreezeTold(organ="测试丙县人民法院"),
        )
        if "prior" in labels
        else (),
        remedy=REMEDY if form in TO_PERSONS else None,
        case_filed_at=AT - timedelta(days=1) if "frozen" in labels else None,
        amount_fen=1_680_320_00 if {"frozen", "released"} & labels else None,
        left_fen=680_000_05 if "left" in labels else None,
        hours=48 if "stop_term" in labels else None,
        times=(2 if form is Form.STOP_EXTEND else 1) if "stop_term" in labels else None,
        since=AT if {"term", "period"} & labels else None,
        until=until if {"term", "period", "until"} & labels else None,
        include_interest=True if "interest" in labels else None,
        measure="紧急止付" if "measure" in labels else "",
    )
