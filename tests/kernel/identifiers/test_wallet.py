"""Addresses of virtual currency: shapes, and the check that Tron and Bitcoin carry."""

from __future__ import annotations

import pytest

from fanzha.kernel.identifiers import wallet

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
"""The address of Bitcoin's first block, known to everybody and owned by nobody known."""
TRON = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
"""Tron's address of zeros, which burns what it is sent."""


@pytest.mark.parametrize(
    ("address", "kind", "holds"),
    [
        (GENESIS, "bitcoin", True),
        (GENESIS[:-1] + "b", "bitcoin", False),
        (TRON, "tron", True),
        (TRON[:-1] + "c", "tron", False),
        ("0x" + "00" * 20, "ethereum", False),
        ("bc1" + "q" * 39, "bitcoin", False),
        ("9999990102030405062", "", False),
        ("", "", False),
    ],
)
def test_an_address_has_a_kind_and_perhaps_a_check(address: str, kind: str, holds: bool) -> None:
    assert (wallet.kind(address), wallet.check(address)) == (kind, holds)
    assert wallet.clean(f" {address} ") == (address if kind else "")


def test_the_middle_is_masked() -> None:
    assert wallet.mask(TRON) == f"{TRON[:4]}…{TRON[-4:]}"
    assert wallet.show(TRON) == TRON
