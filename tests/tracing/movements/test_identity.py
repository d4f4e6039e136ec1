"""One account under two numbers that no file links: joined where transfers and names show it, else left apart."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import Precision
from fanzha.tracing.movements.movements import Doubt, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_S, Told, got, paid, placed, rows_of

CARD, OTHERS_CARD = "9999990000000010019", "9999990000000010027"
NUMBER, OTHERS_NUMBER, SECOND_NUMBER = "880010000000001", "880010000000002", "770010000000002"
SHOP, FRIEND = "9999990000000090019", "9999990000000090027"
JIA, YI = "测试·甲子", "测试·乙丑"


def run(*told: Told) -> Reconciliation:
    return reconcile(rows_of(told), (), PairingLimits())


def flows(made: Reconciliation) -> list[tuple[str, str, int]]:
    """Moving movements as (payer, payee, fen), numbers sorted within an account."""
    names = ([min(each) for each in made.accounts.identifiers], "?")
    moves = made.movements
    told = [(int(moves.payer[at]), int(moves.payee[at]), int(moves.amount_fen[at])) for at in range(len(moves))]
    return [
        (names[0][a] if a >= 0 else "?", names[0][b] if b >= 0 else "?", fen)
        for at, (a, b, fen) in enumerate(told)
        if moves.moving[at]
    ]


def together(made: Reconciliation, a: str, b: str) -> bool:
    return made.accounts.find(a) == made.accounts.find(b)


def payer_says(fen: int = 3_000_000, at: int = 5, **more: object) -> Told:
    """甲's own rows name 乙's card."""
    return paid("a", CARD, OTHERS_CARD, fen, at, **{"own_name": JIA, "other_name": YI, **more})


def payee_says(fen: int = 3_000_000, at: int = 21, **more: object) -> Told:
    """乙's own statement is headed by an account number."""
    return got("b", OTHERS_NUMBER, CARD, fen, at, **{"own_name": YI, "other_name": JIA, **more})


def neither_knows(at: int, fen: int = 3_000_000) -> tuple[Told, Told]:
    """Both statements headed by account numbers, both naming cards; the payee's bank books it at `at`."""
    return (
        paid("a", NUMBER, OTHERS_CARD, fen, 5, own_name=JIA, other_name=YI),
        got("b", OTHERS_NUMBER, CARD, fen, at, own_name=YI, other_name=JIA),
    )


LIFE = (
    got("b", OTHERS_NUMBER, SHOP, 50_000, -3600, own_name=YI, other_name="测试·外丁"),
    paid("b", OTHERS_NUMBER, FRIEND, 20_000, DAY_S, own_name=YI, other_name="测试·外戊"),
)


def test_a_card_and_the_statement_headed_by_its_account_number_are_one_account() -> None:
    made = run(payer_says(), payee_says(), *LIFE)
    assert flows(made).count((CARD, OTHERS_NUMBER, 3_000_000)) == 1
    assert len(flows(made)) == 3
    assert together(made, OTHERS_CARD, OTHERS_NUMBER)
    moves = made.movements
    doubts = {int(moves.amount_fen[at]): Doubt(int(moves.doubts[at])) for at in range(len(moves))}
    assert Doubt.MATCHED_BY_NAME in doubts[3_000_000]
    assert Doubt.MATCHED_BY_NAME not in doubts[50_000]


def test_a_statement_that_knows_only_days_serves_for_an_odd_amount() -> None:
    made = run(payer_says(3_000_100), payee_says(3_000_100, precision=Precision.DAY), *LIFE)
    assert len(flows(made)) == 3


@pytest.mark.parametrize("fen", [1_234_567, 3_000_000])
def test_both_statements_headed_by_numbers_and_naming_cards(fen: int) -> None:
    made = run(*neither_knows(21, fen), *LIFE)
    assert together(made, NUMBER, CARD)
    assert together(made, OTHERS_NUMBER, OTHERS_CARD)
    assert len(flows(made)) == 3


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("another name", (payer_says(other_name="测试·丙寅"), payee_says())),
        ("too late", (payer_says(), payee_says(at=5 + 3600))),
        ("nobody's name, one transfer", (payer_says(other_name=""), payee_says())),
        ("a round amount minutes apart, neither side knowing the other's number", neither_knows(200)),
        (
            "the payer's books name their own second card, which the payee's books name as the payer",
            (*neither_knows(21), paid("a", NUMBER, CARD, 8_800, 7200, own_name=JIA, other_name=JIA)),
        ),
        (
            "the books name the card as another account",
            (payer_says(), payee_says(), paid("b", OTHERS_NUMBER, OTHERS_CARD, 9_900, 99, own_name=YI, other_name=YI)),
        ),
        (
            "the books are silent on another transfer to the card",
            (payer_says(), payee_says(), payer_says(70_000, 7200)),
        ),
        (
            "the card is told with two names",
            (payer_says(), payee_says(), payer_says(70_000, 2 * DAY_S, other_name="测试·丙寅")),
        ),
    ],
)
def test_what_joins_nobody(why: str, told: tuple[Told, ...]) -> None:
    assert not together(run(*told, *LIFE), OTHERS_CARD, OTHERS_NUMBER), why


def test_several_transfers_join_a_number_that_nobody_names() -> None:
    several = [(each * DAY_S, 1_111_100 + each) for each in range(3)]
    told = [payer_says(fen, at, other_name="") for at, fen in several]
    told += [payee_says(fen, at + 30) for at, fen in several]
    made = run(*told)
    assert together(made, OTHERS_CARD, OTHERS_NUMBER)
    assert len(flows(made)) == 3


def test_a_card_that_could_belong_to_either_of_two_statements_stays_alone() -> None:
    second = got("c", SECOND_NUMBER, CARD, 3_000_000, 22, own_name=YI, other_name=JIA)
    made = run(payer_says(), payee_says(), second, *LIFE)
    assert not together(made, OTHERS_CARD, OTHERS_NUMBER)
    assert not together(made, OTHERS_CARD, SECOND_NUMBER)


def test_own_masked_number_is_the_only_whole_one_without_books_that_it_fits() -> None:
    own, shop = "999999*0019", SHOP
    told = (
        paid("a", own, "", 30_000, 5),
        got("a", own, "", 10_000, 3600),
        got("b", shop, CARD, 30_000, 9, own_name="测试·外丁", other_name=JIA),
    )
    made = run(*told)
    assert flows(made) == [(CARD, shop, 30_000), ("?", CARD, 10_000)]
    assert all(Doubt.MATCHED_BY_MASK in Doubt(int(each)) for each in made.movements.doubts)


def test_a_masked_own_number_that_fits_two_tellings_stays_masked() -> None:
    other = "9999990000000070019"
    told = (
        paid("a", "999999*0019", "", 30_000, 5),
        got("b", SHOP, CARD, 30_000, 9, own_name="测试·外丁", other_name=JIA),
        got("c", FRIEND, other, 30_000, 9, own_name="测试·外戊", other_name=YI),
    )
    assert len(flows(run(*told))) == 3


@st.composite
def two_accounts_each(draw: st.DrawFn) -> tuple[list[Told], list[tuple[str, str, int]]]:
    """Transfers between two people with two accounts each, told by all books; others call them by other numbers."""
    accounts = {f"88{who}{which}": (f"999999{who}{which}0000000", who) for who in "01" for which in "01"}
    told, truth = [], []
    for turn in range(draw(st.integers(2, 12))):
        payer = draw(st.sampled_from(sorted(accounts)))
        payee = draw(st.sampled_from(sorted(each for each in accounts if accounts[each][1] != accounts[payer][1])))
        fen = draw(st.sampled_from((1_000_000, 2_000_000, 1_234_567, 50_001)))
        at = turn * 900 + draw(st.integers(0, 60))
        late = draw(st.integers(0, 90))
        names = {"0": JIA, "1": YI}
        one, other = names[accounts[payer][1]], names[accounts[payee][1]]
        told.append(paid(payer, payer, accounts[payee][0], fen, at, own_name=one, other_name=other))
        told.append(got(payee, payee, accounts[payer][0], fen, at + late, own_name=other, other_name=one))
        truth.append((payer, payee, fen))
    return told, truth


CARD_OF = {f"88{who}{which}": f"999999{who}{which}0000000" for who in "01" for which in "01"}


@settings(max_examples=60, deadline=None)
@given(two_accounts_each(), st.randoms(use_true_random=False))
def test_accounts_of_one_person_stay_apart_and_order_decides_nothing(
    case: tuple[list[Told], list[tuple[str, str, int]]], chance: random.Random
) -> None:
    told, truth = case
    told = placed(told)
    made = run(*told)
    for group in made.accounts.identifiers:
        assert len(group) == 1 or (len(group) == 2 and any(set(group) == {a, b} for a, b in CARD_OF.items()))
    assert len(flows(made)) >= len(truth)
    shuffled = told[:]
    chance.shuffle(shuffled)
    again = run(*shuffled)
    assert again.accounts.identifiers == made.accounts.identifiers
    assert flows(again) == flows(made)
    assert again.movements.doubts.tolist() == made.movements.doubts.tolist()
