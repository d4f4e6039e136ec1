"""Patterns as the command line tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from fanzha.adapters.documents.report_words import moment
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.output import Format, give
from fanzha.i18n import text
from fanzha.kernel.identifiers import account
from fanzha.workflows.case_patterns import CasePatterns, NamedPattern

PATTERN = (
    "id", "kind", "typology", "version", "account", "accounts", "moved_fen", "first_at", "last_at", "first_precision",
    "last_precision", "numbers", "conclusive", "clue_kind", "clue", "movements", "said",
)  # fmt: skip
PATTERN_IN_TABLE = ("pattern", "account", "moved_fen", "first_at", "said")


def pattern_row(each: NamedPattern, hidden: bool) -> Mapping[str, object]:
    """One pattern; `account` is the one that it is about, the first of its first role."""
    roles = {role: [account.mask(one) if hidden else one for one in some] for role, some in each.accounts.items()}
    return {
        "id": each.id,
        "kind": each.kind,
        "typology": each.typology,
        "version": each.version,
        "account": next(iter(next(iter(roles.values()), [])), None),
        "accounts": roles,
        "moved_fen": each.fen,
        "first_at": each.first_at,
        "last_at": each.last_at,
        "first_precision": each.first_precision,
        "last_precision": each.last_precision,
        "numbers": dict(each.numbers),
        "conclusive": each.is_conclusive,
        "clue_kind": each.clue_kind or None,
        "clue": None if hidden else each.clue or None,
        "movements": list(each.movements),
        "said": each.said(chosen()),
    }


def give_patterns(found: Iterable[NamedPattern], hidden: bool, form: Format, to: TextIO | None = None) -> None:
    """Write patterns in the asked form."""
    rows = (pattern_row(each, hidden) for each in found)
    if form is Format.TABLE:
        give(map(_spoken, rows), PATTERN_IN_TABLE, form, to)
    else:
        give(rows, PATTERN, form, to)


def case_patterns_lines(ref: str, found: CasePatterns, hidden: bool) -> dict[str, object]:
    """The patterns of a whole case as JSON."""
    return {
        "case": ref,
        "victims_accounts": found.victims,
        "patterns": [pattern_row(each, hidden) for each in found.named()],
        "cut_accounts": [account.mask(each) if hidden else each for each in found.cut_accounts()],
        "left_out": dict(found.left_out),
        "typologies": {each.id: each.version for each in found.typologies},
    }


def _spoken(row: Mapping[str, Any]) -> Mapping[str, object]:
    """A pattern as a person reads it."""
    first_at = moment(row["first_at"], row["first_precision"])
    return {**row, "pattern": text(chosen(), f"words.pattern.{row['kind']}"), "first_at": first_at}
