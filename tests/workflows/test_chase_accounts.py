"""What is believed to lie in an account still: what its bank told, and what its bank would have told by now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from fanzha.cases.told import HolderTold
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.orders.authority import AccountSort
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.registers.institutions import InstitutionKind
from fanzha.tracing.frontier import PPM, Dwell, Lead
from fanzha.wiring.chase_rules import holder_words
from fanzha.workflows.chase_accounts import NOTHING_HEARD, Heard, Keeper, believed, chased_account, named, not_denied
from tests.orders.making import NOW, applied, opened
from tests.workflows.test_chase_leads import told

DWELL = Dwell(median_s=(240.0,), log_sd=(0.9,))
ONE = SubjectId(1)
CAME_S = int(NOW.timestamp()) - 3_600
TOLD_AT = NOW - timedelta(minutes=30)


def lead(heard: Heard, *orders: Order) -> Lead:
    """A sum that came an hour ago, of which a statement told nothing since."""
    facts = told(10_000, CAME_S, CAME_S)
    facts = replace(facts, lead=replace(facts.lead, recoverable_fen=100, moved_fen=9_900, there_ppm=PPM // 100))
    return believed({ONE: facts}, {ONE: heard}, {ONE: orders}, DWELL, NOW)[ONE].lead


def monitor(since: timedelta = timedelta(minutes=40), effect: Effect = Effect.ON) -> Order:
    return replace(opened(OrderKind.MONITOR), effect=effect, starts_at=NOW - since)


def test_a_balance_told_later_makes_it_likelier_that_the_money_is_there() -> None:
    late = lead(Heard(balance_fen=10_000, balance_at=TOLD_AT))
    assert lead(Heard()).there_ppm == PPM // 100
    assert PPM // 100 < late.there_ppm < PPM
    assert late.recoverable_fen + late.moved_fen == late.fen
    assert lead(Heard(balance_fen=9_999, balance_at=TOLD_AT)).there_ppm == PPM // 100


def test_a_watched_account_of_which_nothing_was_told_still_holds_what_its_bank_told() -> None:
    heard = Heard(balance_fen=10_000, balance_at=TOLD_AT)
    assert lead(heard, monitor()).there_ppm == PPM
    alone = lead(heard).there_ppm
    assert lead(heard, monitor(timedelta(minutes=20))).there_ppm == alone, "it was not watched for ten minutes"
    assert lead(heard, monitor(effect=Effect.LIFTED)).there_ppm == alone


def test_silence_of_a_bank_that_cannot_be_heard_is_no_evidence() -> None:
    heard = Heard(balance_fen=10_000, balance_at=TOLD_AT)
    lost = applied(opened())
    lost = replace(lost, instructions=(replace(lost.instructions[0], delivery=Delivery.UNKNOWN),))
    watched = replace(monitor(), institution_id=lost.institution_id)
    assert lost.instructions[0].open
    assert lead(heard, watched, lost).there_ppm == lead(heard).there_ppm


@pytest.mark.parametrize(
    ("name", "sorts"),
    [
        ("测试某某超市", {AccountSort.MERCHANT}),
        ("测试某某商贸有限公司", {AccountSort.COMPANY}),
        ("测试支付有限公司", {AccountSort.COMPANY, AccountSort.PAYMENT_POOL}),
        ("测试市第一医院", {AccountSort.HOSPITAL}),
        ("测试·甲", set()),
        ("王大学", set()),
        ("", set()),
    ],
)
def test_a_holder_s_name_tells_the_sort_of_account_and_a_person_s_none(name: str, sorts: set[AccountSort]) -> None:
    facts = named({SubjectId(1): told(100, 60)}, {SubjectId(1): name}, holder_words())[SubjectId(1)]
    assert facts.name == name
    account = chased_account([], SubjectId(1), facts, {}, None, NOTHING_HEARD)
    assert account.sorts == sorts
    assert account.told_class is None, "what a name tells is not told to its bank as the bank's own word"


@pytest.mark.parametrize(
    ("bank_says", "sorts"),
    [
        ("person", {AccountSort.PERSON}),
        ("company", {AccountSort.COMPANY, AccountSort.PUBLIC}),
        ("", {AccountSort.PUBLIC}),
    ],
)
def test_a_bank_s_word_that_the_holder_is_a_person_goes_before_what_the_name_tells(
    bank_says: str, sorts: set[AccountSort]
) -> None:
    facts = named({ONE: told(100, 60)}, {ONE: "欧阳大学"}, holder_words())[ONE]
    heard = Heard(holder=HolderTold(name=SubjectId(2), holder_class=bank_says))
    assert chased_account([], ONE, facts, {}, None, heard).sorts == sorts


def test_a_wallet_that_a_person_holds_is_no_pool() -> None:
    keeper = Keeper(InstitutionId(UUID(int=1)), InstitutionKind.PAYMENT)
    heard = Heard(holder=HolderTold(name=SubjectId(2), holder_class="person"))
    assert chased_account([], ONE, told(100, 60), {}, keeper, NOTHING_HEARD).sorts == {AccountSort.PAYMENT_POOL}
    assert chased_account([], ONE, told(100, 60), {}, keeper, heard).sorts == {AccountSort.PERSON}


def denied(*said: tuple[str, int], by: int = 300, keeper: int | None = 300) -> bool:
    """Whether nothing is hoped for after one institution answered with these codes, so many minutes ago each."""
    first = applied(opened()).instructions[0]
    orders = [
        replace(
            opened(),
            institution_id=InstitutionId(UUID(int=by)),
            instructions=(replace(first, code=code, answered_at=NOW - timedelta(minutes=minutes)),),
        )
        for code, minutes in said
    ]
    keepers = {} if keeper is None else {ONE: InstitutionId(UUID(int=keeper))}
    facts = not_denied({ONE: told(10_000, CAME_S)}, {ONE: orders}, keepers)[ONE]
    lead = facts.lead
    assert lead.fen == 10_000
    assert (lead.there_ppm, lead.recoverable_fen, lead.moved_fen) == (
        (0, 0, 10_000) if facts.is_absent else (500_000, 5_000, 5_000)
    )
    assert chased_account([], ONE, facts, {}, None, NOTHING_HEARD).is_absent is facts.is_absent
    return facts.is_absent


def test_nothing_is_had_of_an_account_that_its_own_bank_does_not_keep_by_its_last_word() -> None:
    assert denied(("0300", 5))
    assert denied(("0000", 9), ("0300", 5))
    assert not denied(("0300", 9), ("0000", 5)), "its bank found it after all"
    assert not denied(("0300", 5), keeper=301), "another bank was asked"
    assert not denied(("0300", 5), keeper=None)
    assert not denied(("0301", 5)), "it is there, under another name"
    assert not denied()


@pytest.mark.parametrize(
    ("number", "complete"), [("9999990102030405062", True), ("6222*1234", False), ("*1234", False)]
)
def test_a_number_with_hidden_figures_is_known_to_be_incomplete(number: str, complete: bool) -> None:
    facts = replace(told(100, 60), identifiers=(number,))
    assert chased_account([], ONE, facts, {}, None, NOTHING_HEARD).is_complete is complete
