"""Every code of the national catalogue means what `domain.md` 2.11 says; others are kept and mean nothing."""

from __future__ import annotations

import pytest

from fanzha.protocol.codes import KNOWN, Ending, Outcome, meaning
from fanzha.protocol.trades import ASKED, QUERIES, Trade


@pytest.mark.parametrize(
    ("code", "outcome", "ending"),
    [
        ("0000", Outcome.DONE, Ending.EFFECT),
        ("0101", Outcome.IDENTITY, Ending.REFUSED),
        ("0199", Outcome.IDENTITY, Ending.REFUSED),
        ("0200", Outcome.AMOUNT, Ending.REFUSED),
        ("0300", Outcome.NO_ACCOUNT, Ending.REFUSED),
        ("0301", Outcome.IDENTITY, Ending.REFUSED),
        ("0302", Outcome.EXEMPT, Ending.REFUSED),
        ("0303", Outcome.LOST, Ending.REFUSED),
        ("0401", Outcome.ORIGINAL_UNKNOWN, Ending.REFUSED),
        ("0500", Outcome.FORMAT, Ending.REFUSED),
        ("0600", Outcome.DOCUMENT_MISSING, Ending.REFUSED),
        ("0701", Outcome.ORGAN, Ending.REFUSED),
        ("0801", Outcome.DATES, Ending.REFUSED),
        ("0900", Outcome.ALREADY_PROCESSED, Ending.EFFECT),
        ("1000", Outcome.UNSUPPORTED, Ending.REFUSED),
        ("1101", Outcome.CHANNEL, Ending.TEMPORARY),
        ("1200", Outcome.DONE_SHORT, Ending.EFFECT),
        ("1300", Outcome.INSTITUTION_FAILURE, Ending.TEMPORARY),
        ("1301", Outcome.ALREADY_STOPPED, Ending.REFUSED),
        ("1302", Outcome.WAITING, Ending.WAITS),
        ("1303", Outcome.WAITING, Ending.WAITS),
        ("1304", Outcome.COUNT_EXCEEDED, Ending.REFUSED),
        ("1800", Outcome.TOO_LATE, Ending.REFUSED),
        ("1900", Outcome.TOO_LATE, Ending.REFUSED),
        # of these families only single codes are known: another one of them is not guessed
        ("0001", Outcome.UNKNOWN, Ending.UNCLEAR),
        ("0304", Outcome.UNKNOWN, Ending.UNCLEAR),
        ("0601", Outcome.UNKNOWN, Ending.UNCLEAR),
        ("1305", Outcome.UNKNOWN, Ending.UNCLEAR),
        ("9999", Outcome.UNKNOWN, Ending.UNCLEAR),
    ],
)
def test_a_code_means_what_the_catalogue_says(code: str, outcome: Outcome, ending: Ending) -> None:
    told = meaning(code)
    assert (told.code, told.outcome, told.ending) == (code, outcome, ending)
    assert (told.known_as is None) == (outcome is Outcome.UNKNOWN)


def test_every_outcome_comes_from_some_code() -> None:
    assert {meaning(code.ljust(4, "0")).outcome for code in KNOWN} == set(Outcome) - {Outcome.UNKNOWN}


def test_trades_carry_the_national_numbers() -> None:
    numbers = {trade: trade.external_code for trade in Trade if trade.external_code}
    assert list(numbers.values()) == [f"100{each}" for each in (101, 103, 105, 201, 203, 205, 301, 303, 305, 307, 309)]
    assert Trade.STOP.answer_code == "100102"
    assert {trade for trade in Trade if trade.answer_code is None} == {Trade.BLOCK, Trade.UNBLOCK, Trade.ACTIVATE}
    assert QUERIES < ASKED
