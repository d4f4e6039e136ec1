"""Rounds that follow what institutions told: those that wait together are one transaction that reads and writes once.

Cases are locked in the order of their ids and none that somebody else has is waited for; authorities come after cases,
so that no two transactions of rounds ever wait for each other crosswise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Work
from fanzha.wiring.batches import Apart, Batch, Done, Outcome
from fanzha.wiring.chase import alive, chase_rounds, do_chases
from fanzha.wiring.chase_cases import free_ones
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import REPORT_WORK

ROUNDS_AT_ONCE = 4
"""Causes taken at once: what is more urgent waits for no more rounds than these."""
NEXT_AT_ONCE = 6
"""The same of rounds by which the next layer's stops leave: as many as 16 answers lead to, so that neither answers nor
these rounds are done at the other's cost."""


def do_rounds(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """A round of each incident that rows of one unit name; one that is chased with others, whose chase is over, or on
    whose case somebody else is now, has its own by itself once these are done."""
    named: dict[UUID, list[Work]] = defaultdict(list)
    for each in rows:
        named[UUID(str(each.payload["incident"]))].append(each)
    desk = Desk(house=house, connection=connection, actor=worker(rows[0].unit_path))
    may = [one for one, some in named.items() if all(each.kind != REPORT_WORK for each in some)]
    free = [each for each in free_ones(connection, may) if alive(each)]
    told = {each.asked.id: told for each, told in zip(free, chase_rounds(desk, free), strict=True)} if free else {}
    return {
        row.id: Done(progress=told[one]) if one in told else Apart(do=do_chases)
        for one, some in named.items()
        for row in some
    }


def _unit_of(row: Work) -> str:
    return row.unit_path


CHASES = Batch(do=do_rounds, limit=ROUNDS_AT_ONCE, apart=_unit_of)
NEXT_LAYERS = replace(CHASES, limit=NEXT_AT_ONCE)
