"""Small stories of money as dealings, for tests of patterns."""

from __future__ import annotations

from collections.abc import Sequence

from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.movements.movements import PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.tracing.patterns.dealings import Dealings, dealings
from fanzha.tracing.patterns.pattern import PatternKind
from fanzha.tracing.patterns.typologies import Typology
from fanzha.wiring.typologies import live_typologies
from tests.tracing.movements.telling import Told, rows_of

MINUTE = 60
HOUR = 3_600
DAY = 86_400
YUAN = 100


def card(number: int) -> str:
    """A card of the range 999999, which no bank has."""
    return f"999999{number:013d}"


def dealt(told: Sequence[Told]) -> tuple[Dealings, Reconciliation]:
    """The dealings that rows tell, beside what they were reconciled into."""
    rows = rows_of(told)
    found = reconcile(rows, (), PairingLimits())
    return dealings(rows, found, case_flow(rows, found)), found


def live(kind: PatternKind) -> Typology:
    """The typology that is live for a kind."""
    (one,) = (each for each in live_typologies() if each.kind is kind)
    return one
