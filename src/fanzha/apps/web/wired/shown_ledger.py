"""A case's ledger with what pages need of it: keys for URLs, sums by account, facts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.apps.web.views.shown import AccountRef, Masked
from fanzha.apps.web.wired.latest import Latest
from fanzha.apps.web.wired.masks import masked_device, masked_subject, maybe_subject, source_mark
from fanzha.cases.subjects import SubjectKind
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.tracing.account_facts import (
    AccountFacts,
    FactLimits,
    MissingStatement,
    account_facts,
    missing_statements,
)
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.movements.movements import NO_ROW, UNKNOWN_NODE
from fanzha.tracing.shared_devices import SharedDevice, shared_devices
from fanzha.wiring.typologies import live_typologies
from fanzha.wiring.victims import accounts_of_subjects
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.case_patterns import CasePatterns, case_patterns

LIMITS = FactLimits()
ANSWERS_HELD = 12
"""Answers kept with a ledger: one question by every method, twice."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ShownLedger:
    """Everything here is computed once and then only read."""

    keys: Keys
    ledger: CaseLedger
    answers: Latest[Hashable, Any] = field(default_factory=lambda: Latest(ANSWERS_HELD))
    """What was reckoned from it for somebody who will turn the page, by what they asked: traces, pictures."""

    @cached_property
    def moving(self) -> NDArray[np.intp]:
        """Numbers of the movements that move money, in order of time."""
        return self.ledger.moving()

    @property
    def at_us(self) -> NDArray[np.int64]:
        """The time of every movement."""
        return self.ledger.at_us

    @cached_property
    def tellings(self) -> NDArray[np.int64]:
        """How many rows tell of each movement."""
        told = self.ledger.found.movement
        return np.bincount(told[told >= 0], minlength=len(self.ledger))

    @cached_property
    def sums(self) -> NDArray[np.int64]:
        """By account: in fen, out fen, rows of its own, first and last time (0 where it has no movement)."""
        m, some = self.ledger.found.movements, self.moving
        table = np.zeros((len(self.ledger.found.accounts), 5), np.int64)
        first = np.full(len(table), np.iinfo(np.int64).max, np.int64)
        for place, party in ((0, m.payee[some]), (1, m.payer[some])):
            known = party != UNKNOWN_NODE
            np.add.at(table[:, place], party[known], m.amount_fen[some][known])
            np.minimum.at(first, party[known], self.at_us[some][known])
            np.maximum.at(table[:, 4], party[known], self.at_us[some][known])
        own = self.ledger.found.own
        table[:, 2] = np.bincount(own[own >= 0], minlength=len(table))
        table[:, 3] = np.where(first == np.iinfo(np.int64).max, 0, first)
        return table

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Each account's place in the order of their numbers; the last element is the party nobody names."""
        numbers = self.ledger.found.accounts.primary
        placed = np.full(len(numbers) + 1, len(numbers), np.int64)
        placed[sorted(range(len(numbers)), key=numbers.__getitem__)] = np.arange(len(numbers))
        return placed

    @cached_property
    def nodes(self) -> dict[str, int]:
        """The node of every account by the opaque key of any of its identifiers."""
        known = self.ledger.found.accounts.identifiers
        return {self.key_of(text): node for node, texts in enumerate(known) for text in texts}

    @cached_property
    def owned(self) -> Mapping[SubjectId, tuple[int, ...]]:
        """The accounts of everybody whom rows tell of."""
        return accounts_of_subjects(self.keys, self.ledger)

    @property
    def flow(self) -> CaseFlow:
        """The case's money in the order in which it is followed."""
        return self.ledger.flow

    @cached_property
    def patterns(self) -> CasePatterns:
        """What is named over the whole case."""
        return case_patterns(self.ledger, self.flow, live_typologies())

    def key_of(self, identifier: str) -> str:
        """An account number as URLs carry it."""
        return f"{subject_id(self.keys, Identifier(SubjectKind.ACCOUNT, identifier)):016x}"

    def node(self, key: str) -> int:
        """The account of a key; `NotFound` when the case has none of it."""
        try:
            return self.nodes[key]
        except KeyError:
            raise NotFound("web.no_such_account") from None

    def account(self, node: int) -> AccountRef | None:
        """An account as a cell; None for a party nobody names."""
        if node == UNKNOWN_NODE:
            return None
        accounts = self.ledger.found.accounts
        primary = accounts.primary[node]
        return AccountRef(
            key=self.key_of(primary),
            number=masked_subject(self.keys, SubjectKind.ACCOUNT, primary),
            name=maybe_subject(self.keys, SubjectKind.NAME, self.ledger.name(node)),
            has_statement=bool(accounts.has_statement[node]),
        )

    def device(self, kind: str, value: str, row: int) -> Masked:
        """A terminal or address, masked; its ref names the row that tells it."""
        place = self.ledger.place(row)
        return Masked(masked_device(value), f"v{source_mark(place.source.key)}-{place.row}-{kind}")

    def facts_of(self, node: int) -> AccountFacts | None:
        """The facts of one account; None without a statement of its own."""
        found = account_facts(self.ledger.rows, self.ledger.found, LIMITS, range(node, node + 1))
        return found[0] if found else None

    @cached_property
    def devices(self) -> tuple[SharedDevice, ...]:
        """Devices shared between accounts."""
        return shared_devices(self.ledger.rows, self.ledger.found, LIMITS)

    @cached_property
    def missing(self) -> tuple[MissingStatement, ...]:
        """Accounts whose statements the case does not have."""
        return missing_statements(self.ledger.rows, self.ledger.found, LIMITS)

    @cached_property
    def sources(self) -> dict[str, int]:
        """Which of the rows' sources a URL's mark means."""
        return {source_mark(each.key): number for number, each in enumerate(self.ledger.rows.sources)}

    def row_at(self, mark: str, row: int) -> int:
        """The index of a row by its source's mark and its place there; `NotFound` when it does not count (any more)."""
        number = self.sources.get(mark, NO_ROW)
        rows = self.ledger.rows
        low, high = np.searchsorted(rows.source, (number, number + 1)) if number != NO_ROW else (0, 0)
        at = int(low + np.searchsorted(rows.row[low:high], row))
        if at >= high or rows.row[at] != row:
            raise NotFound("ledger.no_such_row", row=row)
        return at
