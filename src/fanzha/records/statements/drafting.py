"""A first guess at a format nobody has written down: a field for each column, how sure and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from fanzha.kernel.identifiers import account, citizen_id
from fanzha.kernel.identifiers.text import squeeze, tidy
from fanzha.records.statements.amounts import read_fen
from fanzha.records.statements.formats import IGNORED, FormatBook
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.samples import samples_of
from fanzha.records.statements.sheet import RowBatch
from fanzha.records.statements.times import read_time
from fanzha.records.statements.words import Words, key, side_of

SAMPLE = 500
"""Rows whose values are looked at."""
NO_TIME, NO_AMOUNT, NO_DIRECTION, NO_OWN_ACCOUNT = (
    "draft_no_time",
    "draft_no_amount",
    "draft_no_direction",
    "draft_no_own",
)
LIKELY = 0.8
"""The share of a column's values that must look like a field for it to be guessed."""
_NUMBERED = ("own_account", "other"), ("amount", "balance"), ("own_name", "other_name")
"""Fields that look alike: the first such column is guessed as the first of them, the next as the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftColumn:
    """A column's guessed field: `why` is `header` (its name is known), `values` (they look so) or `nothing`.

    `samples` are a few of its values, masked.
    """

    header: str
    field: str
    certainty: float
    why: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFormat:
    """A format for a person to confirm; without headers its columns are named by their place, from 1.

    `notes` are codes of what rows read by it would still lack.
    """

    id: str
    path: str
    headerless: bool
    columns: tuple[DraftColumn, ...]
    notes: tuple[str, ...] = ()

    def to_toml(self) -> str:
        """The mapping file to correct and confirm: it is refused until `confirmed` says true."""
        fields = {each.field for each in self.columns}
        needs = [*_sides(fields), "time|date"]
        lines = [
            f"id = {_quoted(self.id)}", "version = 1", 'kind = "transactions"', "confirmed = false",
            f"headerless = {str(self.headerless).lower()}", f"needs = {_listed(needs)}",
            f"notes = {_listed(self.notes)}",
        ]  # fmt: skip
        if NO_OWN_ACCOUNT in self.notes:
            lines.append('own_account = ""')
        for each in self.columns:
            lines += [
                "", "[[columns]]", f"field = {_quoted(each.field)}", f"headers = {_listed([each.header])}",
                'status = "assumed"', f"certainty = {each.certainty:.2f}", f"why = {_quoted(each.why)}",
                f"samples = {_listed(each.samples)}",
            ]  # fmt: skip
        return "\n".join(lines) + "\n"


def _sides(fields: set[str]) -> list[str]:
    return ["debit", "credit"] if {"debit", "credit"} <= fields else ["amount"]


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    shown = "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text.replace("\\", "\\\\"))
    return f'"{shown.replace(chr(34), chr(92) + chr(34))}"'


def draft(first: RowBatch, book: FormatBook, header_at: int | None, *, name: str) -> DraftFormat:
    """The guess for a sheet whose header is row `header_at` of its first batch, or that has none."""
    start = 0 if header_at is None else header_at + 1
    body = first.rows[start : start + SAMPLE]
    columns = [list(each) for each in zip_longest(*body, fillvalue="")]
    named = [str(place + 1) for place in range(len(columns))] if header_at is None else first.rows[header_at]
    taken: set[str] = set()
    guesses = []
    for at, header in enumerate(named):
        values = columns[at] if at < len(columns) else []
        guess = _by_header(header, book, taken) if header_at is not None else None
        guess = guess or _by_values(header, values, book.words, taken)
        taken.add(guess.field)
        guesses.append(replace(guess, samples=samples_of(guess.field, values)))
    signed = any(
        read < 0
        for guess, values in zip(guesses, columns, strict=False)
        if guess.field == "amount"
        for value in values
        if isinstance(read := read_fen(value, book.words), int)
    )
    return DraftFormat(
        id="draft",
        path=name,
        headerless=header_at is None,
        columns=tuple(guesses),
        notes=_lacking({each.field for each in guesses}, signed),
    )


def _lacking(fields: set[str], signed: bool) -> tuple[str, ...]:
    """What no column tells: without a direction only balances can, without an own account nothing does."""
    parties = {"payer", "payee"} <= fields
    told = {
        NO_TIME: fields & {"time", "date"},
        NO_AMOUNT: "amount" in fields or {"debit", "credit"} <= fields,
        NO_DIRECTION: parties or signed or "direction" in fields or {"debit", "credit"} <= fields,
        NO_OWN_ACCOUNT: parties or fields & {"own_card", "own_account", "own_party"},
    }
    return tuple(note for note, is_told in told.items() if not is_told)


def _by_header(text: str, book: FormatBook, taken: set[str]) -> DraftColumn | None:
    header = read_header(text, book.words)
    fields: dict[str, int] = {}
    for each in book.formats:
        rule = next((found for spelled in header.spellings if (found := each.headers.get(spelled))), None)
        if each.kind == "transactions" and rule:
            fields[rule.field] = fields.get(rule.field, 0) + 1
    for field in sorted(fields, key=lambda name: -fields[name]):
        if field not in taken or field == IGNORED:
            return DraftColumn(header=text, field=field, certainty=0.9, why="header")
    return None


def _by_values(header: str, values: Sequence[str], words: Words, taken: set[str]) -> DraftColumn:
    told = [value for value in values if key(value) not in words.nothing]
    for field, looks in _LOOKS.items():
        alike = next((group for group in _NUMBERED if field in group), (field,))
        free = next((name for name in alike if name not in taken), None)
        share = sum(looks(value, words) for value in told) / len(told) if told else 0.0
        if free is not None and share >= LIKELY:
            return DraftColumn(header=header, field=free, certainty=round(0.7 * share, 2), why="values")
    return DraftColumn(header=header, field=IGNORED, certainty=0.0, why="nothing")


def _is_time(text: str, words: Words) -> bool:
    return isinstance(read_time(text, words), tuple)


def _is_direction(text: str, words: Words) -> bool:
    return side_of(text, words) in (-1, 1)


def _is_account(text: str, words: Words) -> bool:
    digits = account.clean(text).replace("*", "")
    return digits.isdigit() and len(digits) >= 8 and "." not in text


def _is_amount(text: str, words: Words) -> bool:
    return isinstance(read_fen(text, words), int)


def _is_name(text: str, words: Words) -> bool:
    plain = tidy(text)
    return 2 <= len(plain) <= 30 and not any(each.isdigit() for each in plain)


def _is_id(text: str, words: Words) -> bool:
    return len(citizen_id.clean(squeeze(text))) == 18


_LOOKS: dict[str, Callable[[str, Words], bool]] = {
    "time": _is_time,
    "own_id": _is_id,
    "direction": _is_direction,
    "own_account": _is_account,
    "amount": _is_amount,
    "own_name": _is_name,
}
