"""Which case an incident is chased in, and which others are chased with it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of, joined_cases, locked_home
from fanzha.adapters.store.first_rounds import locked_cases_of
from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents, incidents_apart
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident
from fanzha.cases.joined import MOST_JOINED
from fanzha.kernel.ids import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """The incident that was asked for, the case in which it is chased, all cases joined there, and their incidents."""

    asked: Incident
    case: Case
    cases: Sequence[CaseId]
    together: Sequence[Incident]


def chased(connection: Connection, number: str) -> Chased:
    """What is chased with an incident, in whichever case that is now."""
    asked = incident_numbered(connection, number)
    case = case_of(connection, asked.stands_in)
    cases = joined_cases(connection, case.id)
    return Chased(asked=asked, case=case, cases=cases, together=incidents_of(connection, cases))


def locked(connection: Connection, number: str) -> Chased:
    """The same for whoever is alone on the case until the transaction ends: what is chased in it stays so.

    `Unavailable` where somebody else is and stays so; the transaction may go on.
    """
    while True:
        case = locked_home(connection, number)
        cases = joined_cases(connection, case.id)
        together = incidents_of(connection, cases)
        asked = next((each for each in together if each.number == number), None)
        if asked is not None and asked.stands_in == case.id:
            return Chased(asked=asked, case=case, cases=cases, together=together)


def free_ones(connection: Connection, ids: Sequence[UUID]) -> list[Chased]:
    """Those of these incidents that are chased alone, each in its own case, and in whose case nobody else is now; the
    cases are locked until the transaction ends."""
    cases = locked_cases_of(connection, ids)
    there: dict[CaseId, list[Incident]] = defaultdict(list)
    for each in incidents_apart(connection, cases):
        there[each.case_id].append(each)
    by_id = {one.id: one for (one,) in (some for some in there.values() if len(some) == 1)}
    return [
        Chased(asked=each, case=cases[each.case_id], cases=[each.case_id], together=[each])
        for each in (by_id[one] for one in ids if one in by_id)
        if each.stands_in == each.case_id
    ]


def incidents_of(connection: Connection, cases: Sequence[CaseId]) -> list[Incident]:
    """The incidents of joined cases, first taken first."""
    return incidents(connection, IncidentQuery(case_ids=tuple(cases), limit=MOST_JOINED))[::-1]
