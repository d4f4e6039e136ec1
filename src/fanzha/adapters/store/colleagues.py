"""Who answers for the orders of a unit: people whose roles hold there, and whoever stands in for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from fanzha.adapters.store.delegations import living_delegations
from fanzha.adapters.store.roles import roles
from fanzha.adapters.store.schema.people import role_assignment, role_end, user_account
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import UnitPath
from fanzha.orders.calling import Colleague, Staff

OFFICER, CHIEFS = "orders.draft", ("orders.sign.county", "orders.sign.city")


def staff_of(connection: Connection, unit: UnitPath, now: datetime, wall: datetime) -> Staff:
    """Officers and chiefs whose roles hold in this unit, at it or above; for a transaction of the house itself.

    Roles and accounts go by the wall, absences by business time.
    """
    rows = connection.execute(_in_office(unit, wall)).all()
    names = {UserId(row.user_id): row for row in rows}
    living = living_delegations(connection, now)
    lent = [(held, _colleague(names[held.to_user])) for held in living if held.to_user in names]
    return Staff(
        officers=[_colleague(row) for row in rows if _may(row, OFFICER)],
        chiefs=[_colleague(row) for row in rows if any(_may(row, each) for each in CHIEFS)],
        lent=lent,
    )


def _in_office(unit: UnitPath, wall: datetime) -> Select[Any]:
    """Assignments in force at the unit or above it, of people who may act by their accounts."""
    at = utc(wall)
    ended = select(role_end.c.assignment_id).where(role_end.c.assignment_id == role_assignment.c.id)
    path = role_assignment.c.unit_path
    return (
        select(role_assignment.c.user_id, role_assignment.c.role, path, user_account.c.login)
        .join(user_account, user_account.c.id == role_assignment.c.user_id)
        .where(
            (path == unit) | func.starts_with(unit, path + "."),
            role_assignment.c.valid_from <= at,
            role_assignment.c.valid_until.is_(None) | (role_assignment.c.valid_until > at),
            ~ended.exists(),
            user_account.c.disabled_at.is_(None),
            user_account.c.expires_at.is_(None) | (user_account.c.expires_at > at),
        )
        .order_by(user_account.c.login, path, role_assignment.c.role)
    )


def _may(row: Row[Any], permission: str) -> bool:
    return row.role in roles() and permission in roles()[row.role].permissions


def _colleague(row: Row[Any]) -> Colleague:
    return Colleague(user_id=UserId(row.user_id), name=row.login, unit_path=UnitPath(row.unit_path))
