"""How people come in and leave: each step one transaction, each on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.authentication import Authenticator
from fanzha.adapters.store.login_links import make_link, use_link
from fanzha.adapters.store.people import find_person, lock_person, set_password
from fanzha.adapters.store.roles import roles_of
from fanzha.adapters.store.sessions import Terms, Visit, close_session, open_session, visit, work_as, working_units
from fanzha.adapters.store.unit_of_work import system_unit_of_work
from fanzha.adapters.store.units import Unit
from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath, covers


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Everything by which a browser's visitor becomes an actor, on wall time."""

    engine: Engine
    wall: Clock
    terms: Terms
    authenticator: Authenticator
    duties_apart: bool = True
    """Whether it takes two to let somebody in: one who makes the link, another who gives the roles (decision 0009)."""

    def log_in(self, login: str, password: str) -> str:
        """The token of a new session for a name and password; `Forbidden` with the reason that may be told."""
        user_id = self.authenticator.authenticate({"login": login, "password": password})
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            token = open_session(connection, user_id, self.terms, now)
            self._record(connection, user_id, "access.logged_in", now)
        return token

    def enter(self, link: str) -> str:
        """The token of a new session for a one-time link, which is spent with it or not at all."""
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            user_id = use_link(connection, link, now)
            token = open_session(connection, user_id, self.terms, now)
            self._record(connection, user_id, "access.entered_by_link", now)
        return token

    def visitor(self, token: str) -> Visit | None:
        """Whose live session the token is; None when there is none, or no longer."""
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            return visit(connection, token, self.terms, now)

    def change_password(self, visitor: Visit, old: str, new: str) -> str:
        """The token of the one session that goes on; the old password is asked, and counted when wrong."""
        if visitor.person.password_set_at is not None:
            self.authenticator.authenticate({"login": visitor.person.login, "password": old})
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            set_password(connection, visitor.person.id, new, first=False, wall=now)
            token = open_session(connection, visitor.person.id, self.terms, now)
            self._record(connection, visitor.person.id, "access.password_changed", now)
        return token

    def log_out(self, token: str) -> None:
        """End the session."""
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            known = visit(connection, token, self.terms, now)
            close_session(connection, token, now)
            if known is not None:
                self._record(connection, known.person.id, "access.logged_out", now)

    def working_units(self, visitor: Visit) -> list[Unit]:
        """What the visitor may work as, in the order of the tree."""
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            return working_units(connection, visitor.person.id, now)

    def work_as(self, token: str, scope: UnitPath) -> None:
        """The session goes on as a member of another unit; on record, because it changes what is in sight."""
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            work_as(connection, token, scope, now)
            known = visit(connection, token, self.terms, now)
            if known is None:
                raise Forbidden("web.log_in_needed")
            self._record(connection, known.person.id, "access.unit_chosen", now, by=known.actor)

    def link_for(self, user_id: UserId, made_by: Actor, lasts: timedelta) -> str:
        """The secret of a new one-time link, on record under whoever made it; `Forbidden` into more than is theirs.

        The house looks itself: row security hides roles elsewhere from whoever makes the link.
        """
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            lock_person(connection, user_id)
            for held in roles_of(connection, user_id, now):
                if not covers(made_by.scope, held.unit_path):
                    raise Forbidden("access.outside_scope", path=held.unit_path)
                if self.duties_apart and made_by.user_id is not None and held.given_by == made_by.name:
                    raise Forbidden("access.link_to_own_roles")
            token = make_link(connection, user_id, made_by.name, lasts, now)
            self._record(connection, user_id, "access.link_made", now, by=made_by)
        return token

    def _record(
        self, connection: Connection, user_id: UserId, action: str, now: datetime, by: Actor | None = None
    ) -> None:
        person = find_person(connection, user_id)
        actor = by or Actor(user_id=user_id, name=person.login, scope=person.unit_path, permissions=frozenset())
        act = Act(action=action, object_kind="person", object_id=str(user_id), unit_path=person.unit_path)
        record(connection, act, actor, now)
