"""The amount and direction of every row: by words, signs, separate columns, parties or balances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements import columns
from fanzha.records.statements.amounts import NO_AMOUNT, read_fen, read_sided_fen, says_plus
from fanzha.records.statements.balances import fits_both_ways, proven_sides
from fanzha.records.statements.columns import Fen
from fanzha.records.statements.formats import Bound
from fanzha.records.statements.hints import hinted
from fanzha.records.statements.plan import Conventions, Told
from fanzha.records.statements.rows import UNKNOWN_FEN, Side
from fanzha.records.statements.table import Table
from fanzha.records.statements.words import IN, NEUTRAL, OUT, side_of, spelled

NO_DIRECTION, BAD_DIRECTION, TWO_AMOUNTS = "no_direction", "bad_direction", "two_amounts"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Money:
    """Signed amounts as they stand, and the direction each row's words tell (0 where they tell none).

    `reasons` by row: (column header, reason). `balance` is `UNKNOWN_FEN` where not told. `hint` is what the kind of a
    transaction says, where neither words nor signs nor balances do.
    """

    amount: NDArray[np.int64]
    word: NDArray[np.int8]
    balance: NDArray[np.int64]
    hint: NDArray[np.int8]
    reasons: dict[int, tuple[str, str]]


def read_money(table: Table, directions: Mapping[str, int]) -> Money:
    """The amounts, words of direction and balances of a table."""
    if table.plan.conventions.told is Told.COLUMNS:
        return _two_columns(table)
    return _one_column(table, directions)


def read_balance(table: Table, name: str) -> NDArray[np.int64]:
    """A balance column in fen, `UNKNOWN_FEN` where not told or not legible."""
    balance = np.full(len(table), UNKNOWN_FEN, np.int64)
    for bound in table.plan.columns_of(name):
        read = _read(table, bound)
        balance = np.where((balance == UNKNOWN_FEN) & read.told, read.fen, balance)
    return balance


def _read(table: Table, bound: Bound, reader: Callable[..., int | str] = read_fen) -> Fen:
    careful = partial(reader, words=table.plan.words, fen_per_unit=bound.fen_per_unit)
    return columns.read_amounts(table.raw(bound), bound.fen_per_unit, careful)


def _one_column(table: Table, directions: Mapping[str, int]) -> Money:
    bound = table.plan.needed("amount")
    read = _read(table, bound, read_sided_fen)
    reasons = {row: (bound.header, reason) for row, reason in read.reasons.items()}
    word = np.zeros(len(table), np.int8)
    if told := table.plan.column("direction"):
        codes, values = table.raw(told).encoded
        sides = [directions.get(spelled(value), side_of(value, table.plan.words)) for value in values]
        table.notes["unknown_direction_words"] += sum(side is None for side in sides)
        word = np.array([side or NEUTRAL for side in sides], np.int8)[codes] if values else word
    if table.plan.conventions.plus_is_in:
        word = np.where((word == NEUTRAL) & read_pluses(table), IN, word).astype(np.int8)
    return Money(
        amount=read.fen, word=word, balance=read_balance(table, "balance"), hint=_hints(table), reasons=reasons
    )


def read_pluses(table: Table) -> NDArray[np.bool_]:
    """Which amounts say of themselves that they came in: by a plus, or a word."""
    codes, values = table.raw(table.plan.needed("amount")).encoded
    says = np.array([*(says_plus(value, table.plan.words) for value in values), False])
    return np.asarray(says[codes], np.bool_)


def _hints(table: Table) -> NDArray[np.int8]:
    """What kinds of transaction say where nothing else does: in sheets without any word of direction, and for a
    wallet's rows that say they are neither income nor expense."""
    plan = table.plan
    if plan.column("direction"):
        return hinted(table, plan.words.neutral_hints) if plan.format.own_prefix else np.zeros(len(table), np.int8)
    return hinted(table, plan.words.hints) if plan.conventions.told is Told.BALANCE else np.zeros(len(table), np.int8)


def _two_columns(table: Table) -> Money:
    """Separate debit and credit columns: whichever holds an amount; both is one too many."""
    debit, credit = table.plan.needed("debit"), table.plan.needed("credit")
    out, into = _read(table, debit), _read(table, credit)
    reasons: dict[int, tuple[str, str]] = {}
    for bound, read in ((debit, out), (credit, into)):
        reasons |= {row: (bound.header, why) for row, why in read.reasons.items() if why != NO_AMOUNT}
    reasons |= {
        int(row): (debit.header, NO_AMOUNT) for row in np.flatnonzero(~out.told & ~into.told) if int(row) not in reasons
    }
    both = out.told & into.told & (out.fen != 0) & (into.fen != 0)
    reasons |= {int(row): (credit.header, TWO_AMOUNTS) for row in np.flatnonzero(both)}
    is_out = np.where(out.fen != 0, True, (into.fen == 0) & out.told)
    return Money(
        amount=np.where(is_out, out.fen, into.fen),
        word=np.where(is_out, OUT, IN).astype(np.int8),
        balance=read_balance(table, "balance"),
        hint=np.zeros(len(table), np.int8),
        reasons=reasons,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """Each row's effect on its own account, what signs took back, and rows whose direction nothing tells."""

    side: NDArray[np.int8]
    red_ink: NDArray[np.bool_]
    undecided: NDArray[np.bool_]
    by_balance: int
    by_hint: int


def decide_sides(money: Money, own: NDArray[np.int32], at_us: NDArray[np.int64], told: Conventions) -> Sides:
    """The direction of every row, as its effect on the own account's balance; red ink turns it round."""
    negative = money.amount < 0
    word = -money.word if told.flipped else money.word
    if told.told is Told.PARTIES:
        nobody = np.zeros(len(word), np.bool_)
        return Sides(
            side=np.full(len(word), Side.THIRD_PARTY, np.int8),
            red_ink=negative,
            undecided=nobody,
            by_balance=0,
            by_hint=0,
        )
    red_ink = negative & (word != 0) & ~((word == OUT) & told.negative_is_out)
    side = np.where(red_ink, -word, word).astype(np.int8)
    silent = word == 0
    signed = -1 if told.flipped and told.told is Told.SIGN else 1
    if told.told is Told.SIGN:
        side = np.where(silent, np.where(negative, OUT, IN) * signed, side).astype(np.int8)
        silent = np.zeros(len(word), np.bool_)
    proven = side
    if silent.any():
        proven = proven_sides(own, money.amount, money.balance, told.newest_first)
        proven = np.where(fits_both_ways(own, np.sign(proven) * np.abs(money.amount), money.balance, at_us), 0, proven)
    side = np.where(silent, np.where(proven != 0, proven, np.where(negative, OUT, money.hint)), side).astype(np.int8)
    silent_still = silent & (proven == 0) & ~negative
    return Sides(
        side=side,
        red_ink=red_ink,
        undecided=side == 0,
        by_balance=int((silent & (proven != 0)).sum()),
        by_hint=int((silent_still & (side != 0)).sum()),
    )
