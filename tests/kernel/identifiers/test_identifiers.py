"""Phones, citizens, organisations, sites, devices and names: clean, check, mask, show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.identifiers import bank_card, citizen_id, device, name, phone, url, uscc


def test_bank_cards_pass_luhn_and_others_are_only_doubted() -> None:
    assert bank_card.check("4111111111111111")
    assert not bank_card.check("4111111111111112")
    assert bank_card.clean("4111 1111 1111 1112") == "4111111111111112"
    assert bank_card.clean("6222****1234") == ""


@pytest.mark.parametrize(
    ("text", "clean", "kind"),
    [
        ("+86 129-1234-5678", "12912345678", "test"),
        ("0086 12912345678", "12912345678", "test"),
        ("12912345678.0", "12912345678", "test"),
        ("(010) 1234 5678", "01012345678", "fixed"),
        ("96110", "96110", "service"),
        ("400-123-4567", "4001234567", "toll_free"),
        ("1069000012345", "1069000012345", "sms_port"),
        ("999", "", ""),
    ],
)
def test_phone_numbers_of_every_kind(text: str, clean: str, kind: str) -> None:
    assert phone.clean(text) == clean
    assert phone.kind(clean) == kind


def test_a_phone_is_masked_in_the_middle() -> None:
    assert phone.mask("12912345678") == "129****5678"
    assert phone.show("12912345678") == "129 1234 5678"


def _with_check(body: str) -> str:
    return next(f"{body}{last}" for last in "0123456789X" if citizen_id.check(f"{body}{last}"))


@settings(deadline=None)
@given(st.dates(), st.integers(0, 999))
def test_one_check_character_fits_every_citizen_number(born: object, order: int) -> None:
    body = f"990000{str(born).replace('-', ''):0>8}{order:03d}"
    number = _with_check(body)
    wrong = "0" if number[-1] != "0" else "1"
    assert citizen_id.clean(f" {number.lower()}\t") == number
    assert not citizen_id.check(number[:-1] + wrong)


def test_a_citizen_number_with_an_impossible_birthday_is_refused() -> None:
    assert not citizen_id.check("990000199002300017")
    assert citizen_id.mask("99000019900101001X") == "990000**********1X"


def test_an_organisation_s_code_is_checked() -> None:
    body = "91990000MA000000"
    code = next(f"{body}{a}{b}" for a in "0" for b in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc.check(f"{body}{a}{b}"))
    assert uscc.clean(code.lower()) == code
    assert not uscc.check(code[:-1] + ("0" if code[-1] != "0" else "1"))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("HTTP://Shop.Example:80/Pay?x=1#top", "http://shop.example/Pay?x=1"),
        ("hxxps://shop[.]example", "https://shop.example/"),
        ("shop.example", "http://shop.example/"),
        ("测试.example/a", "http://测试.example/a"),
        ("ftp://shop.example", ""),
        ("not a site", ""),
        ("http://[broken", ""),
    ],
)
def test_web_addresses_have_one_spelling(text: str, clean: str) -> None:
    assert url.clean(text) == clean


def test_a_web_address_is_shown_so_that_nobody_opens_it() -> None:
    assert url.show("https://shop.example/pay") == "hxxps://shop[.]example/pay"
    assert url.mask("https://shop.example/pay?name=x") == "shop.example"


def test_devices_are_checked_and_completed() -> None:
    assert device.clean("35-693803-564380-9") == "356938035643809"
    assert device.clean("35693803564380") == "356938035643809"
    assert device.check("356938035643809")
    assert not device.check("356938035643808")
    assert device.clean_mac("02:00:00:aa:bb:cc") == "02-00-00-AA-BB-CC"
    assert device.clean_mac("00-00-00-00-00-00") == ""


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_a_cleaner(text: str) -> None:
    for clean in (
        bank_card.clean,
        phone.clean,
        citizen_id.clean,
        uscc.clean,
        url.clean,
        device.clean,
        device.clean_mac,
    ):
        found = clean(text)
        assert clean(found) == found
    assert name.clean(name.clean(text)) == name.clean(text)


def test_names_lose_spaces_between_characters_only() -> None:
    assert name.clean("测 试　甲 ") == "测试甲"
    assert name.clean("TEST  JIA") == "TEST JIA"
    assert name.mask("测试甲") == "测*"
