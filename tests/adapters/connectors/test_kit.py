"""The contract kit passes an institution that keeps the protocol and names what another one breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.connectors.http import HttpConnector, Pace
from fanzha.adapters.connectors.kit import CHECKS, Finding, Trial, run_kit
from fanzha.adapters.connectors.kit_requests import Subject
from fanzha.adapters.connectors.port import InstitutionUnusable
from fanzha.kernel.clock import SetClock
from fanzha.protocol.trades import ASKED, Trade
from fanzha.registers.institutions import Institution
from tests.adapters.connectors.bank import CENTRE_KEY, Bank
from tests.protocol.messages import AT
from tests.registers.institutions import BANK

PROFILE = replace(BANK, collects=True, demands=(), trades=tuple(sorted(ASKED)))


def tried(bank: Bank, profile: Institution = PROFILE) -> dict[str, Finding]:
    """Every finding of the kit, by its name."""
    connector = HttpConnector(
        institution=profile,
        key=lambda: CENTRE_KEY,
        wall=bank.wall,
        pace=Pace(1_000_000, sleep=lambda seconds: None),
        line=bank.transport(),
    )
    trial = Trial(connector=connector, subject=Subject(), now=bank.wall.now, patience=3)
    return {each.check: each for each in run_kit(trial)}


@pytest.fixture
def bank() -> Bank:
    return Bank(wall=SetClock(AT), since=AT - timedelta(days=1))


@pytest.mark.parametrize("later", [False, True])
def test_who_keeps_the_protocol_passes_whole(bank: Bank, later: bool) -> None:
    bank.later = later
    found = tried(bank)
    assert {name for name, each in found.items() if each.holds is not True} == set()
    assert set(found) == set(CHECKS) | {f"trade.{trade}" for trade in ASKED}
    assert {trade for trade, _ in bank.effects} == ASKED


@pytest.mark.parametrize(
    ("breaks", "failing"),
    [
        ("does_it_twice", {"once.same_application"}),
        ("forgets_nonces", {"signature.replayed"}),
        (
            "believes_anybody",
            {f"signature.{each}" for each in ("none", "forged", "stranger", "other_path", "other_body", "replayed")}
            | {"signature.too_old", "signature.too_early"},
        ),
    ],
)
def test_what_is_broken_is_named(bank: Bank, breaks: str, failing: set[str]) -> None:
    bank.breaks = breaks
    assert {name for name, each in tried(bank).items() if each.holds is False} == failing


@pytest.mark.parametrize("breaks", ["answers_unsigned", "speaks_for_others"])
def test_answers_that_are_not_its_own_fail_every_trade(bank: Bank, breaks: str) -> None:
    bank.breaks = breaks
    found = tried(bank)
    assert all(found[f"trade.{trade}"].holds is not True for trade in ASKED)


def test_a_real_institution_is_asked_for_nothing_that_has_an_effect(bank: Bank) -> None:
    found = tried(bank, replace(PROFILE, exercise=False))
    assert bank.effects == []
    assert all(found[f"trade.{trade}"].holds is None for trade in ASKED)
    assert found["once.same_application"].holds is None and found["signature.forged"].holds


def test_what_it_cannot_do_is_not_tried(bank: Bank) -> None:
    found = tried(bank, replace(PROFILE, trades=(Trade.QUERY_HOLDER,), collects=False))
    assert found["trade.query_holder"].holds and found["trade.stop"].holds is None
    assert found["collect.until_taken"].holds is None


def test_one_that_never_answers_is_found_out(bank: Bank) -> None:
    bank.later = True
    bank.breaks = "never_answers"
    assert tried(bank)["trade.stop"].said == "no_answer"


def test_one_that_cannot_be_reached_is_said_at_once() -> None:
    nowhere = replace(PROFILE, endpoint="http://127.0.0.1:9")
    connector = HttpConnector(
        institution=nowhere, key=lambda: CENTRE_KEY, wall=SetClock(AT), pace=Pace(1_000_000, sleep=lambda seconds: None)
    )
    with pytest.raises(InstitutionUnusable):
        list(run_kit(Trial(connector=connector, subject=Subject(), now=lambda: AT)))
