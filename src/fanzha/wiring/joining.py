"""Incidents joined into one case (并案): their cases keep their ids and orders, and are chased as one from then on."""

from __future__ import annotations

from collections.abc import Sequence

from fanzha.adapters.store.cases import case_for_change, case_of, join_case, joined_cases
from fanzha.adapters.store.incidents import incident_numbered, keep_incident_entries
from fanzha.adapters.store.mentions import carry_over
from fanzha.adapters.store.roles import require
from fanzha.cases.case import ENDED, Case, CaseState, text_of_person
from fanzha.cases.incident import REASON_CHARACTERS, Incident, IncidentEntry, IncidentEntryKind
from fanzha.cases.joined import MOST_JOINED
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.ids import CaseId
from fanzha.wiring.chase_cases import incidents_of
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import NEXT_WORK, wish_chase


def join_incidents(desk: Desk, into: str, numbers: Sequence[str], reason: str) -> Incident:
    """Let these incidents be chased in the case of `into`: one chase, one ledger, each payment and order counted once.

    Orders, papers and clocks stay where they are; an incident's authority goes on for that incident's money only.
    All of them are joined or none; who joined what and why stands in the history of every case and incident.
    """
    require(desk.actor, "orders.draft")
    why = text_of_person(reason, REASON_CHARACTERS)
    lead = incident_numbered(desk.connection, into)
    found = [incident_numbered(desk.connection, each) for each in dict.fromkeys(numbers)]
    home = case_of(desk.connection, lead.stands_in)
    cases = [each for each in dict.fromkeys(one.stands_in for one in found) if each != home.id]
    if not cases:
        raise Invalid("incidents.nothing_to_join")
    for each in sorted([*cases, home.id]):  # in one order, so that two who join never wait for each other
        case_for_change(desk.connection, each, desk.actor)
    for each in cases:
        _join(desk, home, each, why)
    lead = incident_numbered(desk.connection, into)
    wish_chase(desk.connection, lead, f"joined{len(joined_cases(desk.connection, home.id))}", desk.now, NEXT_WORK)
    return lead


def _join(desk: Desk, home: Case, case_id: CaseId, why: str) -> None:
    """One case and all that were joined to it, with their incidents."""
    _require_joinable(desk, home, case_of(desk.connection, case_id))
    for each in joined_cases(desk.connection, case_id):
        case = case_of(desk.connection, each)
        join_case(desk.connection, case, home, why, desk.actor, desk.now)
        carry_over(desk.connection, case.id, home, why, desk.actor, desk.now)
        for incident in incidents_of(desk.connection, [case.id]):
            entry = IncidentEntry(
                kind=IncidentEntryKind.JOINED,
                at=desk.now,
                by_id=desk.actor.user_id,
                by_name=desk.actor.name,
                value=str(home.id),
            )
            keep_incident_entries(desk.connection, incident, [entry], desk.actor, desk.now)
    if len(incidents_of(desk.connection, joined_cases(desk.connection, home.id))) >= MOST_JOINED:
        raise Illegal("incidents.too_many_joined", most=MOST_JOINED)


def _require_joinable(desk: Desk, home: Case, case: Case) -> None:
    """`Illegal` across units, into a case that has ended, and of a filed case into one that is not."""
    if case.unit_path != home.unit_path:
        raise Illegal("incidents.join_other_unit", unit=case.unit_path)
    if home.state in ENDED:
        raise Illegal("incidents.join_ended", ref=home.ref)
    if case.state is CaseState.FILED and home.state is not CaseState.FILED:
        raise Illegal("incidents.join_filed", ref=case.ref)
