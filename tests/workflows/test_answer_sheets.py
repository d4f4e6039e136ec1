"""The same payments, told by files or by answers and pushes in any order, are the same movements and the same trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.money import yuan_plain
from fanzha.protocol.facts import Counterparty, Side, Transaction
from fanzha.protocol.messages import Push
from fanzha.protocol.wire import canonical
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.joining import merge_rows
from fanzha.records.statements.rows import CODED_COLUMNS, NUMBER_COLUMNS, Source, StatementRows
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.follow.question import Method
from fanzha.workflows.answer_sheets import Sender, answer_sheets
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.reconcile_case import reconcile_case
from tests.records.statements.desk import WORDS, batch, column, plan

A, B, VICTIM, MULE = (f"999999000000000{each}" for each in ("0017", "0025", "0033", "0041"))
BEGAN = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
HEADER = (
    "交易卡号",
    "交易时间",
    "交易金额",
    "交易余额",
    "收付标志",
    "交易对手账卡号",
    "对手户名",
    "摘要说明",
    "交易流水号",
    "交易是否成功",
)
AHEAD = {A: timedelta(), B: timedelta(seconds=2)}
"""How far each account's bank's clock is ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One payment as it happened."""

    payer: str
    payee: str
    fen: int
    at: datetime
    serial: str


def books(account: str, paid: Sequence[Paid]) -> list[tuple[Paid, int]]:
    """The payments of an account with its balance after each."""
    balance, lines = 0, []
    for each in paid:
        if account in (each.payer, each.payee):
            balance += each.fen if each.payee == account else -each.fen
            lines.append((each, balance))
    return lines


def statement(account: str, paid: Sequence[Paid]) -> StatementRows:
    """The account's statement, as a file."""
    lines = [HEADER]
    for each, balance in books(account, paid):
        came = each.payee == account
        told = (each.at + AHEAD[account]).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        other, way = (each.payer, "进") if came else (each.payee, "出")
        money = yuan_plain(each.fen), yuan_plain(balance), way
        lines.append((account, told, *money, other, "", "转账", f"{each.serial}", "成功"))
    decided = plan(*lines)
    source = Source(key=f"{'f' * 63}{account[-1]}:a.csv", import_id=account, path="a.csv", format_id=decided.format.id)
    return clean_batch(decided, batch(*lines), source).rows


def lines_of(account: str, paid: Sequence[Paid]) -> list[Transaction]:
    """The account's lines as its bank tells them in messages."""
    return [
        Transaction(
            serial=each.serial,
            at=each.at + AHEAD[account],
            side=Side.CREDIT if each.payee == account else Side.DEBIT,
            currency="CNY",
            amount_fen=each.fen,
            success=True,
            balance_after_fen=balance,
            counterparty=Counterparty(number=each.payer if each.payee == account else each.payee),
            summary="转账",
        )
        for each, balance in books(account, paid)
    ]


def pushed(account: str, paid: Sequence[Paid], dice: Random) -> list[StatementRows]:
    """The account's lines in pushes that overlap, as they come: out of order, some lines twice."""
    lines, found, at = lines_of(account, paid), [], 0
    while at < len(lines):
        end = at + dice.randint(1, 4)
        found.append(lines[max(0, at - dice.randint(0, 2)) : end])
        at = end
    dice.shuffle(found)
    return [_rows(account, each, number) for number, each in enumerate(found, start=1)]


def _rows(account: str, lines: Sequence[Transaction], number: int, headed: str = "") -> StatementRows:
    said = Push(
        push_id=str(UUID(int=number)),
        application_id=str(UUID(int=99)),
        institution_code="999900000001",
        sequence=number,
        pushed_at=BEGAN,
        exercise=True,
        number=headed or account,
        transactions=tuple(lines),
    )
    sender = Sender(
        institution="测试银行",
        code="999900000001",
        about="M2026-000001",
        asked=account,
        received_at=BEGAN + timedelta(days=1),
        body=canonical(said),
    )
    (sheet,) = answer_sheets(said, sender, f"{account}-{number}", WORDS)
    return sheet.batch.rows


def ledger(parts: Sequence[StatementRows]) -> CaseLedger:
    """The case's ledger of these parts."""
    return reconcile_case(merge_rows(parts), [])


def moved(case: CaseLedger) -> list[tuple[object, ...]]:
    """Every movement: who, whom, how much, when by both clocks."""
    told = case.all_told(case.moving())
    return sorted((m.payer, m.payee, m.amount_fen, str(m.payer_at), str(m.payee_at), m.exit) for m in told)


def traced(case: CaseLedger, method: Method) -> object:
    """What becomes of the victim's payments, to the fen."""
    some = [m.id for m in case.all_told(case.moving()) if m.payer == VICTIM]
    if not some:
        return None
    asked = Asked(starts=tuple(some), method=method, floor_fen=1)
    found = answered(case, case_flow(case.rows, case.found), asked, ())
    return sorted(
        (each.started_fen, each.held_fen, each.last_seen_fen, sorted(each.left_fen.items())) for each in found.totals()
    )


WAYS = ((VICTIM, A), (A, B), (B, A), (A, MULE), (B, MULE), (VICTIM, B))


@st.composite
def stories(draw: st.DrawFn) -> list[Paid]:
    """Payments between two mules whose books come, a victim and somebody outside; equal sums, equal seconds."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from([100, 700, 5_000_000]), st.integers(0, 40))))
    at, paid = BEGAN, []
    for number, ((payer, payee), fen, gap) in enumerate(drawn):
        at += timedelta(seconds=gap)
        paid.append(Paid(payer=payer, payee=payee, fen=fen, at=at, serial=f"S{number:08d}"))
    return paid


@given(stories(), st.integers(0, 2**32), st.sampled_from([Method.FIFO, Method.CONSERVATIVE]))
@settings(max_examples=40, deadline=None)
def test_files_and_answers_in_any_order_tell_the_same(paid: list[Paid], seed: int, method: Method) -> None:
    dice = Random(seed)
    files = [statement(each, paid) for each in (A, B) if books(each, paid)]
    if not files:
        return
    answers = [part for each in (A, B) for part in pushed(each, paid, dice)]
    mixed = [*pushed(A, paid, dice), *files]
    for parts in (answers, mixed):
        dice.shuffle(parts)
        case = ledger(parts)
        assert moved(case) == moved(ledger(files))
        assert traced(case, method) == traced(ledger(files), method)


@given(stories().filter(lambda paid: bool(books(A, paid))), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_rows_that_grew_by_answers_are_the_rows_read_at_once(paid: list[Paid], seed: int) -> None:
    dice = Random(seed)
    parts = pushed(A, paid, dice)
    dice.shuffle(parts)
    grown = parts[0]
    for part in parts[1:]:
        grown = merge_rows([grown, part])
    once = merge_rows(parts)
    assert grown.sources == once.sources
    for name in ("source", *NUMBER_COLUMNS):
        assert np.array_equal(getattr(grown, name), getattr(once, name))
    for name in CODED_COLUMNS:
        assert column(getattr(grown, name)) == column(getattr(once, name))
    assert grown.currency.values == once.currency.values


@pytest.mark.parametrize("number", [MULE, "9999990000000000058"])
def test_an_answer_headed_by_another_account_brings_rows_of_nobody(number: str) -> None:
    (line,) = lines_of(A, [Paid(payer=A, payee=MULE, fen=100, at=BEGAN, serial="S1")])
    assert len(_rows(A, [line], 1)) == 1
    assert len(_rows(A, [line], 1, headed=number)) == 0
