"""What the design paper's own calibration holds of an incident: each account known one query after its payer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanzha.simulation.institutions.accounts import Payment
from fanzha.simulation.laundering import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a centre and its banks are: the time of every stop, and of every question."""

    stop: timedelta
    query: timedelta


TARGET = Pace(stop=timedelta(seconds=42), query=timedelta(seconds=90))
"""The product target's row of `domain.md` 5.3, after two minutes of intake."""


def held_by_paper(case: Incident, known_at: datetime, pace: Pace = TARGET) -> int:
    """The fen held when the first account is known at `known_at` and no answer is ever later than the pace.

    The algorithm of `domain.md` 5.3: a stop in time holds all of an account, one too late what was left behind.
    """
    paid: dict[str, list[Payment]] = defaultdict(list)
    for payments in case.payments.values():
        for each in payments:
            paid[each.payer_number].append(each)
    (first,) = paid[case.victim.number]
    held, waiting = 0, [(first.payee_number, first.amount_fen, known_at)]
    while waiting:
        number, fen, at = waiting.pop()
        out = paid.get(number or "", [])
        if not out or at + pace.stop <= min(each.at for each in out):
            held += fen if number else 0
            continue
        held += fen - sum(each.amount_fen for each in out)
        waiting += [(each.payee_number, each.amount_fen, max(at + pace.query, each.at)) for each in out]
    return held
