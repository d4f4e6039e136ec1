"""A made-up pattern about an account."""

from __future__ import annotations

from datetime import UTC, datetime

from fanzha.tracing.patterns.pattern import Pattern, PatternKind
from fanzha.workflows.case_patterns import NamedPattern


def named_pattern(account: str) -> NamedPattern:
    """Three payments in of which most left within minutes."""
    found = Pattern(
        kind=PatternKind.PASS_THROUGH,
        typology="pass_through",
        version=1,
        roles={"account": (0,)},
        movements=tuple(range(30)),
        fen=48_700_000,
        first_s=1_772_676_000,
        last_s=1_772_679_000,
        numbers={"arrivals": 3, "departures": 27, "passed_bp": 9_740, "dwell_s": 289},
    )
    return NamedPattern(
        id="0123456789abcdef",
        kind=found.kind.value,
        typology=found.typology,
        version=found.version,
        accounts={"account": (account,)},
        movements=tuple(f"{number:016x}" for number in found.movements),
        fen=found.fen,
        first_at=datetime.fromtimestamp(found.first_s, UTC),
        last_at=datetime.fromtimestamp(found.last_s, UTC),
        first_precision="second",
        last_precision="second",
        is_by_day=False,
        numbers=found.numbers,
        is_conclusive=False,
        clue="",
        clue_kind="",
        found=found,
    )
