"""Accounts of orders: what no institution could find is refused, what real ones have is taken."""

from __future__ import annotations

import pytest

from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account
from fanzha.orders.accounts import require_account, require_sure
from fanzha.registers.institutions import InstitutionKind

BANK, PAYMENT = InstitutionKind.BANK, InstitutionKind.PAYMENT


@pytest.mark.parametrize("typed", ["9999990000000000014", "9999 9900 0000 0000 017", "FTE9999000000001", "99990-00001"])
def test_numbers_that_banks_give_are_taken(typed: str) -> None:
    require_account(account.clean(typed), BANK)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12ab", "orders.no_account_of_bank"),
        ("hello world", "orders.no_account_of_bank"),
        ("a@example.invalid", "orders.no_account_of_bank"),
        ("9999****0017", "orders.account_incomplete"),
        ("6.22202E+18", "orders.account_incomplete"),
    ],
)
def test_what_no_bank_could_find_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_account(account.clean(typed), BANK)
    assert refused.value.code == code


def test_a_wallet_may_be_a_word_and_may_not_be_hidden() -> None:
    require_account("a@example.invalid", PAYMENT)
    with pytest.raises(Invalid, match="account_incomplete"):
        require_account(account.clean("9999****0017"), PAYMENT)


def test_a_wrong_check_digit_needs_the_last_four_again() -> None:
    require_sure("9999990000000000014", "")
    require_sure("99999900000018", "")  # shorter than a card: no check digit to fail
    with pytest.raises(Invalid, match="check_digit"):
        require_sure("9999990000000000018", "0017")
    require_sure("9999990000000000018", "0018")
