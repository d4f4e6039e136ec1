"""The data rows of one block as columns that fields are read from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from fanzha.records.statements import columns
from fanzha.records.statements.cells import widths
from fanzha.records.statements.columns import Column
from fanzha.records.statements.formats import Bound
from fanzha.records.statements.plan import SheetPlan
from fanzha.records.statements.row_kinds import Block
from fanzha.records.statements.rows import Coded

TRUNCATED, RAGGED = "truncated", "ragged"
CRITICAL = frozenset(
    {"own_card", "own_account", "own_party", "time", "date", "amount", "debit", "credit", "direction", "payer", "payee"}
)
"""Fields without which, or with half of which, a row is no movement."""

_GROUP_HEAD = re.compile(r"\W*\d{1,3}")
_GROUP = re.compile(r"\d{3}(?:\.\d*)?\)?")


class Table:
    """A block's rows, squared to one width; `faults` are rows that could not be squared, by row: (column, reason)."""

    def __init__(self, plan: SheetPlan, block: Block, *, ends_batch: bool) -> None:
        self.plan = plan
        self.numbers = block.numbers
        self.faults: dict[int, tuple[str, str]] = {}
        self.notes: Counter[str] = Counter()
        lengths = Counter(widths(block.rows))
        usual = lengths.most_common(1)[0][0] if lengths else 0
        self.width = max(len(plan.header), usual)
        self.header = (*plan.header, *[""] * (self.width - len(plan.header)))
        rows = block.rows
        if lengths and set(lengths) != {self.width}:
            rows = [self._squared(at, row, usual) for at, row in enumerate(rows)]
            if ends_batch and usual >= len(plan.header) > len(block.rows[-1]):
                rows[-1] = self._cut_short(len(rows) - 1, block.rows[-1])
        self.columns = columns.transposed(rows, self.width)

    def __len__(self) -> int:
        return len(self.numbers)

    def coded(self, name: str, clean: Callable[[str], str], *, bare: bool = False) -> Coded:
        """A text field: its best column, filled from its other columns where that is silent; `bare` of prefixes."""
        found = columns.silent(len(self))
        for bound in self.plan.columns_of(name):
            found = columns.coalesce(
                found, columns.clean_distinct(self.raw(bound), _prefixed(clean, "" if bare else bound.prefix))
            )
        return found

    def filled(self, name: str) -> Sequence[str] | None:
        """A raw field of several columns, each row's first cell that says something; None without such a column."""
        found: Sequence[str] | None = None
        for bound in self.plan.columns_of(name):
            column = self.columns[bound.index]
            if found is None:
                found = column
            elif not all(found):
                found = [first if first.strip() else second for first, second in zip(found, column, strict=True)]
        return found

    def raw(self, bound: Bound) -> Column:
        """The cells of a column as they lie in the file."""
        return self.columns[bound.index]

    def _squared(self, at: int, row: Sequence[str], usual: int) -> list[str]:
        if len(row) <= self.width:
            return [*row, *[""] * (self.width - len(row))]
        if not any(cell.strip() for cell in row[self.width :]):
            return list(row[: self.width])
        if (joined := self._rejoined(row)) is not None:
            self.notes["rejoined_amount"] += 1
            return joined
        self.faults[at] = ("", RAGGED)
        return list(row[: self.width])

    def _rejoined(self, row: Sequence[str]) -> list[str] | None:
        """The row with thousands groups joined again that a comma without quotes had parted."""
        cells = list(row)
        for bound in sorted(self.plan.columns, key=lambda each: each.index):
            if bound.field not in ("amount", "debit", "credit", "balance", "other_balance"):
                continue
            at = bound.index
            if at < len(cells) and _GROUP_HEAD.fullmatch(cells[at].strip()):
                while len(cells) > self.width and at + 1 < len(cells) and _GROUP.fullmatch(cells[at + 1]):
                    ends = "." in cells[at + 1]
                    cells[at : at + 2] = [cells[at] + cells[at + 1]]
                    if ends:
                        break
        return cells if len(cells) == self.width else None

    def _cut_short(self, at: int, row: Sequence[str]) -> list[str]:
        """The last row of a file that ends in mid-line: nothing is believed of the cell it was cut in."""
        cut = len(row) - 1
        missing = [each for each in self.plan.columns if each.index >= cut and each.field in CRITICAL]
        if missing:
            self.faults[at] = (missing[0].header, TRUNCATED)
        cells = [*row, *[""] * (self.width - len(row))]
        fields = {each.field for each in self.plan.columns if each.index == cut}
        cells[cut] = f"{row[cut]}**" if fields & {"other", "other_card"} and row[cut].strip() else ""
        return cells


def _prefixed(clean: Callable[[str], str], prefix: str) -> Callable[[str], str]:
    if not prefix:
        return clean

    def cleaned(text: str) -> str:
        found = clean(text)
        return prefix + found if found else ""

    return cleaned
