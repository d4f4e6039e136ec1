"""Laundering planted in a town's ordinary life is named, and ordinary life is not; both are counted and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

import pytest

from fanzha.records.statements.rows import Flag
from fanzha.tracing.patterns.find import find_patterns
from fanzha.tracing.patterns.pattern import PatternKind
from fanzha.wiring.typologies import live_typologies
from tests.tracing.patterns.books import Books
from tests.tracing.patterns.scenes import DAY, HOUR, MINUTE, dealt

DAYS = 40
EACH = 5


def town(books: Books, chance: Random) -> None:
    """Forty days of wages, rents, shopping, cash and presents among two hundred people."""
    firms = [books.open(2_000_000) for _ in range(4)]
    shops = [books.open(30_000) for _ in range(6)]
    people = [books.open(chance.randint(500, 60_000)) for _ in range(200)]
    for place, person in enumerate(people):
        landlord, friend = chance.choice(people), chance.choice(people)
        for month in (0, 30):
            payday = (month + 9) * DAY + 10 * HOUR
            books.pay(payday, firms[place % 4], person, chance.randint(4_000, 15_000))
            books.pay(payday + chance.randint(1, 5) * HOUR, person, landlord, chance.randint(1_500, 4_000))
        for _ in range(DAYS // 2):
            at = chance.randrange(DAYS) * DAY + chance.randint(7, 21) * HOUR + chance.randrange(HOUR)
            books.pay(at, person, chance.choice(shops), chance.randint(5, 300))
        books.pay(chance.randrange(DAYS) * DAY + 15 * HOUR, person, friend, chance.randint(50, 3_000))
        books.pay(chance.randrange(DAYS) * DAY + 17 * HOUR, person, "", 100 * chance.randint(5, 30), flags=Flag.CASH)
    for shop in shops:
        for day in range(0, DAYS, 2):
            books.pay(day * DAY + 22 * HOUR, shop, firms[0], chance.randint(500, 2_000))


def mule(books: Books, chance: Random) -> str:
    return books.open(chance.randint(0, 50))


def victim(books: Books) -> str:
    return books.open(500_000)


def plant_pass_through(books: Books, chance: Random, at: int) -> str:
    account = mule(books, chance)
    yuan = chance.randint(10_000, 90_000)
    books.pay(at, victim(books), account, yuan)
    books.pay(at + 4 * MINUTE, account, mule(books, chance), yuan * 0.6)
    books.pay(at + 9 * MINUTE, account, mule(books, chance), yuan * 0.38)
    return account


def plant_scatter(books: Books, chance: Random, at: int) -> str:
    account = mule(books, chance)
    books.pay(at, victim(books), account, 100_000)
    for place in range(chance.randint(4, 9)):
        books.pay(at + (90 + 45 * place) * MINUTE, account, mule(books, chance), chance.randint(5_000, 10_000))
    return account


def plant_gather(books: Books, chance: Random, at: int) -> str:
    account, last, total = mule(books, chance), mule(books, chance), 0
    for place in range(chance.randint(4, 9)):
        yuan = chance.randint(3_000, 20_000)
        total += yuan
        books.pay(at + 40 * place * MINUTE, victim(books), account, yuan)
    books.pay(at + 9 * HOUR, account, last, total * 0.98)
    return account


def plant_scatter_gather(books: Books, chance: Random, at: int) -> str:
    first, last = mule(books, chance), mule(books, chance)
    books.pay(at, victim(books), first, 90_000)
    for place in range(4):
        between, then = mule(books, chance), at + (100 + 30 * place) * MINUTE
        books.pay(then, first, between, 22_000)
        books.pay(then + 3 * HOUR, between, last, 21_800)
    return first


def plant_cycle(books: Books, chance: Random, at: int) -> str:
    around = [mule(books, chance) for _ in range(chance.randint(3, 6))]
    yuan = 50_000.0
    books.pay(at - 30 * HOUR, victim(books), around[0], yuan)
    for place, payer in enumerate(around):
        books.pay(at + place * 5 * HOUR, payer, around[(place + 1) % len(around)], yuan)
        yuan = round(yuan * 0.97, 2)
    return around[0]


def plant_relay(books: Books, chance: Random, at: int) -> str:
    chain = [victim(books), *(mule(books, chance) for _ in range(5))]
    for place in range(len(chain) - 1):
        books.pay(at + place * 70 * MINUTE, chain[place], chain[place + 1], 30_000 - 100 * place)
    return chain[1]


def plant_test_payment(books: Books, chance: Random, at: int) -> str:
    account, payer = mule(books, chance), victim(books)
    books.pay(at, payer, account, 0.01 * chance.randint(1, 100))
    books.pay(at + 5 * HOUR, payer, account, 60_000)
    return account


def plant_cash_run(books: Books, chance: Random, at: int) -> str:
    account = mule(books, chance)
    books.pay(at - 10 * HOUR, victim(books), account, 60_000)
    for place in range(chance.randint(4, 8)):
        books.pay(at + 13 * HOUR + place * 6 * MINUTE, account, "", 3_000, flags=Flag.CASH)
    return account


def plant_shared_device(books: Books, chance: Random, at: int) -> str:
    accounts = [books.open(40_000) for _ in range(3)]
    for place, account in enumerate(accounts):
        books.pay(at + place * HOUR, account, mule(books, chance), 4_000, ip=f"198.51.100.{at // DAY}")
    return accounts[0]


PLANTS: Mapping[PatternKind, Callable[[Books, Random, int], str]] = {
    PatternKind.PASS_THROUGH: plant_pass_through,
    PatternKind.SCATTER: plant_scatter,
    PatternKind.GATHER: plant_gather,
    PatternKind.SCATTER_GATHER: plant_scatter_gather,
    PatternKind.CYCLE: plant_cycle,
    PatternKind.RELAY: plant_relay,
    PatternKind.TEST_PAYMENT: plant_test_payment,
    PatternKind.CASH_RUN: plant_cash_run,
    PatternKind.SHARED_DEVICE: plant_shared_device,
}


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_planted_is_named_and_nobody_else(seed: int) -> None:
    chance, books = Random(seed), Books()
    town(books, chance)
    townspeople = frozenset(books.balance)
    planted = [
        (kind, plant(books, chance, (3 + 7 * turn) * DAY + 9 * HOUR))
        for turn in range(EACH)
        for kind, plant in PLANTS.items()
    ]
    deals, found = dealt(books.told())
    named = find_patterns(deals, live_typologies()).found
    who = {
        (each.kind, found.accounts.primary[node]) for each in named for nodes in each.roles.values() for node in nodes
    }
    recalled = Counter(kind for kind, account in planted if (kind, account) in who)
    alarms = Counter(
        each.kind
        for each in named
        if townspeople.issuperset(found.accounts.primary[node] for nodes in each.roles.values() for node in nodes)
    )
    for kind in PLANTS:
        print(f"{kind.value:16} {recalled[kind]} of {EACH} planted named, {alarms[kind]} among ordinary dealings")
    print(f"{len(deals)} dealings, {len(townspeople)} townspeople, {len(planted)} planted")
    assert recalled == dict.fromkeys(PLANTS, EACH)
    assert not alarms
