"""Tables: which columns and filters they have, what a URL asks of them, and one page of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar
from unicodedata import category, normalize
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from fanzha.apps.web.views.shown import Choice
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid
from fanzha.records.reports.amounts import typed_fen
from fanzha.wiring.report_words import live_reader

Kind = Literal[
    "text",
    "money",
    "count",
    "layers",
    "time",
    "moment",
    "day",
    "masked",
    "account",
    "code",
    "codes",
    "sentence",
    "place",
    "files",
    "size",
    "path",
    "choice",
    "institution",
    "act",
    "mark",
    "share",
    "span",
    "clock",
    "gone",
    "order",
    "let_go",
    "waits",
    "person",
    "reports",
]  # fmt: skip
FilterKind = Literal["choice", "after", "until", "fen", "key"]
FilterValue = str | int | datetime
Row = TypeVar("Row")

KEY = "[ -~]{1,64}"
"""A key of a filter, as a pattern: printable ASCII."""
PAGE_SIZES = (50, 100, 200)
MAX_PAGE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `key` is the row's attribute and its heading's catalogue key `web.column.<key>`.

    `words` names the catalogue section that turns a code into a word, or into a sentence filled by the row's
    `error_fields`. A column that is not `phone` is left out on narrow screens; money of a `short` one is told by ten
    thousands, in full where a pointer rests.
    """

    key: str
    kind: Kind = "text"
    sortable: bool = True
    words: str = ""
    phone: bool = True
    short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter of the bar above a table; `choices` are codes with words in the section `words`, `options` choices
    whose words come with the data."""

    key: str
    kind: FilterKind
    words: str = ""
    choices: tuple[str, ...] = ()
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table by name (its export's file name, its headings' place) with columns and filters."""

    name: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    sort: str
    descending: bool = False

    @property
    def told(self) -> tuple[Column, ...]:
        """The columns that say something: those of an export."""
        return tuple(each for each in self.columns if each.kind not in ("act", "mark", "order", "let_go"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a URL asks of a table; every part of it is in the URL and none of it is personal."""

    filters: Mapping[str, FilterValue] = field(default_factory=dict)
    sort: str
    descending: bool
    page: int = 1
    size: int = PAGE_SIZES[0]

    @property
    def offset(self) -> int:
        """How many rows lie before this page."""
        return (self.page - 1) * self.size

    def moment(self, key: str) -> datetime | None:
        """A filter that is an instant, None where it is not set."""
        value = self.filters.get(key)
        return value if isinstance(value, datetime) else None

    def fen(self, key: str) -> int | None:
        """A filter that is an amount, None where it is not set."""
        value = self.filters.get(key)
        return value if isinstance(value, int) else None

    def word(self, key: str) -> str:
        """A filter that is a code or a key, empty where it is not set."""
        value = self.filters.get(key, "")
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Rows of one page and how many there are in all; `truncated` says that `total` is a floor, not a count."""

    rows: Sequence[Row]
    total: int
    page: int = 1
    size: int = PAGE_SIZES[0]
    truncated: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Row]):
    """Every row that fits a query: how many, and one pass over them, each made only when it is asked for."""

    total: int
    rows: Iterator[Row]


def exactness(row: object, key: str) -> str:
    """How exactly a row tells the moment of a column: its `<key>_exact`, else its `exact`, else to the second."""
    told: str = getattr(row, f"{key}_exact", "") or getattr(row, "exact", "second")
    return told


def page_of(rows: Sequence[Row], query: Query, value: Callable[[Row], Any] | None = None) -> Page[Row]:
    """The query's page of rows that lie in memory, sorted by the column it names or by `value`; unknown ones last."""
    held = value or attrgetter(query.sort)
    known = sorted((row for row in rows if held(row) is not None), key=held, reverse=query.descending)
    ordered = [*known, *(row for row in rows if held(row) is None)]
    shown = ordered[query.offset : query.offset + query.size]
    return Page(rows=shown, total=len(rows), page=query.page, size=query.size)


def read_query(table: Table, params: Mapping[str, str]) -> Query:
    """The query that URL parameters ask; `Invalid` names the parameter that cannot be understood."""
    sortable = {column.key for column in table.columns if column.sortable}
    sort = params.get("sort") or table.sort
    if sort not in sortable:
        raise Invalid("web.bad_filter", name="sort")
    order = params.get("order")
    if order and order not in ("asc", "desc"):
        raise Invalid("web.bad_filter", name="order")
    asked = {each: params.get(each.key, "").strip() for each in table.filters}
    filters = {each.key: _read_filter(each, given) for each, given in asked.items() if given}
    return Query(
        filters=filters,
        sort=sort,
        descending=order == "desc" if order else table.descending and sort == table.sort,
        page=_whole(params, "page", 1, MAX_PAGE),
        size=_whole(params, "size", PAGE_SIZES[0], PAGE_SIZES[-1]),
    )


def _whole(params: Mapping[str, str], key: str, default: int, most: int) -> int:
    given = params.get(key)
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and 1 <= int(given) <= most):
        raise Invalid("web.bad_filter", name=key)
    return int(given)


def _read_filter(asked: Filter, given: str) -> FilterValue:
    if asked.kind == "choice":
        if given not in asked.choices and given not in {each.code for each in asked.options}:
            raise Invalid("web.bad_filter", name=asked.key)
        return given
    if asked.kind == "fen":
        return fen_of(asked.key, given)
    if asked.kind in ("after", "until"):
        return _read_moment(asked, given)
    if re.fullmatch(KEY, given) is None:
        raise Invalid("web.bad_filter", name=asked.key)
    return given


def fen_of(key: str, given: str) -> int:
    """Yuan as a person types them, `1,750,000.5` or as words of reports are read, as fen."""
    adorned = any(category(each) == "No" for each in given)  # `10²` is not 102
    fen = None if adorned else typed_fen(normalize("NFKC", given), live_reader())
    if fen is None:
        raise Invalid("web.bad_filter", name=key)
    return fen


def _read_moment(asked: Filter, given: str) -> datetime:
    """A day or a local time in Shanghai; `until` a day means until that day's end."""
    at = moment_of(asked.key, given)
    if len(given) == DAY_CHARACTERS and asked.kind == "until":
        try:
            return utc(at.astimezone(SHANGHAI) + timedelta(days=1))
        except OverflowError:  # the calendar's last day has no neighbour
            raise Invalid("web.bad_filter", name=asked.key) from None
    return at


DAY_CHARACTERS = len("2024-03-01")


def moment_of(key: str, given: str) -> datetime:
    """A day or a time as a person types it, in Shanghai unless it says otherwise."""
    try:
        at = datetime.fromisoformat(given)
        return utc(at if at.tzinfo else at.replace(tzinfo=SHANGHAI))
    except (ValueError, Invalid):  # the calendar's first day has no neighbour
        raise Invalid("web.bad_filter", name=key) from None


def form_fen(form: Mapping[str, str], name: str) -> int | None:
    """The yuan of a form's field as fen, None where it is empty."""
    return sum_of(form, name) if form.get(name, "").strip() else None


def sum_of(form: Mapping[str, str], name: str) -> int:
    """The yuan of a form's field as fen."""
    try:
        return fen_of(name, form.get(name, ""))
    except Invalid:
        raise Invalid("web.bad_amount", name=name) from None


def form_moment(form: Mapping[str, str], name: str) -> datetime | None:
    """The time of a form's field, None where it is empty."""
    given = form.get(name, "").strip()
    try:
        return moment_of(name, given) if given else None
    except Invalid:
        raise Invalid("web.bad_time", name=name) from None


def link(params: QueryParams, **changes: str | int | None) -> str:
    """The query string with some parameters changed (None removes one); the first page unless told."""
    kept = [(key, value) for key, value in params.multi_items() if value and key != "page" and key not in changes]
    told = [*kept, *((key, str(value)) for key, value in changes.items() if value is not None)]
    return "?" + urlencode(told)
