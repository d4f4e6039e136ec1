"""All patterns of a case, kind by kind, by the typologies given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fanzha.tracing.patterns.cash_run import find_cash_runs
from fanzha.tracing.patterns.common_collector import OwnedMoney, find_common_collectors
from fanzha.tracing.patterns.cycle import find_cycles
from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.gather import find_gather
from fanzha.tracing.patterns.links import links_of
from fanzha.tracing.patterns.pass_through import find_pass_through
from fanzha.tracing.patterns.pattern import Pattern, PatternKind
from fanzha.tracing.patterns.relay import find_relays
from fanzha.tracing.patterns.scatter import find_scatter
from fanzha.tracing.patterns.scatter_gather import find_scatter_gather
from fanzha.tracing.patterns.shared_device import find_shared_devices
from fanzha.tracing.patterns.test_payment import find_test_payments
from fanzha.tracing.patterns.typologies import Typologies, Typology

Finder = Callable[[Dealings, Typology], tuple[Pattern, ...]]

FINDERS: Mapping[PatternKind, Finder] = {
    PatternKind.PASS_THROUGH: find_pass_through,
    PatternKind.SCATTER: find_scatter,
    PatternKind.GATHER: find_gather,
    PatternKind.SCATTER_GATHER: find_scatter_gather,
    PatternKind.CYCLE: find_cycles,
    PatternKind.RELAY: find_relays,
    PatternKind.TEST_PAYMENT: find_test_payments,
    PatternKind.CASH_RUN: find_cash_runs,
    PatternKind.SHARED_DEVICE: find_shared_devices,
}
"""What is found from the movements alone; a common collector needs to know whose money is meant."""

MOST_OF_A_KIND = 1_000
"""Findings of one kind that are told, most fen first."""

COMPARING = (PatternKind.CYCLE, PatternKind.RELAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """All findings by kind, within a kind most fen first.

    `cut`: accounts with more equal payments than are compared.
    """

    found: tuple[Pattern, ...] = ()
    cut: tuple[int, ...] = ()


def find_patterns(deals: Dealings, typologies: Typologies) -> Patterns:
    """Everything that the typologies name in a case, but for common collectors."""
    known = [each for kind in FINDERS for each in typologies if each.kind is kind]
    cut = {node for each in known if each.kind in COMPARING for node in links_of(deals, each).cut.tolist()}
    return Patterns(
        found=tuple(pattern for each in known for pattern in FINDERS[each.kind](deals, each)),
        cut=tuple(sorted(cut)),
    )


def foremost(found: Iterable[Pattern]) -> tuple[tuple[Pattern, ...], Mapping[str, int]]:
    """Findings that are told, and by kind how many are left out, being beyond `MOST_OF_A_KIND`."""
    by_kind = defaultdict[str, list[Pattern]](list)
    for pattern in found:
        by_kind[pattern.kind.value].append(pattern)
    told = tuple(pattern for some in by_kind.values() for pattern in some[:MOST_OF_A_KIND])
    return told, {kind: len(some) - MOST_OF_A_KIND for kind, some in by_kind.items() if len(some) > MOST_OF_A_KIND}


def find_collectors(deals: Dealings, typologies: Typologies, money: OwnedMoney) -> tuple[Pattern, ...]:
    """Where the money of several people came together."""
    known = [each for each in typologies if each.kind is PatternKind.COMMON_COLLECTOR]
    return tuple(pattern for each in known for pattern in find_common_collectors(deals, each, money))
