"""Which physical rows are data: blanks, totals, lines above a header and headers told apart, block by block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from fanzha.kernel.identifiers.text import squeeze, tidy
from fanzha.records.statements.amounts import read_fen
from fanzha.records.statements.cells import Cells
from fanzha.records.statements.cleaning import RowKind
from fanzha.records.statements.formats import Fit
from fanzha.records.statements.plan import OwnAccount, SheetPlan, Told, told_by
from fanzha.records.statements.preamble import key_values, only_labels, read_preamble
from fanzha.records.statements.sheet import RowBatch
from fanzha.records.statements.times import read_time
from fanzha.records.statements.words import key, side_of

_TWO_DIGITS = re.compile(r"\d\d")  # \d matches full-width digits too
_DIGIT = re.compile(r"\d")
_RULE = re.compile(r"[-=_*~#+|. ]*")
_LONGEST_CARRY = 40
SAME_ANEW = 0.6
"""The share of a row's cells that name columns from which on it is another header."""
_FEW = 16
"""Of so many rows in columns at most one may be other than plainly data; more are sorted faster one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Data rows under one header and one own account, and the plan that reads them."""

    plan: SheetPlan
    rows: Sequence[Sequence[str]]
    numbers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Rows of a batch by kind: data in blocks, the others counted; `plan` is how the next batch begins."""

    blocks: list[Block]
    counts: dict[RowKind, int]
    plan: SheetPlan


def sort_rows(plan: SheetPlan, batch: RowBatch) -> Sorted:
    """Every row of the batch in its place."""
    if isinstance(batch.rows, Cells) and (found := _sort_cells(plan, batch.rows, batch.numbers)):
        return found
    sorter = _Sorter(plan, batch.numbers[-1] if batch.numbers and batch.ends_sheet else 0)
    for row, number in zip(batch.rows, batch.numbers, strict=True):
        sorter.take(row, number)
    if sorter.rows and not batch.ends_sheet:
        sorter.rows[-1] = _padded(sorter.rows[-1], sorter.width)
    return _sorted(sorter, sorter.blocks)


def _sort_cells(plan: SheetPlan, cells: Cells, numbers: list[int]) -> Sorted | None:
    """The same for rows in columns, which are plainly data but for a few; None when they are not, or begin a block."""
    sorter = _Sorter(plan, 0)
    if cells.width != sorter.width or plan.above:
        return None
    data = sorter.plainly_data(cells) & (np.array(numbers) > plan.header_number)
    odd = np.flatnonzero(~data).tolist()
    if len(odd) * _FEW > len(cells):
        return None
    for at in odd:
        if at and data[at - 1]:
            sorter.rows[:] = [cells[at - 1]]
        data[at] = sorter.take(cells[at], numbers[at])
        if sorter.plan is not plan or sorter.labels:
            return None
    kept = [number for number, is_data in zip(numbers, data.tolist(), strict=True) if is_data] if odd else numbers
    return _sorted(sorter, [Block(plan=plan, rows=cells.only(data), numbers=kept)])


def _sorted(sorter: _Sorter, blocks: list[Block]) -> Sorted:
    sorter.counts[RowKind.DATA] = sum(len(block.rows) for block in blocks)
    return Sorted(blocks=blocks, counts=sorter.counts, plan=sorter.plan)


class _Sorter:
    """Puts rows one after the other in their places; `rows` and `numbers` are the last block's.

    Row `last` may be cut in mid-line; 0 for none.
    """

    def __init__(self, plan: SheetPlan, last: int) -> None:
        self.blocks: list[Block] = []
        self.counts = dict.fromkeys(RowKind, 0)
        self.last = last
        self.labels: Sequence[str] = ()
        self.statement = plan
        self.below = plan if plan.above else None
        self._follow(plan.above or plan)

    def _follow(self, plan: SheetPlan) -> None:
        self.rows: list[Sequence[str]] = []
        self.numbers: list[int] = []
        self.blocks.append(Block(plan=plan, rows=self.rows, numbers=self.numbers))
        self.plan = plan
        if plan.format.kind == "transactions":
            self.statement = plan
        self.width = len(plan.header)
        anchor = next(
            (found for name in ("time", "date", "card", "account", "id_number") if (found := plan.column(name))), None
        )
        self.anchor = anchor.index if anchor else 0
        self.names = [key(cell) for cell in plan.header]
        summary = plan.column("summary")
        self.summary = summary.index if summary else self.anchor

    def take(self, row: Sequence[str], number: int) -> bool:
        """Whether the row is data; most plainly are: as wide as the header, with digits where time stands."""
        if self.below and number > self.below.header_number - self.below.header_rows:
            self._leave_titles()
            self._begin(replace(self.below, above=None))
            self.below = None
        is_data = (
            not self.labels
            and len(row) == self.width
            and number > self.plan.header_number
            and _TWO_DIGITS.search(row[self.anchor])
            and (row[0].isascii() or not self._is_spoken(row[0]))
            and not self._is_carried(row)
        )
        if not is_data and (kind := self._kind(row, number)) is not RowKind.DATA:
            self.counts[kind] += 1
            return False
        self.rows.append(row)
        self.numbers.append(number)
        return True

    def plainly_data(self, cells: Cells) -> NDArray[np.bool_]:
        """Which rows, below the header and as wide as it, are plainly data."""
        dated: NDArray[np.bool_] = pc.match_substring_regex(cells.columns[self.anchor], r"\d\d").to_numpy(False)
        first = cells.columns[0]
        if not pc.all(pc.string_is_ascii(first)).as_py():
            spoken = [text for text in first.unique().to_pylist() if not text.isascii() and self._is_spoken(text)]
            dated = dated & ~np.isin(first.to_numpy(False), spoken) if spoken else dated
        summary = cells.columns[self.summary]
        short = pc.unique(summary.filter(pc.less(pc.binary_length(summary), _LONGEST_CARRY))).to_pylist()
        carried = [text for text in short if self._carries(text)]
        return dated & ~np.isin(summary.to_numpy(False), carried) if carried else dated

    def _is_carried(self, row: Sequence[str]) -> bool:
        """Whether the summary only carries a balance over from another page or period."""
        return len(row[self.summary]) < _LONGEST_CARRY and self._carries(row[self.summary])

    def _carries(self, summary: str) -> bool:
        return key(summary).translate(self.plan.words.simplified) in self.plan.words.carry

    def _is_spoken(self, first: str) -> bool:
        """Whether a row begins like a total, a closing line, or a line of keys and values."""
        first = tidy(first)
        words = self.plan.words
        return any(shape.match(first) for shape in (words.total, words.preamble, words.foot, words.total_shape))

    def _kind(self, row: Sequence[str], number: int) -> RowKind:
        if number == self.plan.header_number:
            return RowKind.HEADER
        told = [cell for cell in map(squeeze, row) if cell]
        if number == self.last and self._is_cut_in_silence(row):
            return RowKind.DATA
        if not told or (len("".join(told)) >= 3 and all(map(_RULE.fullmatch, told))):
            return RowKind.BLANK
        if self._is_part_of_header(row):
            return RowKind.HEADER
        if number < self.plan.header_number:
            return RowKind.PREAMBLE
        if self._is_header(row, number):
            self.labels = ()
            return RowKind.HEADER
        if self._is_head(row):
            return RowKind.PREAMBLE
        return self._kind_below(row, told)

    def _is_head(self, row: Sequence[str]) -> bool:
        """Labels between two blocks, or the row of values below them, which tells whose the next rows are."""
        labels, self.labels = self.labels, ()
        own = read_preamble([labels, row], self.plan.words) if labels else None
        if own:
            self._begin(replace(self.plan, own=own))
            return True
        if only_labels(row, self.plan.words):
            self.labels = row
        return bool(self.labels)

    def _is_cut_in_silence(self, row: Sequence[str]) -> bool:
        """Whether the last line was cut while its cells still said nothing, so that it only looks blank or closing."""
        says_nothing = all(key(cell) in self.plan.words.nothing for cell in row)
        return says_nothing and len(row) < self.width and (len(row) > 1 or any(map(str.strip, row)))

    def _kind_below(self, row: Sequence[str], told: list[str]) -> RowKind:
        words = self.plan.words
        moment = row[self.anchor] if self.anchor < len(row) else ""
        if self.summary < len(row) and self._is_carried(row):
            return RowKind.TOTAL
        if not words.total.fullmatch(told[0]) and self._tells_a_transaction(row):
            return RowKind.DATA
        if words.total.match(told[0]) or (len(told) < self.width and any(map(words.total_shape.fullmatch, told))):
            return RowKind.TOTAL
        if not _TWO_DIGITS.search(moment) and (any(map(words.total.match, told)) or words.total_end.search(told[0])):
            return RowKind.TOTAL
        if len(told) <= 2 and words.foot.match(told[0]):
            return RowKind.TOTAL
        if words.preamble.match(tidy(row[0] or told[0])) and self._is_above(row):
            return RowKind.PREAMBLE
        if _TWO_DIGITS.search(moment) and len(told) > 2:
            return RowKind.DATA
        if len(told) <= 2 and (words.foot.search(told[0]) or words.total_shape.search(told[0])):
            return RowKind.TOTAL
        if len(told) == 1 and not _DIGIT.search(told[0]) and self._begins_with_numbers():
            is_title = not told[0].isascii() or " " in tidy("".join(row))
            return RowKind.PREAMBLE if is_title else RowKind.DATA
        return RowKind.DATA

    def _tells_a_transaction(self, row: Sequence[str]) -> bool:
        """Whether time, amount and direction all stand where the header puts them, whatever the row begins with."""
        if len(row) != self.width or not isinstance(read_time(row[self.anchor], self.plan.words), tuple):
            return False
        told, words = self.plan.conventions.told, self.plan.words
        sums = [self._fen(row, name) for name in ("amount", "debit", "credit", "balance")]
        if told is Told.COLUMNS:
            return sum(bool(fen) for fen in sums[1:3]) == 1
        if sums[0] is None:
            return False
        if told is Told.WORD:
            bound = self.plan.column("direction")
            return bound is not None and bool(side_of(row[bound.index], words))
        return told is Told.PARTIES or sums[3] is not None

    def _fen(self, row: Sequence[str], name: str) -> int | None:
        bound = self.plan.column(name)
        found = read_fen(row[bound.index], self.plan.words, bound.fen_per_unit) if bound else None
        return found if isinstance(found, int) else None

    def _begins_with_numbers(self) -> bool:
        """Whether data rows begin with a number, so that a lone word is a title, not the last row cut short."""
        return bool(self.rows) and bool(_DIGIT.search(self.rows[-1][0]))

    def _is_above(self, row: Sequence[str]) -> bool:
        """A line of keys and values between two blocks: it tells the own account of the rows after it."""
        told = key_values(row, self.plan.words)
        if not told or not any(value for _, value in told):
            return False
        own = read_preamble([row], self.plan.words)
        if own:
            self._begin(
                replace(self.plan, own=replace(own, name=own.name, currency=own.currency or self.plan.own.currency))
            )
        elif own.name or own.id_number:
            self._begin(replace(self.plan, own=_named(self.plan.own, own)))
        return True

    def _is_header(self, row: Sequence[str], number: int) -> bool:
        """The header again, or another one that the book understands: a new block."""
        names = [key(cell) for cell in row]
        same = sum(one == other != "" for one, other in zip(names, self.names, strict=False))
        if same * 5 >= 4 * sum(bool(each) for each in self.names):
            return True
        if _TWO_DIGITS.search("".join(names)) or sum(map(bool, names)) < 3:
            return False
        fit = self.plan.book.best_fit(row)
        if fit is None or fit.score < SAME_ANEW:
            return False
        same_kind = fit.format.kind == self.plan.format.kind
        if same_kind and number == self.plan.header_number + 1 and fit.score <= self.plan.certainty:
            return True  # the header said again in another language
        if same_kind or fit.format.kind != "transactions":
            self._begin(with_fit(self.plan, fit, row, number))
        else:
            self._begin_statement(with_fit(self.statement, fit, row, number))
        return True

    def _begin_statement(self, plan: SheetPlan) -> None:
        """Transactions below another table: where they do not say whose they are, a table of one account does."""
        self._leave_titles()
        if plan.names_own:
            self._begin(plan)
            return
        own = read_preamble([self.plan.header, *self.rows], plan.words)
        if own:
            self.counts[RowKind.PREAMBLE] += len(self.rows)
            self.rows.clear()
            self.numbers.clear()
        self._begin(replace(plan, own=own))

    def _leave_titles(self) -> None:
        """Lone words at the end of a table are the next one's title."""
        while (
            self.rows
            and sum(map(bool, map(squeeze, self.rows[-1]))) == 1
            and not any(map(_DIGIT.search, self.rows[-1]))
        ):
            self.rows.pop()
            self.numbers.pop()
            self.counts[RowKind.PREAMBLE] += 1

    def _is_part_of_header(self, row: Sequence[str]) -> bool:
        """One of the two rows that a header of merged cells is made of."""
        if not self.plan.header_rows > 1:
            return False
        names = [(name, whole) for name, whole in zip(map(key, row), self.names, strict=False) if name]
        return len(names) > 1 and all(whole.startswith(name) or whole.endswith(name) for name, whole in names)

    def _begin(self, plan: SheetPlan) -> None:
        if not self.rows:
            self.blocks.pop()
        self._follow(plan)


def with_fit(plan: SheetPlan, fit: Fit, header: Sequence[str], number: int) -> SheetPlan:
    """The plan under another header; where that tells directions otherwise, so do its rows."""
    told = told_by(fit.columns)
    same = told is told_by(plan.columns)
    return replace(
        plan,
        format=fit.format,
        certainty=min(plan.certainty, fit.score),
        columns=fit.columns,
        header=tuple(header),
        header_number=number,
        above=None,
        conventions=plan.conventions if same else replace(plan.conventions, told=told, flipped=False),
    )


def _padded(row: Sequence[str], width: int) -> Sequence[str]:
    """The row at full width: short though others follow, it lacks only empty cells and was not cut in mid-line."""
    return [*row, *[""] * (width - len(row))] if len(row) < width else row


def _named(old: OwnAccount, new: OwnAccount) -> OwnAccount:
    return replace(old, name=new.name or old.name, id_number=new.id_number or old.id_number)
