"""Rows of orders, objections, delegations and institutions on a connection that somebody used before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from fanzha.adapters.store.engine import app_engine
from fanzha.adapters.store.institution_messages import Nonce, Refused, record_refusal, take_nonce
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.objections import Channel
from fanzha.orders.order import Capacity
from fanzha.wiring.delegating import Lent, give_delegation
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.objections import NewObjection, check_objection, take_objection
from tests.conftest import COUNTY, OTHER_COUNTY, person
from tests.wiring.orders import Staffed, staffed

OF_A_UNIT = (
    "order_file", "order_entry", "order_standing", "order_application", "objection", "objection_entry", "delegation",
    "officer_card",
)  # fmt: skip
OF_THE_HOUSE = ("institution_message", "institution_message_key", "institution_nonce", "institution_refusal")
OF_EVERYBODY = ("institution", "institution_profile", "institution_key")


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def rows(connection: Connection) -> Mapping[str, int]:
    return {
        table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0
        for table in (*OF_A_UNIT, *OF_THE_HOUSE, *OF_EVERYBODY)
    }


def filled(desk: Staffed) -> None:
    """Something in every table."""
    order, now = desk.signed(desk.opened()), desk.house.now()
    desk.deliver()
    with desk.house.act(desk.drafter) as connection:
        at = Desk(house=desk.house, connection=connection, actor=desk.drafter)
        told = take_objection(at, order.number, NewObjection(channel=Channel.VISIT, says="货款"))
        check_objection(at, told.number, "核查")
    lent = Lent(
        to_login="desk-officer",
        capacity=Capacity.COUNTY_CHIEF,
        since=now,
        until=now + timedelta(hours=1),
        reason="外出",
    )
    give_delegation(desk.house, desk.chief, lent)
    with desk.house.act_as_house() as connection:
        take_nonce(
            connection, Nonce(key_id="test-bank-1", nonce="n" * 16, keep_until=now + timedelta(hours=1), wall=now)
        )
        refused = Refused(institution_id=None, address="/x", code="protocol.unknown_key", place="", body=b"")
        record_refusal(connection, refused, now)


def test_a_pooled_connection_shows_orders_to_nobody_after_it_showed_them_to_somebody(
    desk: Staffed, engine: Engine
) -> None:
    filled(desk)
    now = desk.house.now()
    pooled = app_engine(engine.url.render_as_string(hide_password=False), pool=1)
    try:
        with unit_of_work(pooled, person(COUNTY, 2), now) as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
            seen = rows(connection)
            assert all(seen[each] for each in (*OF_A_UNIT, *OF_EVERYBODY)), seen
            assert not any(seen[each] for each in OF_THE_HOUSE), seen
        with pooled.begin() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
            assert connection.scalar(text("SELECT current_setting('app.scope', true)")) == "", "the trap is set"
            assert not any(rows(connection).values()), rows(connection)
        with unit_of_work(pooled, person(OTHER_COUNTY, 4), now) as connection:
            seen = rows(connection)
            assert not any(seen[each] for each in (*OF_A_UNIT, *OF_THE_HOUSE)), seen
            assert all(seen[each] for each in OF_EVERYBODY)
        with system_unit_of_work(pooled, now) as connection:
            seen = rows(connection)
            assert all(seen[each] for each in OF_THE_HOUSE), seen
            assert not any(seen[each] for each in ("order_file", "order_entry", "objection")), dict(seen)
        with pooled.begin() as connection:
            assert not any(rows(connection).values()), "nor after the house itself"
    finally:
        pooled.dispose()
