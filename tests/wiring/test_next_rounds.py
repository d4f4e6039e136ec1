"""Rounds that wait together are one transaction and come to exactly what they would alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.orders import counted
from fanzha.adapters.store.work import Work
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident
from fanzha.kernel.clock import SetClock
from fanzha.orders.authority import Authority
from fanzha.wiring import chase
from fanzha.wiring.batches import Batch, Outcome, do_due_batch
from fanzha.wiring.chase import do_chases
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NEXT_WORK, close_incident, halt, wish_chase
from fanzha.wiring.joining import join_incidents
from fanzha.wiring.next_rounds import NEXT_LAYERS, do_rounds
from tests.wiring.orders import Staffed, staffed
from tests.wiring.test_first_rounds import found, taken
from tests.wiring.test_rounds_give_way import held, in_time, own_authority, stops

ALONE = Batch(do=do_chases, limit=20, apart=lambda row: str(row.payload["number"]))
TOGETHER = Batch(do=do_rounds, limit=20, apart=NEXT_LAYERS.apart)


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def payee(digit: int, number: int) -> str:
    return f"9999990000000{digit}{number:04d}"


def wished(desk: Staffed, some: Sequence[Incident]) -> None:
    """A round of each, and none that acts of people wished for."""
    with desk.house.act(desk.drafter) as connection:
        connection.execute(text("UPDATE work SET state = 'done' WHERE kind = :kind"), {"kind": NEXT_WORK})
        for each in some:
            wish_chase(connection, each, "test", desk.house.now(), NEXT_WORK)


def allowed(desk: Staffed, digit: int, many: int) -> list[tuple[Incident, Authority]]:
    """Incidents whose chases people allowed, each its own."""
    some = [taken(desk, payee(digit, number), 1_000 + number) for number in range(many)]
    return [(each, own_authority(desk, each)) for each in some]


def mixed(desk: Staffed, digit: int, batch: Batch) -> list[dict[str, Any]]:
    """Chases of all sorts: two of one account, a halted one, one that is over, two that are joined."""
    began = desk.house.now()
    numbers = (0, 1, 1, 2, 3, 4, 5)
    some = [taken(desk, payee(digit, number), 1_000 + place) for place, number in enumerate(numbers)]
    told = [(each, own_authority(desk, each)) for each in some]
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        halt(at, some[3].number, "test")
        close_incident(at, some[4].number, "test")
        join_incidents(at, some[5].number, [some[6].number], "test")
    wished(desk, some)
    while do_due_batch(desk.house, NEXT_WORK, batch):
        pass
    return [found(desk, each, authority, began) for each, authority in told]


def test_rounds_together_come_to_what_they_would_alone(desk: Staffed) -> None:
    together, alone = mixed(desk, 1, TOGETHER), mixed(desk, 2, ALONE)
    assert together[:5] == alone[:5]
    assert (
        [len(each["orders"]) for each in together] == [len(each["orders"]) for each in alone] == [1, 1, 1, 0, 0, 2, 0]
    )


def test_rounds_that_wait_together_are_one_transaction(desk: Staffed) -> None:
    some = allowed(desk, 3, 3)
    wished(desk, [each for each, _ in some])
    seen: list[tuple[int, int]] = []

    def watched(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
        seen.append((connection.scalar(text("SELECT txid_current()")) or 0, len(rows)))
        return do_rounds(connection, house, rows)

    batch = Batch(do=watched, limit=NEXT_LAYERS.limit, apart=NEXT_LAYERS.apart)
    assert do_due_batch(desk.house, NEXT_WORK, batch) == 3
    assert [many for _, many in seen] == [3]
    assert len(stops(desk, *(each for each, _ in some))) == 3


def test_a_round_that_fails_takes_no_other_down(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    (bad, _), (good, _) = allowed(desk, 4, 2)
    wished(desk, [bad, good])
    leaving_of = chase.leaving_of

    def fails(desk: Desk, seen: Any) -> Any:
        if seen.look.chased.asked.id == bad.id:
            raise RuntimeError
        return leaving_of(desk, seen)

    monkeypatch.setattr(chase, "leaving_of", fails)
    assert do_due_batch(desk.house, NEXT_WORK, NEXT_LAYERS) == 2
    assert (len(stops(desk, bad)), len(stops(desk, good))) == (0, 1)
    with desk.house.act_as_house() as connection:
        asked = text("SELECT state, payload->>'number' FROM work WHERE kind = :kind AND right(key, 4) = 'test'")
        told = {number: state for state, number in connection.execute(asked, {"kind": NEXT_WORK})}
    assert told == {bad.number: "waiting", good.number: "done"}


def test_nobody_waits_for_a_number_while_a_round_that_rests_keeps_what_it_reckoned(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (leaves, _), (rests, _) = allowed(desk, 6, 2)
    with desk.house.act(desk.drafter) as connection:
        halt(Desk(house=desk.house, connection=connection, actor=desk.drafter), rests.number, "test")
    wished(desk, [leaves, rests])
    kept: list[int] = []

    def keeps(*_: object) -> None:
        kept.append(0)
        with desk.house.act(desk.drafter) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            kept[-1] = counted(connection, "stop", desk.house.now())[1]

    monkeypatch.setattr(chase, "keep_ledger", keeps)
    assert do_due_batch(desk.house, NEXT_WORK, NEXT_LAYERS) == 2
    assert len(kept) == 1 and kept[0], "not done once more, by itself"
    assert len(stops(desk, leaves)) == 1


def test_a_case_that_somebody_has_holds_up_no_other_round(desk: Staffed) -> None:
    (busy, _), (free, _) = allowed(desk, 5, 2)
    wished(desk, [busy, free])
    with held(desk, lambda connection: case_of(connection, busy.case_id, lock=True)):
        in_time(lambda: do_due_batch(desk.house, NEXT_WORK, NEXT_LAYERS))
        assert (len(stops(desk, busy)), len(stops(desk, free))) == (0, 1)
    do_due_batch(desk.house, NEXT_WORK, NEXT_LAYERS)
    assert len(stops(desk, busy)) == 1
