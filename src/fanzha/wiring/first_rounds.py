"""First rounds of reports: however many wait, they are one transaction that reads once and writes once.

Nothing is known of such a case but what its report told, so that a round needs no reading of its own. What leaves, what
it uses up and what is written of it is what rounds one after the other would do: each counts what those before it used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.authorities import lock_shifts
from fanzha.adapters.store.first_rounds import untouched
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.subjects import identifiers_of
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Work
from fanzha.cases.incident import Incident
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.batches import Apart, Batch, Done, Outcome
from fanzha.wiring.chase import Leaving, alive, do_chases, foresee, leaving_of, let_leave, take_back, use_of
from fanzha.wiring.chase_cases import Chased, free_ones
from fanzha.wiring.chase_look import CaseRead, looked, named_in
from fanzha.wiring.chase_scene import decided
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import empty_ledger
from fanzha.workflows.chase_funds import Standing

AT_ONCE = 20
"""First rounds in one transaction: the last report of them waits for nothing that the first does not need too."""


def do_first_rounds(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """The rounds of all these reports of one unit; one in whose case something is already, or which somebody else has
    now, is a round as any other, by itself once these have left."""
    desk = Desk(house=house, connection=connection, actor=worker(rows[0].unit_path))
    named = {UUID(str(each.payload["incident"])): each for each in rows}
    fresh = _fresh(desk, named)
    take_back(desk, fresh)
    standing = _standing(desk, [each.asked for each in fresh])
    own = {each.authority.incident_id for each in standing} - {None}
    fresh = [each for each in fresh if each.asked.id not in own]
    told = dict(zip((each.asked.id for each in fresh), _rounds(desk, fresh, standing), strict=True))
    return {row.id: Done(progress=told[one]) if one in told else Apart(do=do_chases) for one, row in named.items()}


def _unit_of(row: Work) -> str:
    return row.unit_path


FIRST_ROUNDS = Batch(do=do_first_rounds, limit=AT_ONCE, apart=_unit_of)
"""A transaction a unit: cases come before authorities, and those of another unit would come after this one's."""


def _fresh(desk: Desk, named: Mapping[UUID, Work]) -> list[Chased]:
    """The chases of which nothing is known but the report, in the order in which they wait; their cases are locked."""
    free = free_ones(desk.connection, list(named))
    empty = untouched(desk.connection, [each.case.id for each in free])
    return [each for each in free if each.case.id in empty and alive(each)]


def _standing(desk: Desk, reported: Sequence[Incident]) -> list[Standing]:
    """The incidents' own authorities, and those of shifts that nobody else uses until the transaction ends.

    One of a shift that was put forward and signed since the locks were taken is used by the next round.
    """
    if not reported:
        return []
    with desk.as_house() as as_house:
        mine = lock_shifts(as_house, desk.actor.scope, desk.now)
    found = standing_for(desk, reported)
    return [each for each in found if each.authority.incident_id is not None or each.authority.id in mine]


def _rounds(desk: Desk, fresh: Sequence[Chased], standing: Sequence[Standing]) -> list[Mapping[str, object]]:
    if not fresh:
        return []
    return let_leave(desk, list(_leaving(desk, fresh, standing)))


def _leaving(desk: Desk, fresh: Sequence[Chased], standing: Sequence[Standing]) -> Iterator[Leaving]:
    """What leaves of each report, as what left of those before it uses up the authorities."""
    reported = [each.asked for each in fresh]
    read = CaseRead(
        ledger=empty_ledger(),
        flow=empty_ledger().flow,
        orders=(),
        heard={},
        clear=identifiers_of(desk.connection, desk.house.keys, named_in(reported, {})),
        registered=every_institution(desk.connection),
    )
    looks = [looked(desk, each, read) for each in fresh]
    foresee(desk, looks, {account for each in looks for account in each.facts})
    for look in looks:
        leaving = leaving_of(desk, decided(look, standing))
        yield leaving
        standing = [_after(one, leaving) for one in standing]


def _after(standing: Standing, leaving: Leaving) -> Standing:
    """The authority with what really leaves under it: what could not be made uses up nothing."""
    used = standing.used
    for move, authority, _ in leaving.orders:
        if authority.id == standing.authority.id:
            used = used.after(use_of(move))
    return replace(standing, used=used)


def rehearse_first_rounds() -> None:
    """Load what the first report of a house would wait for."""
    empty_ledger().flow.unseen()
