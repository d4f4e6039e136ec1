"""Leads of one account are one lead, with all that victims told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fanzha.kernel.money import fen
from fanzha.tracing.frontier import Lead
from fanzha.workflows.chase_leads import LeadFacts, together


def told(lying: int, came_s: int, told_until_s: int | None = None) -> LeadFacts:
    lead = Lead(
        account=0, layer=1, fen=lying, there_ppm=500_000, recoverable_fen=lying // 2, moved_fen=lying - lying // 2,
        came_s=came_s, told_until_s=told_until_s,
    )  # fmt: skip
    return LeadFacts(
        lead=lead,
        identifiers=("9999990000000000017",),
        name="",
        bank="",
        paid_fen=fen(lying),
        paid_at=datetime(2026, 11, 22, tzinfo=UTC),
        payer="",
        payer_name="",
        balance_fen=None,
        parts={came_s: lying},
    )


def test_two_payments_to_one_account_are_added() -> None:
    both = together(told(1_001, 100), replace(told(3_000, 60, told_until_s=80), name="测试·甲")).lead
    assert (both.fen, both.recoverable_fen, both.moved_fen) == (4_001, 2_000, 2_001)
    assert (both.came_s, both.told_until_s, both.there_ppm) == (60, 80, 499_875)
    assert together(told(1_001, 100), told(3_000, 60)).parts == {100: 1_001, 60: 3_000}


def test_what_one_lead_does_not_tell_the_other_does() -> None:
    named = replace(told(3_000, 60), name="测试·甲", bank="测试银行", balance_fen=fen(9))
    assert (together(told(1, 1), named).name, together(named, told(1, 1)).bank) == ("测试·甲", "测试银行")
    assert together(told(1, 1), named).balance_fen == 9
