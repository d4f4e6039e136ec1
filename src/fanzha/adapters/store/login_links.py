"""One-time log-in links: printed where only the operator reads, used once, soon."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from fanzha.adapters.store.schema.people import login_link
from fanzha.adapters.store.sessions import token_hash
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import UserId


def make_link(connection: Connection, user_id: UserId, made_by: str, lasts: timedelta, wall: datetime) -> str:
    """The secret part of a link by which the person comes in once."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": token_hash(token), "user_id": user_id, "made_by": made_by, "made_at": utc(wall)}
    connection.execute(login_link.insert().values(**values, expires_at=utc(wall) + lasts))
    return token


def people_linked_by(connection: Connection, made_by: str) -> frozenset[UserId]:
    """Everybody for whom somebody of that name ever made a link."""
    return frozenset(connection.scalars(select(login_link.c.user_id).where(login_link.c.made_by == made_by)))


def use_link(connection: Connection, token: str, wall: datetime) -> UserId:
    """Whom the link lets in; of two who use it at once one is refused."""
    unused = login_link.update().where(
        login_link.c.token_hash == token_hash(token),
        login_link.c.used_at.is_(None),
        login_link.c.expires_at > utc(wall),
    )
    user_id = connection.scalar(unused.values(used_at=utc(wall)).returning(login_link.c.user_id))
    if user_id is None:
        raise Forbidden("access.link_spent")
    return UserId(user_id)
