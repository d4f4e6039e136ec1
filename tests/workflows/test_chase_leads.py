"""Leads of one account are one lead, with all that victims told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.money import fen
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.planning import plan_sheet
from fanzha.records.statements.rows import Source
from fanzha.records.statements.sheet import RowBatch
from fanzha.rulebook import load_formats
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.frontier import Lead
from fanzha.wiring.chase_rules import pace
from fanzha.workflows.chase_leads import LeadFacts, TellsOf, known, together
from fanzha.workflows.reconcile_case import reconcile_case

HEADER = ["交易卡号", "交易时间", "交易金额", "余额", "收付标志", "交易对手账卡号"]
HOLDER, OTHER = "9999990000000000017", "9999990000000000025"
CAME = datetime(2026, 3, 1, 9, 10, tzinfo=SHANGHAI)


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


def lead_of(*rows: tuple[str, str, str, str]) -> LeadFacts:
    """Where the 300 yuan lie that were told, by rows (time, amount, balance, direction) of their payee's statement."""
    told_rows = [[HOLDER, f"2026-03-01 {at}", fen, balance, way, OTHER] for at, fen, balance, way in rows]
    batch = RowBatch(rows=[HEADER, *told_rows], numbers=[*range(1, len(rows) + 2)])
    plan = plan_sheet(batch, path="a.csv", book=FormatBook.from_tables(load_formats()))
    source = Source(key="k", import_id="i", path="a.csv", format_id=plan.format.id)
    ledger = reconcile_case(clean_batch(plan, batch, source).rows, [])
    payment = TellsOf(place=0, payee=HOLDER, payee_name="", fen=fen(30_000), at=CAME)
    found = known(ledger, case_flow(ledger.rows, ledger.found), [payment], pace(), CAME.replace(hour=10))
    (lead,) = [each for each in found.leads if HOLDER in each.identifiers]
    return lead


ARRIVAL = "09:10:00", "300.00"


@pytest.mark.parametrize(
    ("rows", "own_fen"),
    [
        ([(*ARRIVAL, "1300.00", "进")], 100_000),
        ([("09:00:00", "20.00", "80.00", "出"), (*ARRIVAL, "380.00", "进")], 8_000),
        ([(*ARRIVAL, "1300.00", "进"), ("09:20:00", "900.00", "400.00", "出")], 10_000),
        ([(*ARRIVAL, "300.00", "进")], 0),
        ([("09:05:00", "500.00", "500.00", "进"), (*ARRIVAL, "800.00", "进")], 0),
    ],
)
def test_the_holder_s_own_is_what_lay_there_all_the_while(rows: list[tuple[str, str, str, str]], own_fen: int) -> None:
    assert lead_of(*rows).own_fen == own_fen
