"""The example case: a story of 冒充领导, told by three banks, a wallet and a shop's acquirer; nobody in it exists.

The accountant of a building company is told by a false director to prepay 1,750,000 yuan. Two payments reach two
accounts, which split them at once; what follows runs through three banks into cash at night, a wallet, gold, and the
till of a shop that only sold cigarettes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

FIRST_DAY = datetime(2026, 3, 2)  # noqa: DTZ001  # Shanghai's clock, as banks print it
DAYS = 21
SCAM_DAY = 15
"""The day, counted from the first, on which the money goes: 17 March 2026."""
FIRST_PAYMENT_FEN, SECOND_PAYMENT_FEN = 980_000_00, 770_000_00

BANK_A, BANK_B, BANK_C, BANK_D, WECHAT = "测试银行甲", "测试银行乙", "测试银行丙", "测试银行丁", "财付通"
CLOCK_S = {BANK_A: 0, BANK_B: 55, BANK_C: -35, BANK_D: 0, WECHAT: 12}
"""How far each institution's clock runs ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with an account; `books` says whether its statement was sent."""

    name: str
    bank: str
    number: str
    document: str = ""
    books: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What really happened; `fate` is moves, failed, reversed or reversal."""

    at: datetime
    payer: Party | None
    payee: Party | None
    fen: int
    summary: str
    fate: str = "moves"
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transfer as one account's books tell it; `fen` is signed, `number` the transfer's place in the story."""

    number: int
    transfer: Transfer
    own: Party
    other: Party | None
    at: datetime
    fen: int
    balance_fen: int
    serial: str


@dataclass(slots=True)
class Chance:
    """The same numbers on every machine and every Python: only `random()` is drawn."""

    source: random.Random = field(default_factory=lambda: random.Random(20260317))  # noqa: S311  # chance, not a secret

    def below(self, end: int) -> int:
        """A whole number from 0 to `end` − 1."""
        return int(self.source.random() * end)

    def of(self, some: list[Party]) -> Party:
        """One of them."""
        return some[self.below(len(some))]


def luhn(body: str) -> str:
    """A card number that passes its check digit."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def card(place: int) -> str:
    """A card of the range 999999, which no bank has."""
    return luhn(f"999999{place * 7_919 % 1_000_000:06d}{place:06d}")


def citizen(place: int) -> str:
    """A document of area 990000, which is nowhere, with a right check digit."""
    body = f"990000{1960 + place % 40}{1 + place % 12:02d}{1 + place % 28:02d}{place % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def person(place: int, name: str, bank: str, *, books: bool = False) -> Party:
    """Somebody with a card."""
    return Party(name=f"测试·{name}", bank=bank, number=card(place), document=citizen(place), books=books)


VICTIM = Party(name="测试·禾建材有限公司", bank=BANK_A, number="99900012600000017", books=True)
FIRST = person(11, "乙", BANK_A, books=True)
SECOND = person(12, "丙", BANK_B, books=True)
SPLIT_B = person(21, "丁", BANK_B, books=True)
SPLIT_C = person(22, "戊", BANK_C, books=True)
SPLIT_A = person(23, "己", BANK_A, books=True)
SPLIT_D = person(24, "壬", BANK_D)
COURIER = person(31, "庚", BANK_C, books=True)
FAR = person(32, "癸", BANK_D)
DEALER = person(33, "卯", BANK_D)
WALLET = Party(name="测试·辛", bank=WECHAT, number="wxid_test0000000031", document=citizen(41), books=True)
POOL = Party(name="财付通支付科技有限公司", bank=WECHAT, number="")
SHOP = Party(name="测试·百货店", bank=BANK_A, number=card(51), document=citizen(51), books=True)
GOLD = Party(name="测试·金饰行", bank=BANK_D, number="999290053110017")
OPENING_FEN = {
    VICTIM: 2_310_450_17, FIRST: 35_20, SECOND: 1_208_66, SPLIT_B: 412_05, SPLIT_C: 88_90, SPLIT_A: 15_30,
    COURIER: 2_640_00, WALLET: 320_18, SHOP: 18_733_40,
}  # fmt: skip
NEIGHBOURS = [person(100 + place, f"邻{place + 1}", (BANK_A, BANK_D)[place % 2]) for place in range(40)]
FRIENDS = [Party(name=f"测试·友{place + 1}", bank=WECHAT, number=f"wxid_test{place + 1:010d}") for place in range(25)]
FIRMS = [
    Party(name=f"测试·{name}有限公司", bank=BANK_D, number=f"99900098100000{place:03d}")
    for place, name in enumerate(("砂石", "水泥", "钢材", "运输", "门窗", "置业一期", "置业二期", "市政"), start=11)
]
BUYERS = FIRMS[-3:]
OFFICE = "192.0.2.10"
DEN = "198.51.100.77"
"""The one address from which several of the accounts are worked."""


def at(day: int, clock: str) -> datetime:
    """A time of the story: the day counted from the first, and `HH:MM:SS`."""
    hours, minutes, seconds = map(int, clock.split(":"))
    return FIRST_DAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


def pay(
    when: datetime, payer: Party | None, payee: Party | None, yuan: float, summary: str, device: str = ""
) -> Transfer:
    """A payment that goes through."""
    return Transfer(at=when, payer=payer, payee=payee, fen=round(yuan * 100), summary=summary, device=device)


def scam() -> Iterator[Transfer]:
    """The two payments, and what the accounts make of them."""
    day = SCAM_DAY
    yield pay(at(day - 1, "20:12:08"), SPLIT_B, FIRST, 1, "转账", DEN)
    yield pay(at(day, "14:06:20"), VICTIM, FIRST, FIRST_PAYMENT_FEN / 100, "预付款", OFFICE)
    yield pay(at(day, "14:09:30"), FIRST, SPLIT_B, 300_000, "转账", DEN)
    yield pay(at(day, "14:10:45"), FIRST, SPLIT_C, 280_000, "转账", DEN)
    yield pay(at(day, "14:12:10"), FIRST, SPLIT_A, 250_000, "转账", DEN)
    yield replace(pay(at(day, "14:12:50"), FIRST, SPLIT_D, 200_000, "转账", DEN), fate="failed")
    yield pay(at(day, "14:13:32"), FIRST, SPLIT_D, 149_000, "转账", DEN)
    yield pay(at(day, "14:31:45"), VICTIM, SECOND, SECOND_PAYMENT_FEN / 100, "预付款", OFFICE)
    yield replace(pay(at(day, "14:34:20"), SECOND, FAR, 50_000, "转账"), fate="reversed")
    yield replace(pay(at(day, "14:35:05"), SECOND, FAR, 50_000, "冲正"), fate="reversal")
    yield pay(at(day, "14:37:10"), SECOND, SPLIT_C, 200_000, "转账")
    yield pay(at(day, "14:38:20"), SECOND, SPLIT_A, 190_000, "转账")
    yield pay(at(day, "14:39:30"), SECOND, SPLIT_D, 199_800, "转账")
    yield pay(at(day, "14:41:00"), SECOND, SPLIT_B, 180_000, "转账")
    yield from second_layer(day)
    yield from cash_out(day)


def second_layer(day: int) -> Iterator[Transfer]:
    """From the accounts that split to the one that collects cash, to a wallet, to gold, to a shop's till."""
    yield pay(at(day, "14:50:10"), SPLIT_B, COURIER, 260_000, "转账")
    yield pay(at(day, "14:53:40"), SPLIT_B, FAR, 120_000, "转账")
    for clock, yuan in (("15:02:11", 30_000), ("15:03:26", 28_000), ("15:05:02", 30_000)):
        yield pay(at(day, clock), SPLIT_B, GOLD, yuan, "消费")
    yield pay(at(day, "14:55:30"), SPLIT_C, COURIER, 240_000, "转账")
    yield pay(at(day, "14:58:00"), SPLIT_C, FAR, 130_000, "转账")
    for clock in ("15:10:20", "15:12:45"):
        yield pay(at(day, clock), SPLIT_C, POOL, 50_000, "财付通-充值")
        yield pay(at(day, clock), POOL, WALLET, 50_000, "充值")
    yield pay(at(day, "15:00:10"), SPLIT_A, COURIER, 150_000, "转账", DEN)
    yield pay(at(day, "15:21:36"), SPLIT_A, SHOP, 38_600, "货款", DEN)
    yield pay(at(day, "15:30:00"), SPLIT_A, DEALER, 200_000, "转账", DEN)


def cash_out(day: int) -> Iterator[Transfer]:
    """Counter cash that was booked ahead, machines at night, what the wallet does."""
    for minute in range(0, 40, 5):
        yield pay(at(day, f"23:{10 + minute:02d}:15"), COURIER, None, 2_500, "ATM取款")
        yield pay(at(day + 1, f"00:{10 + minute:02d}:40"), COURIER, None, 2_500, "ATM取款")
    for minute in (5, 9, 13, 17):
        yield pay(at(day, f"23:{minute:02d}:30"), SPLIT_A, None, 5_000, "ATM取款")
    yield pay(at(day + 1, "13:02:10"), COURIER, None, 260_000, "现金支取")
    yield pay(at(day + 1, "13:40:00"), COURIER, DEALER, 300_000, "转账")
    for place, yuan in enumerate((20_000, 18_500, 19_900, 17_800, 19_000)):
        yield pay(at(day, f"15:{25 + 6 * place:02d}:{10 + place:02d}"), WALLET, FRIENDS[place], yuan, "转账")


def company_life(chance: Chance) -> Iterator[Transfer]:
    """A building company: it is paid by three buyers, pays its suppliers, wages and tax."""
    for day in working_days():
        for _ in range(2 + chance.below(4)):
            yuan = 800 + chance.below(18_000) + chance.below(100) / 100
            yield pay(office_hour(day, chance), VICTIM, chance.of(FIRMS[:5]), yuan, "货款", OFFICE)
        if chance.below(3) == 0:
            yield pay(office_hour(day, chance), chance.of(BUYERS), VICTIM, 20_000 + chance.below(90_000), "工程款")
    for place, worker in enumerate(NEIGHBOURS[:12]):
        yield pay(at(8, f"10:0{place % 6}:{10 + place}"), VICTIM, worker, 5_200 + 130 * place, "代发工资", OFFICE)
    yield pay(at(12, "16:20:00"), VICTIM, None, 21_784.35, "扣税")


def shop_life(chance: Chance) -> Iterator[Transfer]:
    """A corner shop: small sums all day long, deliveries twice a week."""
    delivery = FIRMS[3]
    for day in range(DAYS):
        for _ in range(24 + chance.below(14)):
            when = at(day, "07:30:00") + timedelta(seconds=chance.below(14 * 3600))
            yield pay(when, chance.of(NEIGHBOURS), SHOP, (300 + chance.below(18_000)) / 100, "扫码收款")
        if day % 3 == 2:
            yield pay(office_hour(day, chance), SHOP, delivery, 6_000 + chance.below(3_000), "进货")


def mule_life(chance: Chance) -> Iterator[Transfer]:
    """What such accounts do beside: meals and telephone, and other people's money in and out within minutes."""
    for mule in (SECOND, SPLIT_B, SPLIT_C, SPLIT_A, COURIER):
        for day in range(DAYS):
            if day == SCAM_DAY:
                continue
            for _ in range(chance.below(3)):
                yield pay(evening(day, chance), None, mule, 40 + chance.below(200), "现金存入")
                yield pay(evening(day, chance) + timedelta(hours=1), mule, FIRMS[4], 8 + chance.below(30), "消费")
            if chance.below(3) == 0:
                yield from passed_through(mule, day, chance)
    yield pay(at(4, "11:15:20"), FIRST, None, 20, "短信服务费")
    yield pay(at(20, "03:00:00"), None, FIRST, 12.61, "结息")


def passed_through(mule: Party, day: int, chance: Chance) -> Iterator[Transfer]:
    """A stranger's payment that leaves at once: to the dealer by day, as cash at night."""
    when, yuan = evening(day, chance) + timedelta(hours=2), 2_000 + 100 * chance.below(80)
    yield pay(when, chance.of(NEIGHBOURS[12:]), mule, yuan, "转账")
    left, kept = when + timedelta(seconds=150 + chance.below(300)), 10 * chance.below(9)
    if left.hour >= 22:
        yield pay(left, mule, None, yuan - kept, "ATM取款")
    else:
        yield pay(left, mule, DEALER, yuan - kept, "转账")


def wallet_life(chance: Chance) -> Iterator[Transfer]:
    """Red packets and small change between friends."""
    for day in range(DAYS):
        for _ in range(3 + chance.below(5)):
            yuan = (100 + chance.below(9_000)) / 100
            yield pay(evening(day, chance), chance.of(FRIENDS), WALLET, yuan, "微信红包")
            yield pay(evening(day, chance) + timedelta(hours=1), WALLET, chance.of(FRIENDS), yuan / 2, "转账")


def working_days() -> Iterator[int]:
    """Monday to Friday; the first day is a Monday."""
    return (day for day in range(DAYS) if day % 7 < 5 and day != SCAM_DAY)


def office_hour(day: int, chance: Chance) -> datetime:
    """Some second between nine and five."""
    return at(day, "09:00:00") + timedelta(seconds=chance.below(8 * 3600))


def evening(day: int, chance: Chance) -> datetime:
    """Some second between half past six and ten."""
    return at(day, "18:30:00") + timedelta(seconds=chance.below(12_600))


def story() -> list[Transfer]:
    """Everything that happened, in order of time."""
    chance = Chance()
    told = [
        *scam(), *company_life(chance), *shop_life(chance), *mule_life(chance), *wallet_life(chance),
    ]  # fmt: skip
    return sorted(told, key=lambda each: each.at)


def books(transfers: list[Transfer]) -> dict[Party, list[Entry]]:
    """Each statement in full: the bank's own clock, serials and balances."""
    found: dict[Party, list[Entry]] = {}
    for own in OPENING_FEN:
        balance = OPENING_FEN[own]
        mine = [(n, each) for n, each in enumerate(transfers) if own in (each.payer, each.payee)]
        for line, (number, each) in enumerate(mine):
            fen = each.fen if own == each.payee else -each.fen
            effect = {"failed": 0, "reversal": -fen}.get(each.fate, fen)
            balance += effect
            entry = Entry(
                number=number,
                transfer=each,
                own=own,
                other=each.payer if own == each.payee else each.payee,
                at=each.at + timedelta(seconds=CLOCK_S[own.bank]),
                fen=fen,
                balance_fen=balance,
                serial=f"{list(CLOCK_S).index(own.bank) + 1}{list(OPENING_FEN).index(own):02d}{each.at:%m%d}{line:05d}",
            )
            found.setdefault(own, []).append(entry)
    return found
