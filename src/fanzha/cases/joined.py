"""Incidents of one case as their chase sees them: each payment once, under what people said of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fanzha.cases.incident import Incident, IncidentState, ToldPayment
from fanzha.kernel.ids import SubjectId

MOST_JOINED = 500
"""Incidents that are chased together; reaching it is said when one more is to be joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A payment of a case, and whose incidents tell of it, the first to do so first."""

    payment: ToldPayment
    of: tuple[UUID, ...]


def payments_of(incidents: Sequence[Incident]) -> tuple[Told, ...]:
    """Every payment that incidents of one case tell, each once: the same report twice is one payment.

    Two tellings are of one payment when account, fen and time are the same and nothing says that somebody else paid.
    """
    found: dict[object, list[tuple[Incident, ToldPayment, list[UUID]]]] = {}
    for incident in incidents:
        for payment in incident.payments:
            alike = found.setdefault(payment.what, [])
            same = next((each for each in alike if _one_payer(each[0], each[1], incident, payment)), None)
            if same is None:
                alike.append((incident, payment, [incident.id]))
            else:
                same[2].append(incident.id)
    return tuple(Told(payment=paid, of=tuple(of)) for alike in found.values() for _, paid, of in alike)


def as_one(incidents: Sequence[Incident]) -> Incident:
    """The first incident as it stands for all of them: what a person excluded or confirmed holds for each."""
    first = incidents[0]
    if len(incidents) == 1:
        return first
    excluded = _all(each.excluded for each in incidents)
    confirmed = _all(each.confirmed for each in incidents) - excluded
    named = {each.payee for one in incidents for each in one.payments}
    return replace(
        first,
        state=_state(incidents),
        payments=tuple(each.payment for each in payments_of(incidents)),
        excluded=excluded,
        confirmed=confirmed,
        mistaken=_all(each.mistaken for each in incidents) - named - confirmed,
        awaited={account: told for each in incidents for account, told in each.awaited.items()},
        balked={account: why for each in incidents for account, why in each.balked.items()},
    )


def _one_payer(one: Incident, paid: ToldPayment, other: Incident, again: ToldPayment) -> bool:
    """Whether nothing told says that two people paid."""
    payers, victims = {paid.payer, again.payer} - {None}, {one.victim, other.victim} - {None}
    return one.id == other.id or (len(payers) < 2 and len(victims) < 2)


def _state(incidents: Sequence[Incident]) -> IncidentState:
    """Closed once all are, halted once all that are not closed are."""
    alive = {each.state for each in incidents} - {IncidentState.CLOSED}
    if not alive:
        return IncidentState.CLOSED
    return IncidentState.OPEN if IncidentState.OPEN in alive else IncidentState.HALTED


def _all(sets: Iterable[frozenset[SubjectId]]) -> frozenset[SubjectId]:
    return frozenset().union(*sets)
