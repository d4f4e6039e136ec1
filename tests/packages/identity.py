"""Identifiers that are well formed and cannot belong to anybody (domain.md 3.7)."""

import random

_SURNAMES = "甲乙丙丁戊己庚辛壬癸"
_GIVEN = "子丑寅卯辰巳午未申酉戌亥"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def luhn_digit(body: str) -> str:
    """The digit that makes `body` + digit pass the Luhn check."""
    total = 0
    for place, char in enumerate(reversed(body)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card(rng: random.Random, *, length: int) -> str:
    """A bank card under IIN 999999 that passes Luhn, does not end in zero and does not round up to 1E+19."""
    number = "0"
    while number.endswith("0"):
        body = "999999" + rng.choice("01234") + "".join(rng.choice("0123456789") for _ in range(length - 8))
        number = body + luhn_digit(body)
    return number


def account_number(rng: random.Random, *, length: int) -> str:
    """An account number of a length that no card has, not ending in zero."""
    return "9" + "".join(rng.choice("0123456789") for _ in range(length - 2)) + rng.choice("123456789")


def citizen_id(rng: random.Random) -> str:
    """An ID number of area 990000 with a valid check digit."""
    birth = f"{rng.randint(1955, 2004)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body = f"990000{birth}{rng.randint(0, 999):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def person_name(index: int) -> str:
    """A name from the marked list: 测试甲, 测试乙 … 测试甲子 …"""
    first = _SURNAMES[index % 10]
    return f"测试{first}" if index < 10 else f"测试{first}{_GIVEN[(index // 10 - 1) % 12]}{(index // 130) or ''}"


def phone(rng: random.Random) -> str:
    """A number starting 12, which no operator assigns to mobiles."""
    return "12" + "".join(rng.choice("0123456789") for _ in range(9))


def wechat_id(rng: random.Random) -> str:
    """A WeChat user id as Tenpay returns it."""
    return "wxid_test" + "".join(rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(10))


def alipay_id(rng: random.Random) -> str:
    """An Alipay user number: 2088 and twelve digits."""
    return "2088999999" + "".join(rng.choice("0123456789") for _ in range(6))
