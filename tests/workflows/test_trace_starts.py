"""A payment is found by how people name it, or they are told why not."""

from __future__ import annotations

import pytest

from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.planning import plan_sheet
from fanzha.records.statements.rows import Source
from fanzha.records.statements.sheet import RowBatch
from fanzha.rulebook import load_formats
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.reconcile_case import reconcile_case
from fanzha.workflows.trace_starts import starting_movement, told_in

OWN, OTHER = "9999990000000000017", "9999990000000000025"
HEADER = ["交易卡号", "交易时间", "交易金额", "余额", "收付标志", "交易对手账卡号"]


@pytest.fixture(scope="module")
def ledger() -> CaseLedger:
    rows = [
        [OWN, "2026-03-01 09:12:05", "100.00", "900.00", "出", OTHER],
        [OWN, "2026-03-01 09:12:40", "100.00", "800.00", "出", OTHER],
        [OWN, "2026-03-02 10:00:00", "50.00", "750.00", "出", OTHER],
    ]
    batch = RowBatch(rows=[HEADER, *rows], numbers=[1, 2, 3, 4])
    plan = plan_sheet(batch, path="a.csv", book=FormatBook.from_tables(load_formats()))
    source = Source(key="k", import_id="i", path="a.csv", format_id=plan.format.id)
    return reconcile_case(clean_batch(plan, batch, source).rows, [])


def test_a_payment_is_found_by_account_time_and_fen_or_by_id(ledger: CaseLedger) -> None:
    for told in (f"{OWN}@2026-03-01T09:12:40@10000", f"{OTHER}@2026-03-01T01:12:40+00:00@10000"):
        number = starting_movement(ledger, told)
        assert ledger.told(number).amount_fen == 10_000
        assert starting_movement(ledger, ledger.told(number).id) == number
    assert ledger.told(starting_movement(ledger, f"{OWN}@2026-03-02@5000")).amount_fen == 5_000


def test_what_fits_nothing_or_several_is_said(ledger: CaseLedger) -> None:
    with pytest.raises(Conflict, match="start_ambiguous") as several:
        starting_movement(ledger, f"{OWN}@2026-03-01T09:12@10000")
    assert several.value.fields["count"] == 2
    with pytest.raises(NotFound, match="no_such_movement"):
        starting_movement(ledger, "0123456789abcdef")
    for told in ("x", "a@b", f"{OWN}@yesterday@1", f"{OWN}@2026-03-01@1.5", ""):
        with pytest.raises(Invalid):
            starting_movement(ledger, told)


def refusal(ledger: CaseLedger, told: str) -> NotFound:
    with pytest.raises(NotFound) as refused:
        starting_movement(ledger, told)
    assert OWN not in str(refused.value.fields) and OTHER not in str(refused.value.fields)
    return refused.value


def test_an_account_that_no_file_has_is_told_from_a_payment_that_it_has_not(ledger: CaseLedger) -> None:
    unknown = refusal(ledger, "9999990000000000033@2026-03-01@10000")
    assert (unknown.code, unknown.fields) == ("trace.start_of_unknown_account", {})

    later = refusal(ledger, f"{OWN}@2026-03-05T09:12:05@10000")
    assert later.code == "trace.start_at_another_time"
    times = [each.split(" ")[0] for each in str(later.fields["payments"]).split(", ")]
    assert times == ["2026-03-01T09:12:40", "2026-03-01T09:12:05"]

    other = refusal(ledger, f"{OTHER}@2026-03-02@5001")
    assert other.code == "trace.start_of_another_amount"
    nearest, *_ = str(other.fields["payments"]).split(", ")
    moment, id = nearest.rstrip(")").split(" (")
    assert moment == "2026-03-02T10:00:00" and starting_movement(ledger, id) == starting_movement(
        ledger, f"{OTHER}@{moment}@5000"
    )


def test_rows_tell_of_a_payment_by_its_id_or_by_account_time_and_fen(ledger: CaseLedger) -> None:
    for told in (f"{OWN}@2026-03-02@5000", f"{OTHER}@2026-03-02T10:00@5000"):
        assert told_in(ledger.rows, told)
        assert told_in(ledger.rows, ledger.told(starting_movement(ledger, told)).id)
    for told in (f"{OWN}@2026-03-03@5000", f"{OWN}@2026-03-02@5001", "9999990000000000033@2026-03-02@5000", "0" * 16):
        assert not told_in(ledger.rows, told)
