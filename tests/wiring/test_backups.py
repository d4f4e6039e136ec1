"""After a restore nothing that may have left the house leaves it blindly again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.adapters.store.dumps import instant
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Unavailable
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect
from fanzha.wiring.backups import doubt_deliveries
from fanzha.wiring.house import House
from tests.adapters.store.test_dumps import loaded, whole
from tests.databases import TestServer
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@contextmanager
def restored(desk: Staffed, dump: Path, postgres: TestServer) -> Iterator[Staffed]:
    """The same desk over the copy; the bank outside is what it is."""
    with loaded(postgres, dump) as engine:
        yield replace(desk, house=replace(desk.house, engine=engine))


def copy(desk: Staffed, postgres: TestServer, to: Path) -> Path:
    name = desk.house.engine.url.database
    assert name is not None
    with instant(whole(postgres, name)) as held:
        held.dump(to / "dump")
    return to / "dump"


def test_an_order_that_went_out_after_the_backup_takes_effect_once(
    desk: Staffed, postgres: TestServer, tmp_path: Path
) -> None:
    order = desk.signed(desk.opened())
    dump = copy(desk, postgres, tmp_path)
    desk.deliver()
    assert desk.seen(order).effect is Effect.HELD and len(desk.bank.requests) == 1
    with restored(desk, dump, postgres) as again:
        assert again.seen(order).instructions[-1].delivery is Delivery.QUEUED
        assert doubt_deliveries(again.house) == 1
        assert again.seen(order).instructions[-1].delivery is Delivery.UNKNOWN
        assert doubt_deliveries(again.house) == 0
        for _ in range(4):
            again.deliver()
            again.clock.move(timedelta(seconds=10))
        assert again.seen(order).effect is Effect.HELD
    assert len(desk.bank.requests) == 1 and desk.bank.asked


def test_an_order_that_had_not_gone_out_is_asked_after_and_then_sent(
    desk: Staffed, postgres: TestServer, tmp_path: Path
) -> None:
    order = desk.signed(desk.opened())
    with restored(desk, copy(desk, postgres, tmp_path), postgres) as again:
        doubt_deliveries(again.house)
        for _ in range(4):
            again.deliver()
            again.clock.move(timedelta(seconds=10))
        assert again.seen(order).effect is Effect.HELD
    assert desk.bank.asked == [str(order.instructions[-1].id)] and list(desk.bank.effects.values()) == [1]


def test_an_answer_that_came_after_the_backup_is_asked_for_again(
    desk: Staffed, postgres: TestServer, tmp_path: Path
) -> None:
    desk.bank.mutes.append(Unavailable("institutions.request_failed"))
    order = desk.signed(desk.opened())
    desk.deliver()
    dump = copy(desk, postgres, tmp_path)
    desk.clock.move(timedelta(seconds=10))
    desk.deliver()
    assert desk.seen(order).effect is Effect.HELD
    with restored(desk, dump, postgres) as again:
        assert doubt_deliveries(again.house) == 0, "it was in doubt already"
        again.deliver()
        assert again.seen(order).effect is Effect.HELD
    assert list(desk.bank.effects.values()) == [1] and len(desk.bank.requests) == 1
