"""Dealings run by each account's own clock, and nothing depends on the order of files or on imports."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.patterns.find import find_patterns, foremost
from fanzha.tracing.patterns.pattern import PatternKind
from fanzha.tracing.patterns.relay import find_relays
from fanzha.wiring.typologies import live_typologies
from tests.tracing.movements.telling import DAY_ONE_US, Told, got, paid, placed
from tests.tracing.patterns.books import Books, named_in
from tests.tracing.patterns.scenes import DAY, HOUR, MINUTE, YUAN, card, dealt, live
from tests.tracing.patterns.test_planted import plant_cycle, plant_gather, plant_relay, plant_scatter

PAYER, MULE, A, B = (card(each) for each in range(4))
DAY_ONE_S = DAY_ONE_US // 10**6


def test_what_stays_in_an_account_is_measured_by_its_own_bank() -> None:
    """The payer's bank runs two minutes ahead; what counts is when the mule's bank booked it."""
    told = [
        paid("p", PAYER, MULE, 50_000 * YUAN, 2 * MINUTE, serial="1", balance=0),
        got("m", MULE, PAYER, 50_000 * YUAN, 0, serial="1", balance=50_000 * YUAN),
        paid("m", MULE, A, 25_000 * YUAN, MINUTE, balance=25_000 * YUAN),
        paid("m", MULE, B, 25_000 * YUAN, MINUTE, balance=0),
    ]
    deals, _ = dealt(told)
    parts = deals.parts
    assert deals.payer_s[0] - deals.payee_s[0] == 2 * MINUTE
    assert parts.dwell_s.tolist() == [MINUTE, MINUTE] and parts.at_s.tolist() == [DAY_ONE_S, DAY_ONE_S]


def test_equal_times_keep_their_order() -> None:
    """Paid and got in one second: what was booked first came first."""
    told = [
        got("m", MULE, PAYER, 9_000 * YUAN, 0, balance=9_000 * YUAN),
        paid("m", MULE, A, 9_000 * YUAN, 0, balance=0),
        got("m", MULE, B, 9_000 * YUAN, 0, balance=9_000 * YUAN),
    ]
    parts = dealt(told)[0].parts
    assert list(zip(parts.arrival.tolist(), parts.departure.tolist(), strict=True)) == [(0, 1)]


def test_money_that_lay_there_leaves_first() -> None:
    told = [
        got("m", MULE, PAYER, 9_000 * YUAN, 0, balance=15_000 * YUAN),
        paid("m", MULE, A, 9_000 * YUAN, MINUTE, balance=6_000 * YUAN),
    ]
    assert dealt(told)[0].parts.fen.tolist() == [3_000 * YUAN]


def story(seed: int) -> list[Told]:
    chance, books = Random(seed), Books()
    for place, plant in enumerate((plant_gather, plant_scatter, plant_cycle, plant_relay)):
        plant(books, chance, (2 + 3 * place) * DAY + 9 * HOUR)
    return [replace(row, file=row.own) for row in books.told()]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 5), st.randoms(use_true_random=False))
def test_files_and_imports_in_any_order_give_the_same_patterns(seed: int, chance: Random) -> None:
    """The same files, given in another order and in other batches: the same accounts, sums, times and numbers."""
    first = placed(story(seed))
    files = sorted({row.file for row in first})
    chance.shuffle(files)
    batches = {file: chance.choice(("one", "two")) for file in files}
    second = [replace(row, batch=batches[file]) for file in files for row in first if row.file == file]

    def said(told: list[Told]) -> list[tuple[object, ...]]:
        deals, found = dealt(told)
        ids = found.movements.id.tolist()
        name = found.accounts.primary
        return [
            (
                each.kind,
                [(role, [name[node] for node in nodes]) for role, nodes in each.roles.items()],
                [ids[number] for number in each.movements],
                (each.fen, each.first_s, each.last_s, each.numbers),
            )
            for each in find_patterns(deals, live_typologies()).found
        ]

    assert said(second) == said(first) != []


def test_a_hub_is_read_to_its_limit_and_named() -> None:
    """Equal payments through one account by the thousand: so many are compared, and the account is told."""
    books = Books()
    hub = books.open()
    for place in range(40):
        books.pay(place, books.open(50_000), hub, 9_000 + place)
        books.pay(HOUR + place, hub, books.open(), 9_100 - place)
    deals = books.dealings()
    short = replace(live(PatternKind.RELAY), limits={**live(PatternKind.RELAY).limits, "comparisons": 10})
    whole = find_patterns(deals, (live(PatternKind.RELAY),))
    cut = find_patterns(deals, (short,))
    assert whole.cut == () and len(cut.cut) == 1
    assert len(find_relays(deals, short)) <= len(whole.found)


def test_findings_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanzha.tracing.patterns.find.MOST_OF_A_KIND", 1)
    chance, books = Random(1), Books()
    for place in range(3):
        plant_scatter(books, chance, (2 + 5 * place) * DAY)
    found = find_patterns(books.dealings(), (live(PatternKind.SCATTER),)).found
    told, left_out = foremost(found)
    assert len(told) == 1 and left_out == {"scatter": 2}
    assert told[0].fen == max(each.fen for each in found)


def test_a_case_without_movements_has_no_patterns() -> None:
    deals, _ = dealt([])
    assert find_patterns(deals, live_typologies()).found == () and len(deals) == 0
    assert named_in(Books()) == []


def test_one_person_with_two_payees_is_one() -> None:
    """Three accounts of which two belong to one person are two people, too few for a scatter."""
    books = Books()
    mule = books.open(10)
    books.pay(0, books.open(90_000), mule, 80_000)
    for place, name in enumerate(("测试·甲", "测试·甲", "测试·乙", "测试·乙")):
        books.pay((place + 70) * MINUTE, mule, books.open(0, name), 19_000)
    assert "scatter" not in named_in(books)
    assert np.unique(books.dealings().person).size == 4
