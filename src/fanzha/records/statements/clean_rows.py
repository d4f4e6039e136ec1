"""Rows of text to clean rows: every physical row ends as accepted, rejected with a reason, or no data at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements import columns, flags, texts
from fanzha.records.statements.account_rows import clean_accounts, clean_persons
from fanzha.records.statements.cleaning import (
    AccountRecord,
    CleanBatch,
    PersonRecord,
    RawColumns,
    Rejection,
    RowCounts,
    RowKind,
)
from fanzha.records.statements.conventions import decide_conventions
from fanzha.records.statements.joining import empty_rows, join_raw, join_rows
from fanzha.records.statements.moments import read_moments
from fanzha.records.statements.money_columns import NO_DIRECTION, decide_sides, read_balance, read_money
from fanzha.records.statements.parties import Parties, read_parties
from fanzha.records.statements.plan import SheetPlan, Told
from fanzha.records.statements.row_kinds import Block, sort_rows
from fanzha.records.statements.rows import ABSENT, CODED_COLUMNS, Coded, Flag, Source, StatementRows
from fanzha.records.statements.sheet import RowBatch
from fanzha.records.statements.success import failed_rows
from fanzha.records.statements.table import Table

NO_OWN_ACCOUNT, FAILED, NO_TRANSACTION = "no_own_account", "failed", "no_transaction"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What became of one block's rows; `reasons` by row: (column header, reason)."""

    table: Table
    reasons: dict[int, tuple[str, str]]
    rows: StatementRows
    accounts: Sequence[AccountRecord] = ()
    persons: Sequence[PersonRecord] = ()


def clean_batch(plan: SheetPlan, batch: RowBatch, source: Source) -> CleanBatch:
    """What the rows of a batch are: clean rows or records, rejections with place and reason, and the row account.

    The next batch of the sheet is cleaned with `CleanBatch.plan`: blocks change header and own account.
    """
    sorted_rows = sort_rows(plan, batch)
    blocks = [block for block in sorted_rows.blocks if block.rows]
    parts = [_clean_block(block, source, ends_batch=block is blocks[-1]) for block in blocks]
    faults = [fault for fault in batch.faults if fault[0] not in set(batch.numbers)]
    rejected = sum(len(part.reasons) for part in parts) + len(faults)
    kinds = sorted_rows.counts
    notes = Counter(dict.fromkeys(plan.notes, 1))
    for part in parts:
        notes.update({code: count for code, count in part.table.notes.items() if count})
    notes.update(code for number, code in batch.faults if (number, code) not in faults)
    return CleanBatch(
        rows=join_rows([part.rows for part in parts], source),
        accounts=[record for part in parts for record in part.accounts],
        persons=[record for part in parts for record in part.persons],
        rejections=sorted(
            [
                *(each for part in parts for each in _rejections(part)),
                *(Rejection(row=row, column="", reason=why) for row, why in faults),
            ],
            key=lambda each: each.row,
        ),
        counts=RowCounts(
            preamble=kinds[RowKind.PREAMBLE],
            header=kinds[RowKind.HEADER],
            blank=kinds[RowKind.BLANK],
            total=kinds[RowKind.TOTAL],
            accepted=kinds[RowKind.DATA] + len(faults) - rejected,
            rejected=rejected,
        ),
        raw=join_raw([_raw(part) for part in parts], plan.header, faults),
        notes=dict(notes),
        plan=replace(sorted_rows.plan, notes=()),
    )


def _rejections(part: Part) -> list[Rejection]:
    return [
        Rejection(row=part.table.numbers[row], column=header, reason=why) for row, (header, why) in part.reasons.items()
    ]


def _raw(part: Part) -> RawColumns:
    reason = [""] * len(part.table)
    for row, (_, why) in part.reasons.items():
        reason[row] = why
    return RawColumns(header=part.table.header, row=list(part.table.numbers), reason=reason, columns=part.table.columns)


def _clean_block(block: Block, source: Source, *, ends_batch: bool) -> Part:
    table = Table(block.plan, block, ends_batch=ends_batch)
    kind = block.plan.format.kind
    if kind == "persons":
        persons, reasons = clean_persons(table)
        return Part(table=table, reasons=reasons, rows=empty_rows(source), persons=persons)
    if kind in ("accounts", "sub_accounts"):
        accounts, reasons = clean_accounts(table)
        return Part(table=table, reasons=reasons, rows=empty_rows(source), accounts=accounts)
    if kind == "other":
        table.notes["not_a_statement"] += 1
        return Part(table=table, reasons=table.faults, rows=empty_rows(source))
    if not block.plan.conventions.decided:  # a statement that begins where nobody had looked
        conventions, notes = decide_conventions(table)
        table.plan = replace(table.plan, conventions=conventions)
        table.notes.update(notes)
    return _clean_transactions(table, source)


def _clean_transactions(table: Table, source: Source) -> Part:
    plan = table.plan
    parties = read_parties(table)
    money = read_money(table, plan.conventions.directions)
    at_us, precision, bad_times = read_moments(table)
    own = parties.own_key
    sides = decide_sides(money, own.codes, at_us, plan.conventions)
    table.notes["sign_from_balance"] += sides.by_balance
    table.notes["direction_from_kind"] += sides.by_hint
    reasons: dict[int, tuple[str, str]] = {}
    _refuse_ownless(reasons, parties, table)
    told_by = plan.column("direction") or plan.column("amount")
    header = told_by.header if told_by else ""
    reasons.update(
        dict.fromkeys(
            np.flatnonzero(sides.undecided & (plan.conventions.told is not Told.PARTIES)).tolist(),
            (header, NO_DIRECTION),
        )
    )
    reasons.update(money.reasons)
    reasons.update(bad_times)
    reasons.update(failed_rows(table))
    reasons.update(_without_transaction(table, money.reasons, bad_times))
    reasons.update(table.faults)
    keep = np.ones(len(table), np.bool_)
    keep[list(reasons)] = False
    _note_incomplete(table, parties, keep)
    marks = (
        _marks(table, parties)
        | flags.of_night(at_us, precision)
        | np.where(sides.red_ink, np.uint16(Flag.REVERSAL), np.uint16(0))
    )
    numbers = _Numbers(
        row=np.array(table.numbers, np.int32),
        side=sides.side,
        at_us=at_us,
        precision=precision,
        amount_fen=np.abs(money.amount),
        balance_fen=money.balance,
        other_balance_fen=read_balance(table, "other_balance"),
        flags=marks.astype(np.uint16),
    )
    return Part(table=table, reasons=reasons, rows=_rows(source, numbers, _coded(table, parties), keep))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Numbers:
    row: NDArray[np.int32]
    side: NDArray[np.int8]
    at_us: NDArray[np.int64]
    precision: NDArray[np.int8]
    amount_fen: NDArray[np.int64]
    balance_fen: NDArray[np.int64]
    other_balance_fen: NDArray[np.int64]
    flags: NDArray[np.uint16]


def _rows(source: Source, numbers: _Numbers, texts_: dict[str, Coded], keep: NDArray[np.bool_]) -> StatementRows:
    return StatementRows(
        sources=(source,),
        source=np.zeros(int(keep.sum()), np.int32),
        row=numbers.row[keep],
        side=numbers.side[keep],
        at_us=numbers.at_us[keep],
        precision=numbers.precision[keep],
        amount_fen=numbers.amount_fen[keep],
        balance_fen=numbers.balance_fen[keep],
        other_balance_fen=numbers.other_balance_fen[keep],
        flags=numbers.flags[keep],
        **{name: columns.only(texts_[name], keep) for name in CODED_COLUMNS},
    )


def _coded(table: Table, parties: Parties) -> dict[str, Coded]:
    """Every text column of the clean rows."""
    words, count = table.plan.words, len(table)
    plain, serial = texts.plain(words), texts.serial(words)
    currency = columns.coalesce(
        table.coded("currency", texts.currency(words)), columns.constant(table.plan.own.currency or "CNY", count)
    )
    summary = columns.coalesce(table.coded("summary", plain), table.coded("type", plain))
    return {
        "own_card": parties.own_card,
        "own_account": parties.own_account,
        "own_name": parties.own_name,
        "own_id": parties.own_id,
        "other": parties.other,
        "other_name": parties.other_name,
        "other_id": parties.other_id,
        "other_bank": parties.other_bank,
        "serial": table.coded("serial", serial),
        "currency": currency,
        "summary": columns.coalesce(summary, table.coded("remark", plain)),
        "merchant": columns.coalesce(table.coded("merchant", plain), table.coded("merchant_code", serial)),
        "place": columns.coalesce(table.coded("place", plain), table.coded("branch", plain)),
        "terminal": table.coded("terminal", serial),
        "ip": table.coded("ip", texts.network(words)),
        "mac": table.coded("mac", texts.machine),
    }


def _marks(table: Table, parties: Parties) -> NDArray[np.uint16]:
    words = table.plan.words
    plain = texts.plain(words)
    found = flags.spread(parties.other_name, lambda text: flags.of_name(text, words))
    for name in ("summary", "type", "remark"):
        found = found | flags.spread(table.coded(name, plain), lambda text: flags.of_summary(text, words))
    found = found | flags.spread(table.coded("cash", plain), lambda text: flags.of_cash_mark(text, words))
    found = found | flags.spread(table.coded("merchant", plain), lambda text: flags.of_merchant(text, words))
    for name in ("merchant", "merchant_code"):
        found = found | flags.of_presence(table.coded(name, texts.serial(words)), Flag.MERCHANT)
    return found


def _refuse_ownless(reasons: dict[int, tuple[str, str]], parties: Parties, table: Table) -> None:
    found = (
        table.plan.column("own_card")
        or table.plan.column("own_account")
        or table.plan.column("own_party")
        or table.plan.column("payer")
    )
    header = found.header if found else ""
    reasons.update(dict.fromkeys(np.flatnonzero(parties.own_key.codes == ABSENT).tolist(), (header, NO_OWN_ACCOUNT)))


def _without_transaction(
    table: Table, bad_amounts: dict[int, tuple[str, str]], bad_times: dict[int, tuple[str, str]]
) -> dict[int, tuple[str, str]]:
    """Rows with neither amount nor time: answers that no transaction was found."""
    empty = [
        row
        for row in bad_amounts.keys() & bad_times.keys()
        if bad_amounts[row][1] == "no_amount" and bad_times[row][1] == "no_time"
    ]
    bound = table.plan.column("feedback")
    return {
        row: (bound.header if bound else "", NO_TRANSACTION)
        for row in empty
        if bound is None or table.raw(bound)[row].strip()
    }


def _note_incomplete(table: Table, parties: Parties, keep: NDArray[np.bool_]) -> None:
    for name in ("own_card", "own_account", "other"):
        column: Coded = getattr(parties, name)
        hidden = np.array([*("*" in value for value in column.values), False])
        table.notes["account_incomplete"] += int((hidden[column.codes] & keep).sum())
