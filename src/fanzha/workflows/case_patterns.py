"""The patterns of a case in the words of its files: accounts in their roles, movements with their evidence, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

import numpy as np

from fanzha.i18n import Language, text
from fanzha.i18n.measures import measures
from fanzha.kernel.clock import from_seconds
from fanzha.kernel.errors import NotFound
from fanzha.records.statements.rows import Precision
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import NO_MOVEMENT, UNKNOWN_NODE, UNKNOWN_US
from fanzha.tracing.patterns.common_collector import OwnedMoney, paid_by
from fanzha.tracing.patterns.dealings import SECOND_US, Dealings, dealings
from fanzha.tracing.patterns.find import find_collectors, find_patterns, foremost
from fanzha.tracing.patterns.pattern import Pattern, PatternKind
from fanzha.tracing.patterns.typologies import Typologies
from fanzha.workflows.case_ledger import CaseLedger, ToldMovement, movement_id

HANDED_ON = (PatternKind.SCATTER_GATHER, PatternKind.CYCLE, PatternKind.RELAY)
"""Patterns of several accounts in which none stands out."""

PASSED_ON = (*HANDED_ON, PatternKind.PASS_THROUGH, PatternKind.SCATTER, PatternKind.GATHER)
"""Patterns of money that came to an account and went on from it."""

STARTERS = "starters"
"""The role of who made a starting payment: perhaps a victim, perhaps another mule."""


ALL_BP = 10_000
"""The whole, in parts of ten thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPattern:
    """An observation: what kind, by which version of which typology, who took part as what, and what was measured.

    `id` depends on what was found alone; `accounts` are primary identifiers by role, the one that it is about first;
    `movements` are ids in the order in which money moved; `numbers` as in `Pattern`; `first_precision`,
    `last_precision`: how exactly files tell these times, `day`, `minute` or `second`, and `is_by_day`: of one of the
    movements a bank tells only the day; `is_conclusive` is false where what an account held before its first row is
    not known.
    """

    id: str
    kind: str
    typology: str
    version: int
    accounts: Mapping[str, tuple[str, ...]]
    movements: tuple[str, ...]
    fen: int
    first_at: datetime
    last_at: datetime
    first_precision: str
    last_precision: str
    is_by_day: bool
    numbers: Mapping[str, int]
    is_conclusive: bool
    clue: str
    clue_kind: str
    found: Pattern

    @property
    def about(self) -> tuple[str, ...]:
        """The accounts that it is about: whose first role it is, and where money is handed on everybody's."""
        some = self.accounts.values() if self.kind in HANDED_ON else [next(iter(self.accounts.values()))]
        return tuple(dict.fromkeys(each for accounts in some for each in accounts))

    def title(self, language: Language) -> str:
        """What its kind is called."""
        return text(language, f"words.pattern.{self.kind}")

    def cast(self, language: Language) -> dict[str, tuple[str, ...]]:
        """The accounts by their role in words."""
        return {text(language, f"words.pattern_role.{role}"): some for role, some in self.accounts.items()}

    def said(self, language: Language) -> str:
        """What was seen, with its numbers, in one sentence; masked or not, it names nobody."""
        says = f"{self.kind}_of_{STARTERS}" if STARTERS in self.accounts else self.kind
        fields = measures(language, {**self.numbers, "fen": self.fen}, is_by_day=self.is_by_day)
        few_bp = self.numbers.get("few_bp", ALL_BP)  # of a few who are all there are it says nothing
        few = "" if few_bp == ALL_BP else text(language, f"words.pattern_few.{self.kind}", few_bp=fields["few_bp"])
        return text(language, f"words.pattern_says.{says}", **fields, few=few)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CasePatterns:
    """What was found in a case, or of it in a trace.

    `everything`: kind by kind, most fen first; `cut`: accounts with more equal payments than were compared;
    `victims`: how many accounts were taken for victims', without which no collector is looked for over a whole case.
    """

    ledger: CaseLedger
    deals: Dealings
    everything: tuple[Pattern, ...]
    cut: tuple[int, ...]
    typologies: Typologies
    victims: int = 0

    @property
    def found(self) -> tuple[Pattern, ...]:
        """The findings that are told: of each kind those that moved most."""
        return foremost(self.everything)[0]

    @property
    def left_out(self) -> Mapping[str, int]:
        """By kind how many findings are not told."""
        return foremost(self.everything)[1]

    def named(self) -> list[NamedPattern]:
        """Every finding that is told, kind by kind, most fen first."""
        return [named(self.ledger, each) for each in self.found]

    def traced(self, trace: Trace) -> CasePatterns:
        """The findings in which traced money took part, and where that of several starts' payers came together.

        Backward that is money which went on to the starting payment: what its payee did with it is another question.
        """
        carried = set(self.deals.number[trace.hops.transfer].tolist())
        is_backward = trace.question.direction is Direction.BACKWARD
        took_part = self._led_on if is_backward else self._carried
        found = [each for each in self.everything if took_part(each, carried)]
        if trace.question.direction is Direction.FORWARD and trace.question.starts:
            found += find_collectors(self.deals, self.typologies, _starters_money(self.deals, trace))
        moves, some = self.ledger.found.movements, sorted(carried - {NO_MOVEMENT})
        parties = {*moves.payer[some].tolist(), *moves.payee[some].tolist()}
        return replace(self, everything=tuple(found), cut=tuple(node for node in self.cut if node in parties))

    def _carried(self, pattern: Pattern, carried: set[int]) -> bool:
        return not carried.isdisjoint(pattern.movements)

    def _led_on(self, pattern: Pattern, carried: set[int]) -> bool:
        """Whether carried money came and went on by the pattern; of the other kinds, whether it took part."""
        if pattern.kind not in PASSED_ON:
            return self._carried(pattern, carried)
        moves, some = self.ledger.found.movements, sorted(carried.intersection(pattern.movements))
        passed = set(moves.payee[some].tolist()) & set(moves.payer[some].tolist())
        return bool(passed - {UNKNOWN_NODE})

    def cut_accounts(self) -> list[str]:
        """The accounts not read to their end."""
        return [self.ledger.found.accounts.primary[node] for node in self.cut]


def case_patterns(
    ledger: CaseLedger, flow: CaseFlow, typologies: Typologies, victims: tuple[str, ...] = ()
) -> CasePatterns:
    """Everything that the typologies name in a whole case; `victims` are accounts, for the collectors they share.

    `NotFound` for a victim's account that the case does not have.
    """
    deals = dealings(ledger.rows, ledger.found, flow)
    everything = find_patterns(deals, typologies)
    nodes = [_node(ledger, each) for each in victims]
    collectors = find_collectors(deals, typologies, paid_by(deals, np.array(nodes, np.int64))) if nodes else ()
    return CasePatterns(
        ledger=ledger,
        deals=deals,
        everything=everything.found + collectors,
        cut=everything.cut,
        typologies=typologies,
        victims=len(nodes),
    )


def _node(ledger: CaseLedger, account: str) -> int:
    node = ledger.found.accounts.find(account)
    if node == UNKNOWN_NODE:
        raise NotFound("trace.no_such_account")
    return node


def _starters_money(deals: Dealings, trace: Trace) -> OwnedMoney:
    """Who made the starting payment of each hop, and what of it the hop carried; nobody has named them victims."""
    hops = trace.hops
    owner = deals.payer[list(trace.question.starts)][hops.label].astype(np.int64)
    some = (hops.kind == HopKind.FOLLOWED) & (owner >= 0)
    return OwnedMoney(dealing=hops.transfer[some], owner=owner[some], fen=hops.fen[some], role=STARTERS)


def named(ledger: CaseLedger, found: Pattern) -> NamedPattern:
    """A finding in the case's own words."""
    accounts, moves = ledger.found.accounts, ledger.found.movements
    movements = tuple(movement_id(int(moves.id[number])) for number in found.movements)
    exact = _exactness(ledger, found.movements)
    roles = {role: tuple(accounts.primary[node] for node in nodes) for role, nodes in found.roles.items()}
    return NamedPattern(
        id=_digest(found, movements),
        kind=found.kind.value,
        typology=found.typology,
        version=found.version,
        accounts=roles,
        movements=movements,
        fen=found.fen,
        first_at=from_seconds(found.first_s),
        last_at=from_seconds(found.last_s),
        first_precision=_precision(exact, found.first_s),
        last_precision=_precision(exact, found.last_s),
        is_by_day=Precision.DAY in exact.values(),
        numbers=found.numbers,
        is_conclusive=found.is_conclusive,
        clue=found.clue,
        clue_kind=found.clue_kind,
        found=found,
    )


def _exactness(ledger: CaseLedger, numbers: Sequence[int]) -> dict[int, int]:
    """By second told by a bank of one of these movements, how exactly: of several tellings the least."""
    moves, some = ledger.found.movements, np.array(numbers, np.int64)
    untold = (moves.payer_at_us == UNKNOWN_US) & (moves.payee_at_us == UNKNOWN_US)
    told: list[tuple[int, int]] = []
    for at_us, precision in (
        (moves.payer_at_us, moves.payer_precision),
        (moves.payee_at_us, moves.payee_precision),
        (np.where(untold, ledger.at_us, UNKNOWN_US), ledger.rows.precision[moves.evidence[:, 0]]),
    ):
        known = some[at_us[some] != UNKNOWN_US]
        told += zip((at_us[known] // SECOND_US).tolist(), precision[known].tolist(), strict=True)
    return dict(sorted(told, key=lambda each: -each[1]))


def _precision(exact: Mapping[int, int], at_s: int) -> str:
    """How exactly one of its times is told; a time that stands only by its place in a ledger is told by its day."""
    return Precision(exact.get(at_s, Precision.DAY)).name.lower()


def proof(ledger: CaseLedger, pattern: NamedPattern) -> Iterator[ToldMovement]:
    """The movements that prove a pattern, each with all its evidence."""
    return ledger.all_told(pattern.found.movements)


def _digest(found: Pattern, movements: tuple[str, ...]) -> str:
    """An id without accounts and devices, which whoever sees a masked file could try until it fits."""
    told = "|".join((found.kind, found.typology, found.clue_kind, *movements))
    return blake2b(told.encode(), digest_size=8).hexdigest()
