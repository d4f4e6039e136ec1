"""Every instruction that can be signed has its paper, and the paper says what the order says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from fanzha.kernel.errors import Broken
from fanzha.kernel.ids import UserId
from fanzha.kernel.money import Fen
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import drafted
from fanzha.orders.effects import ACTS, Act, Effect, OrderKind
from fanzha.orders.entries import folded
from fanzha.orders.order import Instruction, Order, PriorFreeze, QueryOf, Terms
from fanzha.workflows.order_facts import AccountTold, EarlierPaper, Form, PaperNumber
from fanzha.workflows.order_paper import order_paper
from fanzha.workflows.order_rows import TO_PERSONS
from fanzha.workflows.paper_facts import Issue, Names, PersonTold, form_of, paper_facts
from tests.orders.making import CHIEF, DRAFTER, LAW, NOW, applied, countersigned, ground, opened, wish

NAMES = Names(
    organ="临安市公安局东山县分局（测试）",
    contact="0999-1200001",
    institution="测试第一银行股份有限公司",
    case_number="A990000202611220001",
    case_title="测试·甲被电信网络诈骗案",
    case_filed_at=NOW - timedelta(days=1),
    people={
        UserId(UUID(int=number)): PersonTold(name=name, police_id=f"99000{number}")
        for number, name in ((1, "测试·警一"), (2, "测试·警二"), (3, "测试·局长"))
    },
    target="9999990000000000017",
    holder="测试·丙",
    payer=AccountTold(holder="测试·甲", number="9999990000000000025", institution="测试第二银行股份有限公司"),
    earlier=EarlierPaper(number="测公（反）止付字〔2026〕12号", issued_at=NOW),
)
ISSUE = Issue(number=PaperNumber(organ="测公（反）", year=2026, serial=1), at=NOW, law=LAW, is_exercise=True)
CHANGES = {Act.EXTEND: Terms(), Act.LIFT: Terms(), Act.RENEW: Terms(months=6), Act.RELEASE: Terms()}


def in_force(kind: OrderKind) -> Order:
    """An order that took effect, so that it can be changed."""
    effect = {OrderKind.STOP: Effect.HELD, OrderKind.FREEZE: Effect.FROZEN, OrderKind.MONITOR: Effect.ON}
    order = applied(opened(kind))
    done = tuple(replace(each, delivery=Delivery.ANSWERED) for each in order.instructions)
    ends = NOW + timedelta(days=1, hours=14)  # midnight in Shanghai
    return replace(
        order,
        instructions=done,
        effect=effect.get(kind, Effect.BLOCKED),
        times=1,
        held_fen=Fen(4_000_000) if kind in {OrderKind.STOP, OrderKind.FREEZE} else None,
        starts_at=NOW,
        ends_at=ends,
    )


def changed(kind: OrderKind, act: Act, terms: Terms | None = None) -> tuple[Order, Instruction]:
    order = in_force(kind)
    order = folded(order, [drafted(order, wish(2, act, terms or CHANGES[act], kind), ground(), DRAFTER, NOW)])
    order = countersigned(order)
    return order, order.instructions[-1]


def instructed(kind: OrderKind, act: Act) -> tuple[Order, Instruction]:
    if act is Act.APPLY:
        order = applied(opened(kind))
        return order, order.instructions[-1]
    return changed(kind, act)


@pytest.mark.parametrize(("kind", "act"), [(kind, act) for kind, acts in ACTS.items() for act in sorted(acts)])
def test_every_act_of_every_kind_has_a_paper_that_can_be_issued(kind: OrderKind, act: Act) -> None:
    order, instruction = instructed(kind, act)
    paper = order_paper(paper_facts(order, instruction, NAMES, ISSUE))
    assert paper.signatures[0].name == "测试·警一（警号990001）"
    assert len(paper.signatures) == 1 + len(instruction.needs)
    assert str(instruction.id) in paper.foot and order.number in paper.foot


def test_every_form_to_an_institution_belongs_to_some_instruction() -> None:
    found = {form_of(*instructed(kind, act)) for kind, acts in ACTS.items() for act in acts}
    for query_of in QueryOf:
        order = applied(opened(OrderKind.QUERY))
        asking = replace(order.instructions[-1], terms=replace(order.instructions[-1].terms, query_of=query_of))
        found.add(form_of(order, asking))
    waiting = replace(
        applied(opened(OrderKind.FREEZE)), prior=(PriorFreeze(organ="甲", amount_fen=None, ends_at=None),)
    )
    found |= {form_of(waiting, waiting.instructions[-1])}
    found |= {form_of(*changed(OrderKind.FREEZE, Act.RELEASE, Terms(release_fen=Fen(1))))}
    assert found == set(Form) - TO_PERSONS


def rows(order: Order, instruction: Instruction) -> dict[str, tuple[str, ...]]:
    return {each.label: each.lines for each in order_paper(paper_facts(order, instruction, NAMES, ISSUE)).rows}


def test_a_renewal_runs_from_the_day_after_the_old_end() -> None:
    told = rows(*changed(OrderKind.FREEZE, Act.RENEW))
    assert told["原期限届满"] == ("2026年11月23日",)
    assert told["期限"] == ("自2026年11月24日起至2027年5月23日止",)
    assert told["冻结金额"][0] == "¥40,000.00"


def test_a_part_released_says_what_stays() -> None:
    told = rows(*changed(OrderKind.FREEZE, Act.RELEASE, Terms(release_fen=Fen(1_500_000))))
    assert (told["解除金额"][0], told["继续冻结金额"][0]) == ("¥15,000.00", "¥25,000.00")
    whole = rows(*changed(OrderKind.FREEZE, Act.RELEASE, Terms(release_fen=Fen(4_000_000))))
    assert whole["解除金额"][0] == "¥40,000.00" and "继续冻结金额" not in whole


def test_stops_by_other_orders_are_counted() -> None:
    order, instruction = instructed(OrderKind.STOP, Act.APPLY)
    second = order_paper(paper_facts(order, instruction, replace(NAMES, earlier_stops=1), ISSUE))
    assert ("自止付时起48小时（第2次止付）",) in [each.lines for each in second.rows]


def test_whoever_signs_for_another_says_so() -> None:
    order, instruction = instructed(OrderKind.STOP, Act.APPLY)
    (signature,) = instruction.signatures
    lent = replace(instruction, signatures=(replace(signature, for_user=CHIEF.by.user_id),))
    lines = order_paper(paper_facts(order, lent, NAMES, ISSUE)).signatures
    assert lines[1].name == "测试·警二（警号990002），受测试·局长委托代行"


def test_a_paper_that_the_house_itself_drafted_is_our_fault() -> None:
    order, instruction = instructed(OrderKind.STOP, Act.APPLY)
    nobody = replace(instruction, drafted_by=replace(DRAFTER, user_id=None))
    with pytest.raises(Broken):
        paper_facts(order, nobody, NAMES, ISSUE)
