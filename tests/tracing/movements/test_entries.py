"""Overlapping statements of one account: the same entry once, two equal entries twice."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import Flag, Precision
from fanzha.tracing.movements.movements import Fate, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_ONE_US, Told, got, paid, rows_of

A, B, C = "9999990000000001", "9999990000000002", "9999990000000003"


def run(*told: Told) -> Reconciliation:
    return reconcile(rows_of(told), (), PairingLimits())


def entry(file: str, at: int = 0, fen: int = 500, **more: object) -> Told:
    return paid(file, A, more.pop("other", B), fen, at, **more)  # type: ignore[arg-type]


CASES = [
    ("identical", [entry("f"), entry("g")], 1),
    ("two equal rows of one file", [entry("f"), entry("f")], 2),
    ("two in one file, one in the other", [entry("f"), entry("f"), entry("g")], 2),
    ("two in each", [entry("f"), entry("f"), entry("g"), entry("g")], 2),
    ("three files", [entry("f"), entry("g"), entry("h"), entry("h")], 2),
    ("same serial and balance in one file", [entry("f", serial="1", balance=5), entry("f", serial="1", balance=5)], 1),
    ("same serial, new balance, one file", [entry("f", serial="1", balance=505), entry("f", serial="1", balance=5)], 2),
    ("same serial, no balance in one file", [entry("f", serial="1"), entry("f", serial="1")], 2),
    ("serial in one export only", [entry("f", serial="1"), entry("g")], 1),
    ("date only beside seconds", [entry("f", 3_700), entry("g", 3_700, precision=Precision.DAY)], 1),
    ("minute beside seconds", [entry("f", 3_725), entry("g", 3_725, precision=Precision.MINUTE)], 1),
    ("milliseconds beside seconds", [entry("f", 3_725, micros=839_000), entry("g", 3_725)], 1),
    ("microseconds beside milliseconds", [entry("f", micros=839_766), entry("g", micros=839_000)], 1),
    ("fractions of two systems", [entry("f", micros=839_000), entry("g", micros=123_456)], 1),
    ("rounded up", [entry("f", 5, micros=700_000, balance=7), entry("g", 6, balance=7)], 1),
    ("rounded up, nothing else to go by", [entry("f", 5, micros=700_000), entry("g", 6)], 2),
    ("microseconds beside a minute", [entry("f", 59, micros=766), entry("g", precision=Precision.MINUTE)], 1),
    ("microseconds beside a day", [entry("f", 59, micros=766), entry("g", precision=Precision.DAY)], 1),
    ("milliseconds of the next second", [entry("f", 3_726, micros=1_000), entry("g", 3_725)], 2),
    ("two within the second, one row of it", [entry("f", micros=1_000), entry("f", micros=2_000), entry("g")], 2),
    ("another minute", [entry("f", 3_725), entry("g", 3_625, precision=Precision.MINUTE)], 2),
    ("another second", [entry("f", 3_725), entry("g", 3_726)], 2),
    ("another day", [entry("f", 3_700), entry("g", 90_000, precision=Precision.DAY)], 2),
    ("day row cannot be two", [entry("f", 10), entry("f", 20), entry("g", 10, precision=Precision.DAY)], 2),
    ("counterparty told in one export only", [entry("f"), entry("g", other="")], 1),
    ("counterparty masked in one export", [entry("f"), entry("g", other="9999*0002")], 1),
    ("other counterparties", [entry("f"), entry("g", other=C)], 2),
    ("other counterparties, same balance", [entry("f", balance=7), entry("g", other=C, balance=7)], 1),
    ("balances contradict", [entry("f", balance=7), entry("g", balance=8)], 2),
    ("serials contradict", [entry("f", serial="1"), entry("g", serial="2")], 2),
    ("serials contradict, balances agree", [entry("f", serial="1", balance=7), entry("g", serial="2", balance=7)], 1),
    ("red ink beside its original", [entry("f"), entry("g", flags=Flag.REVERSAL)], 2),
    ("red ink, marked in one export", [entry("f", balance=7), entry("g", balance=7, flags=Flag.REVERSAL)], 1),
    ("other direction", [entry("f"), got("g", A, B, 500, 0)], 2),
]  # fmt: skip


@pytest.mark.parametrize(("told", "count"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_how_often_an_entry_counts(told: list[Told], count: int) -> None:
    made = run(*told)
    assert len(made.movements) == count
    assert (made.fate == Fate.DUPLICATE_ENTRY).sum() == len(told) - count


def test_exports_with_serials_of_two_systems_are_still_one_statement() -> None:
    told = [entry(file, at * 60, 500 + at, serial=f"{file}{at}") for file in "fg" for at in range(4)]
    assert len(run(*told).movements) == 4
    pages = [entry("f", at * 60, 500 + at, serial=f"f{at}") for at in range(4)]
    assert len(run(*pages, entry("g", 180, 503, serial="g3")).movements) == 5


def test_two_accounts_under_one_card_do_not_repeat_each_other() -> None:
    made = run(entry("f", account="990000000001"), entry("g", account="990000000002"))
    assert len(made.accounts) == 2
    assert len(made.movements) == 2


def test_the_telling_that_says_most_is_primary_and_takes_the_rest_from_its_repeats() -> None:
    made = run(
        entry("f", 3_700, precision=Precision.DAY, balance=77),
        entry("g", 3_700, other="9999*0002"),
        entry("h", 3_700, other=""),
        got("b", B, A, 500, 3_701),
    )
    assert made.same_as.tolist() == [1, -1, 1, 1]
    assert made.movements.payer_at_us.tolist() == [DAY_ONE_US + 3_700_000_000]
    assert made.ledgers.balance_fen[made.ledgers.row == 1].tolist() == [77]


def test_any_row_of_a_movement_leads_to_it() -> None:
    made = run(entry("f"), entry("g"), got("b", B, A, 500, 3), entry("f", 9_000))
    assert made.movement.tolist() == [0, 0, 0, 1]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("fgh"), st.integers(0, 2), st.sampled_from([100, 200]), st.sampled_from([-1, 1])),
        max_size=14,
    )
)
def test_multisets_between_files(told: list[tuple[str, int, int, int]]) -> None:
    """Brute force: an entry counts as often as the file that has it most often says."""
    made = run(
        *(Told(file=file, own=A, other=C, side=side, fen=fen, at=at * 3_000_000) for file, at, fen, side in told)
    )
    by_file: dict[tuple[int, int, int], Counter[str]] = defaultdict(Counter)
    for file, at, fen, side in told:
        by_file[at, fen, side][file] += 1
    assert len(made.movements) == sum(max(files.values()) for files in by_file.values())


def test_the_same_file_imported_twice_changes_nothing() -> None:
    made = run(entry("f"), entry("f", row=2, batch="two"), entry("f", 60, row=3, batch="two"))
    assert made.same_as.tolist() == [-1, 0, -1]
    assert len(made.movements) == 2
