"""Whether what somebody typed can be the account of an order: what cannot is refused, a likely slip is doubted."""

from __future__ import annotations

import re

from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account, bank_card
from fanzha.registers.institutions import InstitutionKind

SHORTEST_CARD = 16
"""Digits from which on a number is a card, whose last digit proves the others."""

_OF_BANK = re.compile(r"[A-Za-z]{0,4}\d+")
"""Banks number accounts in digits; free-trade and non-residents' ones begin with letters (FTE, FTN, NRA, OSA)."""


def require_account(number: str, kept_by: InstitutionKind) -> None:
    """`Invalid` where a clean number names no account there: digits hidden or rounded away, or a bank's with words."""
    if not account.is_complete(number):
        raise Invalid("orders.account_incomplete")
    if kept_by is InstitutionKind.BANK and not _OF_BANK.fullmatch(number):
        raise Invalid("orders.no_account_of_bank")


def require_sure(number: str, sure: str) -> None:
    """`Invalid` where a card's check digit fails, unless whoever asks repeats its last four digits: some old cards
    fail it, so a real one is never refused for good."""
    card = bank_card.clean(number)
    if len(card) >= SHORTEST_CARD and not bank_card.check(card) and sure != card[-4:]:
        raise Invalid("orders.check_digit")
