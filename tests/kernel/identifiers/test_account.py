"""Numbers of accounts as they lie in cells: what is known is kept, what is not known is never invented."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.identifiers import account

CARD = "9999991234567890123"


@pytest.mark.parametrize(
    "dirty",
    [
        f"\t{CARD}",
        f"'{CARD}",
        f'="{CARD}"',
        f'"{CARD}"',
        f"\ufeff{CARD}\u200b",
        " 9999 9912 3456 7890 123 ",
        "9999-9912-3456-7890-123",
        "９９９９９９１２３４５６７８９０１２３",
        f"{CARD}.0",
        f"{CARD}_1",
        f"{CARD}-156",
        f"{CARD}_156_1",
        f"{CARD}-00001",
        f"\u3000{CARD}\xa0",
        f"‘{CARD}’",
    ],
)
def test_glue_around_a_number_is_not_the_number(dirty: str) -> None:
    assert account.clean(dirty) == CARD


@pytest.mark.parametrize(
    ("masked", "clean"),
    [
        ("6222****1234", "6222*1234"),
        ("6222XXXX1234", "6222*1234"),
        ("6222xxxx1234", "6222*1234"),
        ("6222 **** **** 1234", "6222*1234"),
        ("6222…1234", "6222*1234"),
        ("6222......1234", "6222*1234"),
        ("６２２２＊＊＊＊１２３４", "6222*1234"),
        ("6222××××1234", "6222*1234"),
        ("6222-****-****-1234", "6222*1234"),
        ("6222****", "6222*"),
        ("****1234", "*1234"),
        ("6222**02**1234", "6222*1234"),
        ("138****5678", "138*5678"),
    ],
)
def test_hidden_digits_become_one_star(masked: str, clean: str) -> None:
    assert account.clean(masked) == clean


@pytest.mark.parametrize(
    ("rounded", "clean"),
    [
        ("6.22202E+18", "62220*"),
        ("6.22202123456789E+18", "62220212345678*"),
        ("6.22202123456789e18", "62220212345678*"),
        ("6.22200E+18", "622*"),  # 6.22199 97 may have been shown so: nothing after 622 is sure
        ("6.22202123456789E+14", "622202123456789"),  # 15 digits, all there
        ("6.222021E+6", "6222021"),
        ("６．２２２０２Ｅ＋１８", "62220*"),
        ("'6.22202E+18", "62220*"),
        ("7E+18", ""),
    ],
)
def test_a_rounded_number_keeps_only_digits_truly_known(rounded: str, clean: str) -> None:
    assert account.clean(rounded) == clean


@settings(deadline=None)
@given(number=st.from_regex(r"[1-9][0-9]{15,18}", fullmatch=True), places=st.integers(2, 14))
def test_whatever_a_spreadsheet_shows_its_known_digits_are_the_number_s(number: str, places: int) -> None:
    head, _, tail = account.clean(f"{int(number):.{places}E}").partition("*")
    assert number.startswith(head)
    assert tail == ""


@pytest.mark.parametrize(
    "nothing",
    [
        "",
        " ",
        "-",
        "--",
        "无",
        "null",
        "NULL",
        "N/A",
        "0",
        "0000000000",
        "******",
        "—",
        "\\N",
        "None",
        "现金",
        "nan",
        "12",
    ],
)
def test_a_placeholder_names_no_account(nothing: str) -> None:
    assert account.clean(nothing) == ""


@pytest.mark.parametrize("opaque", ["wxid_test0123456789", "jia@test.example", "NRA999999123456", "Z2004944000010N"])
def test_wallets_and_lettered_accounts_stay_as_they_are(opaque: str) -> None:
    assert account.clean(opaque) == opaque


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_an_account_or_nothing_and_cleaning_again_changes_nothing(text: str) -> None:
    found = account.clean(text)
    assert account.clean(found) == found
    assert found.count("*") <= 1
    assert found.isascii()


def test_zeros_that_a_spreadsheet_filled_in_are_not_believed() -> None:
    assert account.unround("6222021234567890000") == "622202123456789*"
    assert account.unround("6222021234567890123") == "6222021234567890123"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("6222021234561234", "6222 **** **** 1234"),
        ("alipay:2088999912341234", "alipay:2088 **** **** 1234"),
        ("6222*1234", "6222*1234"),
        ("12345678", "******78"),
    ],
)
def test_a_masked_number_shows_its_ends(number: str, shown: str) -> None:
    assert account.mask(number) == shown


def test_a_card_is_shown_by_fours() -> None:
    assert account.show("6222021234561234567") == "6222 0212 3456 1234 567"
