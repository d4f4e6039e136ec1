"""A file before it is bytes: lines of named cells, each data line remembering what it tells and what was done to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Cell = str | int | float | datetime | None
LineKind = Literal["preamble", "header", "blank", "total", "data", "other"]
Fate = Literal["row", "failed", "rejected", "void", "still", "any"]  # still: accepted or not, it moves nothing
Knowledge = Literal["full", "masked", "none", "loose"]
Ending = Literal["csv", "tsv", "txt", "xlsx", "xls"]
Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a line shows of one party: its account in full, a pattern of known characters, nothing, or a shop."""

    knowledge: Knowledge
    account: int | None = None
    pattern: str = ""  # masked: known characters with ? for one unknown character and * for any number of them


NOBODY = View(knowledge="none")


@dataclass(slots=True, kw_only=True)
class Tell:
    """Which transfer a line tells of, from whose side, and how much of it survives in the line."""

    transfer: int
    side: Literal["out", "in", "both"]
    account: int | None
    payer: View
    payee: View
    at_s: int
    precision: Precision = "second"
    fate: Fate = "row"
    reason: str = ""

    @property
    def own(self) -> View:
        """The view of the account whose statement this is."""
        return self.payer if self.side == "out" else self.payee

    @property
    def other(self) -> View:
        """The view of the counterparty."""
        return self.payee if self.side == "out" else self.payer

    def show_other(self, view: View) -> None:
        """Replace what the line shows of the counterparty."""
        if self.side == "out":
            self.payee = view
        else:
            self.payer = view


@dataclass(slots=True, kw_only=True)
class Line:
    """One physical row."""

    kind: LineKind
    cells: dict[str, Cell] = field(default_factory=dict)
    free: list[Cell] = field(default_factory=list)  # cells of lines that are not under the header
    tell: Tell | None = None
    tags: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Table:
    """A sheet: fields in order, what the header calls them, and lines top to bottom."""

    path: str
    layout: str
    fields: list[str]
    headers: dict[str, str]
    lines: list[Line]
    institution: str = ""
    encoding: str = "utf-8"
    newline: str = "\r\n"
    ending: Ending = "csv"
    tags: set[str] = field(default_factory=set)
    truncate: bool = False
    twin: bool = False  # the same bytes also lie in the package under another name
    transactions: bool = True
    cover_sheet: bool = False  # a sheet of prose stands before the rows

    def data(self) -> Iterator[tuple[Line, Tell]]:
        """Lines that tell of a transfer."""
        for line in self.lines:
            if line.tell is not None:
                yield line, line.tell

    def texts(self, field_name: str) -> Iterator[tuple[Line, Tell, str]]:
        """Data lines whose cell of that field is a non-empty text."""
        for line, tell in self.data():
            value = line.cells.get(field_name)
            if isinstance(value, str) and value:
                yield line, tell, value


OWN_NUMBERS = ("own_card", "own_number")
NUMBER_FIELDS = ("own_card", "own_number", "cp_no", "payer_no", "payee_no")
MONEY_FIELDS = ("amount", "balance", "debit", "credit", "cp_balance")
TIME_FIELDS = ("time", "date", "clock")
NAME_FIELDS = ("own_name", "cp_name", "payer_name", "payee_name")
