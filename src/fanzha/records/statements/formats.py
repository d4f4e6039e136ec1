"""Formats as the rulebook tells them: which headers name which field, and how well a row of headers fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanzha.kernel.errors import Broken, Invalid
from fanzha.kernel.identifiers import account
from fanzha.records.statements.headers import Header, by_grammar, read_header
from fanzha.records.statements.words import Words, words_from

IGNORED = "ignored"
GUESSED = "guessed"
"""The status of a column whose header no format spells out."""
MANY = frozenset(
    {
        "remark",
        "own_card",
        "own_account",
        "other",
        "other_card",
        "serial",
        "time",
        "date",
        "summary",
        "balance",
        "ignored",
        "measure",
        "phone",
        "address",
        "employer",
        "bank",
        "task",
    }
)
"""Fields that several columns of one sheet may name: the first that says something in a row is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """One spelling of one field: how it ranks among the field's spellings, and how its values are read."""

    field: str
    rank: int
    prefix: str = ""
    status: str = "known"
    fen_per_unit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A column of a sheet that a format understands; `index` from 0, `header` as it lies in the file."""

    field: str
    index: int
    header: str
    rank: int = 0
    prefix: str = ""
    status: str = "known"
    fen_per_unit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Times that are step numbers: seconds a step, from `origin` (a date in Shanghai)."""

    origin: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file: `kind` is `transactions`, `accounts`, `sub_accounts`, `persons` or `other` (no statement at all).

    `needs` are fields that must be there (each entry a choice), `without` those that must not; `telling` are headers
    that hardly any other format has, one of which must be there when it `must_tell`. `opaque`: account numbers are
    taken as they are. `headerless`: columns are named by their place, `1` the first.
    `own_account` is whose books the file is, where a person who confirmed a mapping said so;
    `own_prefix` stands before an own account that is told above the header.
    """

    id: str
    version: int
    kind: str
    needs: tuple[tuple[str, ...], ...]
    without: frozenset[str]
    telling: frozenset[str]
    headers: Mapping[str, ColumnRule]
    must_tell: bool = False
    opaque: bool = False
    headerless: bool = False
    step: Step | None = None
    own_prefix: str = ""
    own_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a row of headers fits a format: `score` is the share of headers understood, `telling` breaks ties."""

    format: Format
    columns: tuple[Bound, ...]
    score: float
    telling: int

    @property
    def rank(self) -> tuple[float, int, int]:
        """Greater is better."""
        return (round(self.score + 0.1 * min(self.telling, 4), 3), self.telling, len(self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatBook:
    """All formats and the words they share."""

    formats: tuple[Format, ...]
    words: Words

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]]) -> FormatBook:
        """The book of parsed TOML tables by id, with the shared words under `words`; `Broken` names a bad one."""
        words = words_from(tables["words"])
        named = {name: table for name, table in tables.items() if name != "words"}
        return cls(formats=tuple(format_from(table, named, words) for table in named.values()), words=words)

    def mapping(self, table: Mapping[str, Any], *, place: str) -> Format:
        """The format of a mapping file that a person confirmed; `Invalid` until then, or when it is no mapping."""
        if not table.get("confirmed", False):
            raise Invalid("statements.mapping_unconfirmed", place=place)
        try:
            return format_from(table, {}, self.words)
        except (Broken, TypeError, AttributeError, ValueError) as error:
            raise Invalid("statements.mapping_unreadable", place=place) from error

    def best_fit(self, cells: Sequence[str]) -> Fit | None:
        """The format that understands a row of headers best, or None when none has all it needs."""
        headers = [read_header(cell, self.words) for cell in cells]
        fits = [fit for each in self.formats if (fit := fit_of(each, cells, headers, self.words))]
        return max(fits, key=lambda fit: fit.rank, default=None)

    def statement_names(self, cells: Sequence[str]) -> int:
        """How many of the cells some format of transactions spells out as names of its columns."""
        headers = [read_header(cell, self.words) for cell in cells if cell.strip()]
        statements = [each.headers for each in self.formats if each.kind == "transactions"]
        return sum(any(spelled in known for known in statements for spelled in each.spellings) for each in headers)


def format_from(table: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]], words: Words) -> Format:
    """A format of its parsed TOML, with what it extends; `Broken` names the key that is missing."""
    try:
        base = named[table["extends"]]["columns"] if "extends" in table else []
        return Format(
            id=table["id"],
            version=table["version"],
            kind=table["kind"],
            needs=tuple(tuple(need.split("|")) for need in table["needs"]),
            without=frozenset(table.get("without", ())),
            telling=frozenset(read_header(spelled, words).bare for spelled in table.get("telling", ())),
            headers=_rules([*base, *table["columns"]] if "columns" in table else base, words),
            must_tell=table.get("must_tell", False),
            opaque=table.get("opaque", False),
            headerless=table.get("headerless", False),
            own_prefix=table.get("own_prefix", ""),
            own_account=account.clean(table.get("own_account", "")),
            step=Step(**table["step"]) if "step" in table else None,
        )
    except KeyError as missing:
        raise Broken("statements.format_incomplete", format=table.get("id", ""), key=str(missing)) from missing


def _rules(columns: Sequence[Mapping[str, Any]], words: Words) -> dict[str, ColumnRule]:
    """Rules by header spelling; a format's own columns stand after those it extends, and win."""
    rules: dict[str, ColumnRule] = {}
    for column in columns:
        for rank, spelled in enumerate(column["headers"]):
            header = read_header(spelled, words)
            rule = ColumnRule(
                field=column["field"],
                rank=rank,
                prefix=column.get("prefix", ""),
                status=column.get("status", "assumed"),
                fen_per_unit=header.fen_per_unit,
            )
            rules[header.whole] = rule
            rules[header.bare] = rule
    return rules


def fit_of(format: Format, cells: Sequence[str], headers: Sequence[Header], words: Words) -> Fit | None:
    """How a format reads a row of headers; None unless everything it needs is there."""
    found = [_bind(format, index, cells[index], header, words) for index, header in enumerate(headers) if header.whole]
    bound = _without_rivals([each for each in found if each is not None])
    fields = {each.field for each in bound}
    if not all(fields.intersection(need) for need in format.needs) or fields & format.without:
        return None
    telling = sum(header.bare in format.telling for header in headers)
    if format.must_tell and not telling:
        return None
    understood = sum(0.5 if each.status == GUESSED else 1.0 for each in bound)
    return Fit(format=format, columns=tuple(bound), score=understood / max(len(found), 1), telling=telling)


def _spelled(column: Bound, field: str) -> bool:
    return column.field == field and column.status != GUESSED


def _bind(format: Format, index: int, cell: str, header: Header, words: Words) -> Bound | None:
    rule = next((found for each in header.spellings if (found := format.headers.get(each))), None)
    if rule is None and (guessed := by_grammar(header, words)):
        known = {each.field: each for each in format.headers.values()}
        if like := known.get(guessed):
            rule = ColumnRule(field=guessed, rank=len(format.headers), prefix=like.prefix, status=GUESSED)
    if rule is None:
        return None
    unit = header.fen_per_unit or rule.fen_per_unit or 100
    return Bound(
        field=rule.field,
        index=index,
        header=cell,
        rank=rule.rank,
        prefix=rule.prefix,
        status=rule.status,
        fen_per_unit=unit,
    )


def _without_rivals(bound: list[Bound]) -> list[Bound]:
    """The best-ranked column of each field that can have only one; the others are understood and ignored."""
    best: dict[str, Bound] = {}
    bound = [
        each for each in bound if each.status != GUESSED or not any(_spelled(other, each.field) for other in bound)
    ]
    for each in bound:
        if each.field not in best or each.rank < best[each.field].rank:
            best[each.field] = each
    return [each for each in bound if each.field in MANY or best[each.field] is each]
