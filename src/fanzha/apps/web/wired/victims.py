"""Victims of a case, as the console shows and names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from fanzha.adapters.store.mentions import mark_victim
from fanzha.apps.web.views.shown import Masked
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.views.victims import Proposals, VictimLine
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import subject_of
from fanzha.apps.web.wired.movements import movement_line
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.starts import require_movements
from fanzha.wiring.victims import Victim, nodes_of, victims_among
from fanzha.workflows.trace_starts import paid_by_accounts

PROPOSED = 20
"""Payments that a case with nothing chosen proposes."""


class WiredVictims(HouseParts):
    """Whose payments are the victims'."""

    def victims(self, actor: Actor, ref: str) -> Sequence[VictimLine]:
        """Whom people named victims, in the order in which they did."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            return [_line(shown, each) for each in self._among(connection, case, shown)]

    def mark_victim(self, actor: Actor, ref: str, subject: str, reason: str) -> None:
        """Name as a victim whom the case tells of, by the key of an account, a document or a name."""
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            mark_victim(connection, case.id, subject_of(subject), reason, actor, self.house.now())

    def trace_proposals(self, actor: Actor, ref: str) -> Proposals:
        """What the victims paid, nothing where nobody is named one; `NotFound` where there is no money to follow."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            require_movements(connection, case, shown.ledger)
            victims = self._among(connection, case, shown)
        if not victims:
            return Proposals()
        paid = paid_by_accounts(shown.ledger, shown.flow, nodes_of(victims))
        amounts = shown.ledger.found.movements.amount_fen[paid]
        most = paid[np.argsort(-amounts, kind="stable")][:PROPOSED]
        return Proposals(
            victims=[_line(shown, each) for each in victims],
            payments=len(paid),
            fen=int(amounts.sum()),
            foremost=[movement_line(shown, int(number)) for number in most],
        )

    def with_victims(
        self, connection: Connection, case: Case, shown: ShownLedger, question: TraceQuestion
    ) -> TraceQuestion:
        """The question with the accounts that are the victims' now, where it asks for what they paid."""
        if question.way != "victims":
            return question
        nodes = nodes_of(self._among(connection, case, shown))
        primary = shown.ledger.found.accounts.primary
        return replace(question, victims=tuple(shown.key_of(primary[node]) for node in nodes))

    def _among(self, connection: Connection, case: Case, shown: ShownLedger) -> tuple[Victim, ...]:
        return victims_among(connection, self.house.keys, case, shown.owned)


def _line(shown: ShownLedger, each: Victim) -> VictimLine:
    accounts = [shown.account(node) for node in each.nodes]
    return VictimLine(
        who=Masked(each.link.masked, f"s{each.link.subject_id:016x}"),
        accounts=tuple(account for account in accounts if account is not None),
        reason=each.link.reason,
        at=each.link.at,
        by=each.link.actor_name,
        link=str(each.link.id),
    )
