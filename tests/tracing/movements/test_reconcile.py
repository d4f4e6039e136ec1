"""Whole stories: what files tell, and what must come of it."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import Flag, Precision
from fanzha.tracing.movements.movements import (
    NO_ROW,
    UNKNOWN_US,
    AccountJoin,
    BalanceProof,
    Doubt,
    Exit,
    Fate,
    PairingLimits,
    Reconciliation,
)
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_ONE_US, DAY_S, Told, got, listed, paid, placed, rows_of

A, B, C, D = "9999990000000001", "9999990000000002", "9999990000000003", "9999990000000104"
A_NUMBER = "990000000777"
REPEATS = (Fate.DUPLICATE_ENTRY, Fate.DUPLICATE_TELLING)


def run(*told: Told, joins: tuple[AccountJoin, ...] = ()) -> Reconciliation:
    return reconcile(rows_of(told), joins, PairingLimits())


def fates(made: Reconciliation) -> list[str]:
    return [Fate(int(fate)).name for fate in made.fate]


def flows(made: Reconciliation) -> list[tuple[str, str, int]]:
    """Moving movements as (payer, payee, fen)."""
    names = (*made.accounts.primary, "?")
    moves = made.movements
    return [
        (names[moves.payer[at]], names[moves.payee[at]], int(moves.amount_fen[at]))
        for at in range(len(moves))
        if moves.moving[at]
    ]


def doubts(made: Reconciliation, at: int = 0) -> Doubt:
    return Doubt(int(made.movements.doubts[at]))


def test_two_tellings_with_clocks_apart_are_one_movement() -> None:
    made = run(paid("a", A, B, 500, 100, serial="A1"), got("b", B, A, 500, 160, serial="B9"))
    assert flows(made) == [(A, B, 500)]
    assert made.movements.evidence.tolist() == [[0, 1]]
    assert made.movements.payer_at_us[0] == DAY_ONE_US + 100_000_000
    assert made.movements.payee_at_us[0] == DAY_ONE_US + 160_000_000
    assert made.movement.tolist() == [0, 0]
    assert made.same_as.tolist() == [NO_ROW, 0]
    assert made.movements.exit[0] == Exit.NONE


def test_a_party_without_books_has_no_time_and_is_outside() -> None:
    made = run(paid("a", A, B, 500, 100))
    assert made.movements.payee_at_us[0] == UNKNOWN_US
    assert made.movements.exit[0] == Exit.OUTSIDE
    assert not made.accounts.has_statement[made.accounts.find(B)]


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (got("b", B, A, 501, 100), 2),
        (got("b", B, C, 500, 100), 2),
        (got("b", B, A, 500, 100, currency="USD"), 2),
        (got("b", B, A, 500, 100 + 9 * 60), 1),
        (got("b", B, A, 500, 100 + 2 * 3600), 1),
        (got("b", B, A, 500, 100 + 5 * DAY_S), 2),
        (got("b", B, A, 500, 0, precision=Precision.DAY), 1),
        (got("b", B, A, 500, 100, precision=Precision.MINUTE), 1),
        (paid("b", B, A, 500, 100), 2),
    ],
)
def test_what_makes_a_second_telling(second: Told, count: int) -> None:
    assert len(run(paid("a", A, B, 500, 100), second).movements) == count


def test_a_late_booking_is_marked_and_never_chosen_where_two_fit() -> None:
    late = run(paid("a", A, B, 500, 100), got("b", B, A, 500, 100 + DAY_S))
    assert doubts(late) & Doubt.MATCHED_LATE
    either = run(paid("a", A, B, 500, 100), paid("a", A, B, 500, 9_000), got("b", B, A, 500, 100 + DAY_S))
    assert len(either.movements) == 3


def test_three_equal_payments_of_which_the_payee_tells_two() -> None:
    made = run(
        paid("a", A, B, 5000, 0),
        paid("a", A, "", 5000, 40),
        paid("a", A, B, 5000, 80),
        got("b", B, A, 5000, 41),
        got("b", B, A, 5000, 81),
    )
    assert flows(made) == [(A, B, 5000)] * 3
    assert fates(made).count("DUPLICATE_TELLING") == 2
    assert made.movements.evidence.tolist() == [[0, NO_ROW], [1, 3], [2, 4]]


def test_equal_payments_of_which_each_side_names_another() -> None:
    made = run(
        paid("a", A, "", 5000, 0), paid("a", A, B, 5000, 1), got("b", B, A, 5000, 1), got("b", B, "", 5000, 2),
    )  # fmt: skip
    assert flows(made) == [(A, B, 5000)] * 2
    stranger = run(
        paid("a", A, "", 5000, 0), paid("a", A, B, 5000, 1), got("b", B, A, 5000, 1), got("b", B, C, 5000, 2),
    )  # fmt: skip
    assert Counter(flows(stranger)) == Counter([(A, "?", 5000), (A, B, 5000), (C, B, 5000)])


def test_usual_clock_difference_decides_among_equal_payments() -> None:
    taught = [row for at in (10_000, 20_000, 30_000) for row in (paid("a", A, B, at, at), got("b", B, A, at, at + 90))]
    made = run(
        *taught,
        paid("a", A, B, 5000, 0),
        paid("a", A, B, 5000, 40),
        paid("a", A, B, 5000, 80),
        got("b", B, A, 5000, 90),
        got("b", B, A, 5000, 130),
    )
    assert [pair for pair in made.movements.evidence.tolist() if pair[0] in (6, 7, 8)] == [[6, 9], [7, 10], [8, NO_ROW]]


def test_clocks_that_differ_as_always_contradict_nobody() -> None:
    times = (1_000, 2_000, 3_000, 4_000, 5_000)
    told = [row for at in times for row in (paid("a", A, B, at, at + 40), got("b", B, A, at, at))]
    made = run(*told, paid("a", A, B, 9_900, 9_000), got("b", B, A, 9_900, 8_700))
    marked = [int(fen) for fen, doubt in zip(made.movements.amount_fen, made.movements.doubts, strict=True) if doubt]
    assert len(made.movements) == 6
    assert marked == [9_900]


def test_a_cash_withdrawal_in_the_same_minute_stays_apart() -> None:
    made = run(paid("a", A, "", 5000, 0, flags=Flag.CASH), paid("a", A, "", 5000, 10), got("b", B, A, 5000, 1))
    assert Counter(flows(made)) == Counter([(A, "?", 5000), (A, B, 5000)])
    assert made.movements.exit.tolist() == [Exit.CASH, Exit.NONE]
    assert made.movements.evidence.tolist() == [[0, NO_ROW], [1, 2]]


@pytest.mark.parametrize(
    "flag", [Flag.CASH, Flag.FEE, Flag.INTEREST, Flag.MERCHANT, Flag.PAYMENT_COMPANY, Flag.CRYPTO_TRADER]
)
def test_rows_that_never_pair_by_absence(flag: Flag) -> None:
    made = run(paid("a", A, "", 5000, 0, flags=flag), got("b", B, A, 5000, 1))
    assert len(made.movements) == 2


@pytest.mark.parametrize(
    ("flags", "way"),
    [
        (Flag.CRYPTO, Exit.CRYPTO_TRADER),
        (Flag.CRYPTO_TRADER | Flag.MERCHANT, Exit.CRYPTO_TRADER),
        (Flag.CRYPTO | Flag.PAYMENT_COMPANY, Exit.CRYPTO_TRADER),
        (Flag.CRYPTO | Flag.CASH, Exit.CASH),
        (Flag.CRYPTO | Flag.FEE, Exit.FEE),
    ],
)
def test_words_of_virtual_currency_name_the_way_out_unless_cash_or_a_fee_does(flags: Flag, way: Exit) -> None:
    assert run(paid("a", A, D, 5000, 0, flags=flags)).movements.exit.tolist() == [way]
    inside = run(paid("a", A, B, 5000, 0, flags=flags), got("b", B, A, 5000, 1))
    assert inside.movements.exit.tolist() == [Exit.NONE]


def test_two_senders_of_equal_fen_in_one_minute() -> None:
    made = run(
        paid("a", A, B, 5000, 0),
        paid("c", C, B, 5000, 5),
        got("b", B, "", 5000, 6),
        got("b", B, "", 5000, 1),
    )
    assert Counter(flows(made)) == Counter([(A, B, 5000), (C, B, 5000)])
    outsider = run(paid("a", A, B, 5000, 0), got("b", B, D, 5000, 1), got("b", B, "", 5000, 2))
    assert Counter(flows(outsider)) == Counter([(A, B, 5000), (D, B, 5000)])


def test_nobody_names_anybody() -> None:
    strangers = run(paid("a", A, "", 5000, 0), got("b", B, "", 5000, 1))
    assert len(strangers.movements) == 2
    named = run(paid("a", A, "", 5000, 0, other_name="测试·乙"), got("b", B, "", 5000, 1, own_name="测试·乙"))
    assert flows(named) == [(A, B, 5000)]
    assert doubts(named) & Doubt.MATCHED_BY_ABSENCE


def test_self_transfer_in_one_statement_is_one_movement() -> None:
    made = run(paid("a", A, A, 500, 0, balance=500), got("a", A, A, 500, 0, balance=1000))
    assert flows(made) == [(A, A, 500)]
    assert made.ledgers.row.tolist() == [0, 1]
    assert made.proof.tolist() == [BalanceProof.PROVEN]


def test_two_accounts_of_one_person_stay_two() -> None:
    made = run(
        paid("a", A, B, 500, 0, own_name="测试·甲", other_name="测试·甲"),
        got("b", B, A, 500, 0, own_name="测试·甲", other_name="测试·甲"),
    )
    assert flows(made) == [(A, B, 500)]


def test_card_and_account_number_are_one_account() -> None:
    told = (paid("a", A, B, 500, 0), paid("x", "", B, 500, 0, account=A_NUMBER), got("b", B, A_NUMBER, 500, 3))
    apart = run(*told)
    assert len(apart.accounts) == 3
    joined = run(*told, joins=(AccountJoin(a=A, b=A_NUMBER, source="accounts.csv"),))
    assert joined.accounts.identifiers[joined.accounts.find(A)] == (A, A_NUMBER)
    assert flows(joined) == [(A, B, 500)]
    assert sorted(fates(joined)) == ["DUPLICATE_ENTRY", "DUPLICATE_TELLING", "MOVES"]
    by_row = run(*told, paid("a", A, C, 7, 9, account=A_NUMBER))
    assert Counter(flows(by_row)) == Counter([(A, B, 500), (A, C, 7)])


def test_a_mask_that_fits_one_account_is_that_account() -> None:
    made = run(paid("a", A, "9999*0104", 500, 0), got("d", D, A, 500, 2))
    assert flows(made) == [(A, D, 500)]
    assert len(made.accounts) == 2


def test_a_mask_that_fits_two_accounts_pairs_by_the_other_telling() -> None:
    made = run(paid("a", A, "9999*", 500, 0), got("b", B, A, 500, 2), got("c", C, D, 900, 2))
    assert Counter(flows(made)) == Counter([(A, B, 500), (D, C, 900)])
    assert doubts(made) & Doubt.MATCHED_BY_MASK
    named = run(
        paid("a", A, "9999*", 500, 0, other_name="测试·丙"),
        got("b", B, "", 500, 2, own_name="测试·乙"),
        got("c", C, "", 500, 2, own_name="测试·丙"),
    )
    assert Counter(flows(named)) == Counter([("?", B, 500), (A, C, 500)])


def test_a_masked_stranger_stays_its_own() -> None:
    made = run(paid("a", A, "8888*1111", 500, 0), got("b", B, "", 500, 2))
    assert Counter(flows(made)) == Counter([("?", B, 500), (A, "8888*1111", 500)])


def test_lists_of_third_parties_pair_with_either_telling() -> None:
    made = run(
        listed("l", A, B, 500, 0), paid("a", A, B, 500, 2),
        listed("l", A, C, 600, 0), got("c", C, A, 600, 2),
        listed("l", A, D, 700, 0), listed("m", A, D, 700, 0),
        listed("l", A, B, 800, 0), paid("a", A, B, 800, 1), got("b", B, A, 800, 3),
    )  # fmt: skip
    assert Counter(flows(made)) == Counter([(A, B, 500), (A, C, 600), (A, D, 700), (A, B, 800)])
    assert len(made.movements) == 4
    assert fates(made)[4:6] == ["MOVES", "DUPLICATE_ENTRY"]
    assert len(set(made.movement[6:].tolist())) == 1


def test_a_list_joins_the_books_that_know_less_or_more_than_it() -> None:
    payee_by_books = run(
        paid("a", A, "", 500, 0), got("b", B, A, 500, 0), listed("l", A, B, 500, 30), paid("a", A, C, 7, 90)
    )
    assert Counter(flows(payee_by_books)) == Counter([(A, B, 500), (A, C, 7)])
    payer_rounded = run(
        paid("a", A, B, 500, 40), listed("l", "9999*", B, 500, 30), paid("c", C, D, 7, 0), paid("c", C, "", 8, 90)
    )
    assert Counter(flows(payer_rounded)) == Counter([(A, B, 500), (C, D, 7), (C, "?", 8)])
    payee_rounded = run(got("b", B, A, 500, 40), listed("l", A, "9999*", 500, 30), got("c", C, D, 7, 0))
    assert Counter(flows(payee_rounded)) == Counter([(A, B, 500), (D, C, 7)])
    payer_untold = run(got("b", B, "", 500, 40), listed("l", A, B, 500, 30))
    assert flows(payer_untold) == [(A, B, 500)]


def test_a_name_beside_few_digits_names_no_account_of_a_nameless_one() -> None:
    made = run(
        paid("a", A, B, 500, 40),
        listed("l", "9999*", B, 500, 30, own_name="测试·甲"),
        paid("c", C, D, 7, 0, own_name="测试·甲"),
    )
    assert Counter(flows(made)) == Counter([(A, B, 500), (C, D, 7)])


def test_rows_of_no_money_are_accepted_and_move_nothing() -> None:
    made = run(paid("a", A, B, 0, 0, balance=70), got("b", B, A, 0, 0), paid("a", A, B, 500, 5, balance=-430))
    assert fates(made) == ["STILL", "STILL", "MOVES"]
    assert flows(made) == [(A, B, 500)]
    assert made.proof[made.accounts.find(A)] == BalanceProof.PROVEN


REVERSALS = [
    ("opposite sign", paid("a", A, B, 500, 0), got("a", A, B, 500, 60, flags=Flag.REVERSAL)),
    ("red ink", paid("a", A, B, 500, 0), paid("a", A, B, 500, 60, flags=Flag.REVERSAL)),
    ("no counterparty told", paid("a", A, B, 500, 0), got("a", A, "", 500, 60, flags=Flag.REVERSAL)),
    (
        "counterparty by card, then by number",
        paid("a", A, B, 500, 0, other_name="测试·乙"),
        got("a", A, A_NUMBER, 500, 60, other_name="测试·乙", flags=Flag.REVERSAL),
    ),
    ("same instant, file order", paid("a", A, B, 500, 0), got("a", A, B, 500, 0, flags=Flag.REVERSAL)),
    ("next week", paid("a", A, B, 500, 0), got("a", A, B, 500, 7 * DAY_S, flags=Flag.REVERSAL)),
]


@pytest.mark.parametrize(
    ("original", "reversal"), [case[1:] for case in REVERSALS], ids=[case[0] for case in REVERSALS]
)
def test_a_reversal_and_its_original_move_nothing(original: Told, reversal: Told) -> None:
    made = run(original, reversal)
    assert fates(made) == ["REVERSED", "REVERSAL"]
    assert flows(made) == []
    assert len(made.movements) == 2
    assert made.same_as.tolist() == [NO_ROW, 0]


def test_a_reversal_finds_its_original_of_the_day_in_another_file() -> None:
    day = {"precision": Precision.DAY}
    original, back = paid("b", A, B, 500, 0, **day), paid("a", A, B, 500, 0, flags=Flag.REVERSAL, **day)
    assert sorted(fates(run(back, original))) == ["REVERSAL", "REVERSED"]
    one_file = run(back, paid("a", A, B, 500, 0, **day))
    assert sorted(fates(one_file)) == ["MOVES", "REVERSAL"]


@pytest.mark.parametrize(
    "reversal",
    [
        got("a", A, B, 501, 60, flags=Flag.REVERSAL),
        got("a", A, C, 500, 60, flags=Flag.REVERSAL),
        got("c", C, B, 500, 60, flags=Flag.REVERSAL),
        got("a", A, B, 500, -60, flags=Flag.REVERSAL),
        got("a", A, B, 500, 90 * DAY_S, flags=Flag.REVERSAL),
    ],
)
def test_a_reversal_without_original_is_flagged(reversal: Told) -> None:
    made = run(paid("a", A, B, 500, 0), reversal)
    assert sorted(fates(made)) == ["MOVES", "REVERSAL"]
    at = int(made.movement[1])
    assert doubts(made, at) & Doubt.REVERSAL_UNMATCHED
    assert not made.movements.moving[at]


def test_serial_chooses_the_reversed_original_else_the_nearest() -> None:
    told = [paid("a", A, B, 500, 0, serial="1"), paid("a", A, B, 500, 50, serial="2")]
    assert fates(run(*told, got("a", A, B, 500, 60, flags=Flag.REVERSAL, serial="1"))) == [
        "REVERSED",
        "MOVES",
        "REVERSAL",
    ]
    assert fates(run(*told, got("a", A, B, 500, 60, flags=Flag.REVERSAL))) == ["MOVES", "REVERSED", "REVERSAL"]


def test_a_retry_after_a_reversal_is_what_the_payee_tells() -> None:
    made = run(
        paid("a", A, B, 500, 0, balance=500),
        got("a", A, B, 500, 20, balance=1000, flags=Flag.REVERSAL),
        paid("a", A, B, 500, 40, balance=500),
        got("b", B, A, 500, 10),
    )
    assert fates(made) == ["REVERSED", "REVERSAL", "MOVES", "DUPLICATE_TELLING"]
    assert flows(made) == [(A, B, 500)]
    assert made.proof[made.accounts.find(A)] == BalanceProof.PROVEN


def test_a_reversal_in_both_books_is_told_twice() -> None:
    made = run(
        paid("a", A, B, 500, 0), got("a", A, B, 500, 60, flags=Flag.REVERSAL),
        got("b", B, A, 500, 1), paid("b", B, A, 500, 61, flags=Flag.REVERSAL),
    )  # fmt: skip
    assert fates(made) == ["REVERSED", "DUPLICATE_TELLING", "DUPLICATE_TELLING", "REVERSAL"]
    assert made.movement.tolist() == [0, 1, 0, 1]
    assert flows(made) == []


def test_leftovers_are_flagged_where_the_other_statement_covers_the_time() -> None:
    made = run(got("b", B, C, 1, 0), paid("a", A, B, 500, 50), got("b", B, C, 1, 100))
    at = int(made.movement[1])
    assert doubts(made, at) == Doubt.LEFTOVER
    assert doubts(run(paid("a", A, B, 500, 50), got("b", B, C, 1, 100))) == Doubt(0)


def test_no_rows_at_all() -> None:
    made = run()
    assert len(made.movements) == len(made.accounts) == len(made.fate) == 0


ROWS = st.builds(
    Told,
    file=st.sampled_from(["f1", "f2", "f3"]),
    own=st.sampled_from([A, B]),
    side=st.sampled_from([-1, -1, 1, 1, 0]),
    fen=st.sampled_from([100, 200, 200, 0]),
    at=st.integers(0, 400),
    other=st.sampled_from([A, B, C, "", "9999*0002", "9999*"]),
    serial=st.sampled_from(["", "", "1", "2"]),
    balance=st.sampled_from([None, None, 100, 300]),
    flags=st.sampled_from([0, 0, 0, Flag.REVERSAL, Flag.CASH]),
    precision=st.sampled_from(list(Precision)),
    micros=st.sampled_from([0, 0, 1_000, 1_001]),
    batch=st.just("one"),
)


def story(made: Reconciliation, told: list[Told]) -> object:
    """Everything that was decided, in words that do not depend on where rows lay in memory."""
    place = {at: (one.file, one.row) for at, one in enumerate(told)} | {NO_ROW: None}
    moves = made.movements
    rows = {
        place[at]: (int(made.fate[at]), place[int(made.same_as[at])], int(moves.id[made.movement[at]]))
        for at in range(len(told))
    }
    columns = (moves.id, moves.payer, moves.payee, moves.amount_fen, moves.payer_at_us, moves.payee_at_us,
               moves.exit, moves.flags, moves.moving, moves.doubts)  # fmt: skip
    ledgers = [place[int(row)] for row in made.ledgers.row]
    return (
        made.accounts.primary, rows, [column.tolist() for column in columns], ledgers, made.proof.tolist(),
        [[place[int(row)] for row in pair] for pair in moves.evidence], made.breaks.missing_fen.tolist(),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_order_of_files_and_imports_decides_nothing(data: st.DataObject) -> None:
    told = placed(data.draw(st.lists(ROWS, max_size=14)))
    moved = data.draw(st.permutations(told))
    batches = data.draw(st.lists(st.sampled_from(["one", "two"]), min_size=len(told), max_size=len(told)))
    split = [Told(**{**one.__dict__, "batch": batch}) for one, batch in zip(moved, batches, strict=True)]
    limits = PairingLimits()
    assert story(reconcile(rows_of(told), (), limits), told) == story(reconcile(rows_of(split), (), limits), split)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=14))
def test_every_row_has_one_fate_and_every_movement_one_primary(told: list[Told]) -> None:
    made = run(*told)
    primary = [at for at, fate in enumerate(made.fate) if fate not in REPEATS]
    assert sorted(made.movement[primary].tolist()) == list(range(len(made.movements)))
    assert sorted(made.movements.evidence[:, 0].tolist()) == primary
    told = placed(told)
    for row, same in enumerate(made.same_as.tolist()):
        if made.fate[row] in REPEATS:
            assert told[row].fen == told[same].fen
            assert made.movement[row] == made.movement[same]
    own = [row for row in made.ledgers.row.tolist() if row != NO_ROW]
    assert len(own) == len(set(own))


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("LR"), st.integers(0, 300), st.sampled_from([100, 200])), max_size=16))
def test_repeated_equal_transfers_pair_one_to_one(told: list[tuple[str, int, int]]) -> None:
    """Within the limit of clocks nothing is lost and nothing counted twice: max(told by payer, told by payee)."""
    made = run(*(paid("a", A, B, fen, at) if end == "L" else got("b", B, A, fen, at) for end, at, fen in told))
    count = Counter((end, fen) for end, _, fen in told)
    assert len(made.movements) == sum(max(count["L", fen], count["R", fen]) for fen in (100, 200))
    left = [row for row, (end, _, _) in enumerate(told) if end == "L"]
    assert not {int(made.fate[row]) for row in left} - {Fate.MOVES}


def test_very_many_equal_transfers_of_one_day_pair_one_to_one_in_bounded_space() -> None:
    count = 3_000
    rows = rows_of(
        [
            *(paid("a", A, B, 100, 0, precision=Precision.DAY) for _ in range(count)),
            *(got("b", B, "", 100, 0, precision=Precision.DAY) for _ in range(count)),
        ]
    )
    tracemalloc.start()
    made = reconcile(rows, (), PairingLimits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(made.movements), int((made.fate == Fate.DUPLICATE_TELLING).sum())) == (count, count)
    assert peak < 200 * 2**20


def test_a_masked_telling_is_tried_first_where_the_usual_clocks_put_it() -> None:
    ahead = 120
    told = [
        *(paid("a", A, B, fen, 1_000 * fen) for fen in range(1, 6)),
        *(got("b", B, A, fen, 1_000 * fen + ahead) for fen in range(1, 6)),
        paid("a", A, "", 900, 50_000),
        paid("a", A, B, 900, 50_100),
        got("b", B, A, 900, 50_000 + ahead),
    ]
    made = run(*told)
    assert made.movement[10] == made.movement[12] != made.movement[11]
