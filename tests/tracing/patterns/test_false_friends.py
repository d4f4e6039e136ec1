"""Ordinary life that looks a little like laundering is not named."""

from __future__ import annotations

from dataclasses import replace

from fanzha.records.statements.rows import Flag, Precision
from fanzha.tracing.patterns.find import find_patterns
from fanzha.wiring.typologies import live_typologies
from tests.tracing.patterns.books import Books, named_in
from tests.tracing.patterns.scenes import DAY, HOUR, MINUTE, YUAN, card, dealt

NOON = 12 * HOUR


def test_a_salary_run() -> None:
    books = Books()
    firm, buyer = books.open(40_000), books.open(900_000)
    workers = [books.open(500) for _ in range(15)]
    for month in range(3):
        books.pay(month * 30 * DAY + NOON, buyer, firm, 120_000)
        for place, worker in enumerate(workers):
            books.pay(month * 30 * DAY + NOON + HOUR + place * MINUTE, firm, worker, 5_200 + 130 * place)
    assert named_in(books) == []


def test_a_single_salary_run_from_money_that_lay_there() -> None:
    books = Books()
    firm, workers = books.open(300_000), [books.open(500) for _ in range(15)]
    books.pay(NOON, books.open(90_000), firm, 20_000)
    for place, worker in enumerate(workers):
        books.pay(NOON + HOUR + place * MINUTE, firm, worker, 5_200 + 130 * place)
    assert named_in(books) == []


def test_a_shop_with_many_small_payers_and_one_settlement_a_day() -> None:
    books = Books()
    shop, supplier = books.open(2_000), books.open()
    for day in range(10):
        for sale in range(60):
            buyer = books.open(10_000)
            books.pay(day * DAY + 8 * HOUR + sale * 10 * MINUTE, buyer, shop, 3 + sale * 7)
        books.pay(day * DAY + 20 * HOUR, shop, supplier, 11_000)
    assert named_in(books) == []


def test_a_wallet_that_is_topped_up_and_a_card_bill() -> None:
    books = Books()
    employer, worker = books.open(900_000), books.open(800)
    for month in range(3):
        at = month * 30 * DAY + NOON
        books.pay(at, employer, worker, 12_000)
        books.pay(at + 20 * MINUTE, worker, "", 6_800, other_name="财付通支付科技有限公司", flags=Flag.PAYMENT_COMPANY)
        books.pay(at + 30 * MINUTE, worker, "", 5_000, other_name="测试银行信用卡中心")
    assert named_in(books) == []


def test_a_family_transfer() -> None:
    books = Books()
    husband, wife = books.open(90_000), books.open(300)
    landlord, kindergarten, grandmother = (books.open() for _ in range(3))
    for month in range(2):
        at = month * 30 * DAY + NOON
        books.pay(at, husband, wife, 12_000)
        for place, (payee, yuan) in enumerate(((landlord, 5_000), (kindergarten, 4_000), (grandmother, 2_800))):
            books.pay(at + (10 + place) * MINUTE, wife, payee, yuan)
    assert named_in(books) == []


def test_a_payment_companys_pool() -> None:
    books = Books()
    pool = "9999990000000999999"
    for place in range(40):
        buyer, seller = books.open(20_000), books.open()
        books.pay(NOON + place * MINUTE, buyer, pool, 9_000, flags=Flag.PAYMENT_COMPANY)
        books.pay(NOON + (place + 1) * MINUTE, pool, seller, 9_000, flags=Flag.PAYMENT_COMPANY)
    assert named_in(books) == []


def test_a_class_that_collects_for_its_outing() -> None:
    books = Books()
    teacher, agency = books.open(100), books.open()
    for place in range(45):
        books.pay(NOON + place * MINUTE, books.open(5_000), teacher, 680)
    books.pay(NOON + 2 * HOUR, teacher, agency, 30_600)
    assert named_in(books) == []


def test_transfers_between_ones_own_accounts() -> None:
    books = Books()
    payer, first = books.open(900_000), books.open(10, "测试·甲")
    others = [books.open(0, "测试·甲") for _ in range(5)]
    books.pay(NOON, payer, first, 100_000)
    for place, other in enumerate(others):
        books.pay(NOON + (place + 1) * MINUTE, first, other, 19_000)
        books.pay(NOON + (place + 9) * MINUTE, other, first, 18_900)
    assert named_in(books) == []


def test_cash_for_the_week_and_a_home_with_one_address() -> None:
    books = Books()
    one, other, market = books.open(90_000), books.open(90_000), books.open()
    for week in range(8):
        books.pay(week * 7 * DAY + NOON, one, "", 3_000, flags=Flag.CASH)
        books.pay(week * 7 * DAY + NOON + HOUR, one, market, 900, ip="192.0.2.1")
        books.pay(week * 7 * DAY + NOON + 2 * HOUR, other, market, 900, ip="192.0.2.1")
    assert named_in(books) == []


def test_red_packets_and_then_a_large_present() -> None:
    books = Books()
    student, uncle = books.open(50), books.open(90_000)
    for place in range(6):
        books.pay(NOON + place * HOUR, books.open(1_000), student, 6.66 + place)
    books.pay(NOON + 8 * HOUR, uncle, student, 20_000)
    assert named_in(books) == []


def test_what_was_taken_back_moves_nothing() -> None:
    books = Books()
    payer, mule = books.open(900_000), books.open(20)
    books.pay(NOON, payer, mule, 80_000)
    for place in range(5):
        books.pay(NOON + (2 * place + 1) * MINUTE, mule, card(800 + place), 15_000)
    assert "scatter" in named_in(books)

    told = [books.told()[0], books.told()[1]]
    for place, row in enumerate(books.told()[2:]):
        back = replace(row, at=row.at + 10, serial=f"r{place}", flags=Flag.REVERSAL, balance=80_020 * YUAN)
        told += [replace(row, balance=65_020 * YUAN), back]
    assert find_patterns(dealt(told)[0], live_typologies()).found == ()


def test_days_without_a_time_prove_no_minutes() -> None:
    books = Books()
    payer, account = books.open(900_000), books.open(20)
    books.pay(NOON, payer, account, 80_000, precision=Precision.DAY)
    for place in range(3):
        books.pay(NOON + place * HOUR, account, books.open(), 26_000, precision=Precision.DAY)
    assert "pass_through" not in named_in(books)
