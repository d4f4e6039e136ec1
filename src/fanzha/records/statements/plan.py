"""What was decided about a sheet before its rows are cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fanzha.kernel.errors import Broken
from fanzha.records.statements.formats import Bound, Format, FormatBook
from fanzha.records.statements.words import Words

_OWN = frozenset({"own_card", "own_account", "own_party", "payer"})


class Told(StrEnum):
    """By what a sheet tells the direction of its rows."""

    WORD = "word"
    SIGN = "sign"
    COLUMNS = "columns"
    BALANCE = "balance"
    PARTIES = "parties"


def told_by(columns: Iterable[Bound]) -> Told:
    """What the columns alone say about where directions are told."""
    fields = {each.field for each in columns}
    if {"payer", "payee"} <= fields:
        return Told.PARTIES
    if {"amount", "direction"} <= fields:
        return Told.WORD
    return Told.COLUMNS if {"debit", "credit"} <= fields else Told.SIGN


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """Whose books the sheet is, where its rows do not say: from the lines above the header, or from its path."""

    card: str = ""
    account: str = ""
    name: str = ""
    id_number: str = ""
    currency: str = ""

    def __bool__(self) -> bool:
        return bool(self.card or self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How this sender writes; decided on the first batch, and by balances where words leave it open.

    `directions` and `success` map words as the rulebook spells them; `negative_is_out`: a minus repeats the direction
    instead of taking back; `flipped`: balances disprove the words throughout; `date_order` of `1/2/2024`;
    `clock_digits` of `93005`; `midnight_is_day`: all times are 00:00:00, so only days are told; `rounded`: fields
    whose numbers a spreadsheet cut at 15 digits; `newest_first`: rows run backwards; `plus_is_in`: where nothing is
    negative, a written plus still tells; `decided` by looking at rows.
    """

    told: Told
    directions: Mapping[str, int] = field(default_factory=dict)
    success: Mapping[str, bool] = field(default_factory=dict)
    negative_is_out: bool = False
    flipped: bool = False
    date_order: str = "ymd"
    clock_digits: int = 6
    midnight_is_day: bool = False
    rounded: frozenset[str] = frozenset()
    newest_first: bool = False
    plus_is_in: bool = False
    decided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetPlan:
    """How a sheet is read: its format, how sure that is (0–1), where its header lies and which column is which field.

    A header of `header_rows` rows ends at `header_number`. `notes` are codes of what a person should know about the
    decision. `above` reads the rows over the header where those are another table's.
    """

    path: str
    book: FormatBook
    format: Format
    certainty: float
    header_number: int
    header: tuple[str, ...]
    columns: tuple[Bound, ...]
    conventions: Conventions
    own: OwnAccount
    notes: tuple[str, ...] = ()
    header_rows: int = 1
    above: SheetPlan | None = None

    @property
    def words(self) -> Words:
        """The words that all formats share."""
        return self.book.words

    @property
    def mapping(self) -> dict[str, str]:
        """Which column, by its header, is read as which field: the best one of each."""
        return {
            name: best.header
            for name in dict.fromkeys(each.field for each in self.columns)
            if (best := self.column(name))
        }

    @property
    def names_own(self) -> bool:
        """Whether rows say themselves whose they are."""
        return any(each.field in _OWN for each in self.columns)

    def column(self, name: str) -> Bound | None:
        """The best column of a field, if the sheet has one."""
        return min((each for each in self.columns if each.field == name), key=lambda each: each.rank, default=None)

    def needed(self, name: str) -> Bound:
        """The best column of a field that the format needs; `Broken` when the plan was made without it."""
        found = self.column(name)
        if found is None:
            raise Broken("statements.format_incomplete", format=self.format.id, key=name)
        return found

    def columns_of(self, name: str) -> list[Bound]:
        """All columns of a field, the best spelling first."""
        return sorted((each for each in self.columns if each.field == name), key=lambda each: (each.rank, each.index))
