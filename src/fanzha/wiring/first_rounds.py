"""First rounds of reports: however many wait, they are one transaction that reads once and writes once.

Nothing is known of such a case but what its report told, so that a round needs no reading of its own. What leaves, what
it uses up and what is written of it is what rounds one after the other would do: each counts what those before it used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.authorities import lock_shifts
from fanzha.adapters.store.first_rounds import locked_cases_of, untouched
from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.subjects import identifiers_of
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.wishes import Due, take_back_due
from fanzha.adapters.store.work import Work
from fanzha.cases.incident import Incident, IncidentState
from fanzha.orders.authority import Use
from fanzha.tracing.follow.case_flow import CaseFlow, case_flow
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.chase import SAME_ROUND, chase_round, let_leave
from fanzha.wiring.chase_scene import CaseRead, Chased, Look, Scene, looked, named_in
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK
from fanzha.wiring.ledgers import empty_ledger
from fanzha.workflows.chase_funds import ChaseMove, Standing

AT_ONCE = 20
"""First rounds in one transaction: the last report of them waits for nothing that the first does not need too."""


def do_first_rounds(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """The rounds of all these reports; one in whose case something is already is a round as any other."""
    desk = Desk(house=house, connection=connection, actor=worker(rows[0].unit_path))
    named = {UUID(str(each.payload["incident"])): each for each in rows}
    fresh = _fresh(desk, named)
    standing = _standing(desk, [each.asked for each in fresh])
    own = {each.authority.incident_id for each in standing}
    fresh = [each for each in fresh if each.asked.id not in own]
    told = dict(zip((each.asked.id for each in fresh), _rounds(desk, fresh, standing), strict=True))
    return {
        row.id: Done(progress=told[one] if one in told else chase_round(connection, house, str(row.payload["number"])))
        for one, row in named.items()
    }


FIRST_ROUNDS = Batch(do=do_first_rounds, limit=AT_ONCE)


def _fresh(desk: Desk, named: Mapping[UUID, Work]) -> list[Chased]:
    """The chases of which nothing is known but the report, in the order in which they wait; their cases are locked."""
    cases = locked_cases_of(desk.connection, named)
    there = {each.id: each for each in incidents(desk.connection, IncidentQuery(ids=tuple(named), limit=len(named)))}
    empty = untouched(desk.connection, cases)
    return [
        Chased(asked=each, case=cases[each.case_id], cases=[each.case_id], together=[each])
        for each in (there[one] for one in named if one in there)
        if each.case_id in empty and each.stands_in == each.case_id and each.state is not IncidentState.CLOSED
    ]


def _standing(desk: Desk, reported: Sequence[Incident]) -> list[Standing]:
    """The authorities that may cover first stops; until the transaction ends nobody else uses those of shifts."""
    if not reported:
        return []
    with desk.as_house() as as_house:
        lock_shifts(as_house, reported[0].unit_path, desk.now)
    return standing_for(desk, reported)


def _rounds(desk: Desk, fresh: Sequence[Chased], standing: Sequence[Standing]) -> list[Mapping[str, object]]:
    if not fresh:
        return []
    # What caused these rows is committed, so that these rounds see it: they need none of their own.
    due = Due(kind=CHASE_WORK, prefixes=[f"{each.asked.id}:" for each in fresh], by=desk.now)
    take_back_due(desk.connection, due, SAME_ROUND, desk.house.wall.now())
    return let_leave(desk, list(_scenes(desk, fresh, standing)))


def _scenes(desk: Desk, fresh: Sequence[Chased], standing: Sequence[Standing]) -> Iterator[Scene]:
    """What each report leads to, as the uses of those before it leave the authorities."""
    reported = [each.asked for each in fresh]
    read = CaseRead(
        ledger=empty_ledger(),
        flow=_empty_flow(),
        orders=(),
        heard={},
        clear=identifiers_of(desk.connection, desk.house.keys, named_in(reported, {})),
        registered=every_institution(desk.connection),
    )
    for each in fresh:
        look: Look = looked(desk, each, read)
        moves = look.allowed(standing)
        yield look.scene(standing, moves)
        standing = [_after(one, moves) for one in standing]


def _after(standing: Standing, moves: Sequence[ChaseMove]) -> Standing:
    """The authority with what these moves use up of it."""
    used = standing.used
    for each in moves:
        if each.authority_id == standing.authority.id:
            used = used.after(Use(kind=each.kind, account=each.account.subject, traceable_fen=each.traceable_fen))
    return replace(standing, used=used)


@cache
def _empty_flow() -> CaseFlow:
    ledger = empty_ledger()
    return case_flow(ledger.rows, ledger.found)


def rehearse_first_rounds() -> None:
    """Load what the first report of a house would wait for."""
    _empty_flow()
