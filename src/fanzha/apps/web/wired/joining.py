"""What looks like one gang's, from the house: the same account, app, site or number; joined by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents, shared_payees
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.incidents import Alike, AskedAwaited, Joining
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.incident_steps import contacts_of
from fanzha.apps.web.wired.incidents import lines_of
from fanzha.kernel.units import Actor
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import NewAwaited, await_money
from fanzha.wiring.joining import join_incidents

MOST_READ = 60
"""Reports whose words are read for the same app, site or number, newest first."""


class WiredJoining(HouseParts):
    """Incidents joined, and accounts awaited."""

    def alike(self, actor: Actor, number: str) -> Joining:
        """An incident, and the others in sight that name an account, app, site or number of it."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            mine = incident_numbered(connection, number)
            because: dict[str, list[str]] = defaultdict(list)
            near = {each.number: each for each in incidents(connection, IncidentQuery(limit=MOST_READ))}
            for payment in mine.payments:
                for each in incidents(connection, IncidentQuery(payee=payment.payee)):
                    near[each.number] = each
                    because[each.number].append("payee")
            told = {(each.kind, each.value) for each in contacts_of(connection, mine)}
            for each in near.values():
                if told and each.id != mine.id:
                    because[each.number] += [
                        one.value for one in contacts_of(connection, each) if (one.kind, one.value) in told
                    ]
            others = [near[one] for one, why in because.items() if why and near[one].stands_in != mine.stands_in]
            line, *lines = lines_of(connection, [mine, *others])
        found = [Alike(line=each, because=list(dict.fromkeys(because[each.number]))) for each in lines]
        return Joining(line=line, found=sorted(found, key=lambda each: each.line.taken_at, reverse=True))

    def gangs(self, actor: Actor) -> Sequence[Sequence[str]]:
        """Numbers of open incidents in sight that name one account and are not joined, the largest set first."""
        if not actor.may("orders.draft"):
            return ()
        with self.house.act(actor) as connection:
            return shared_payees(connection)

    def join_incidents(self, actor: Actor, number: str, others: Sequence[str], reason: str) -> None:
        """Join these into the case of that one."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            join_incidents(Desk(house=self.house, connection=connection, actor=actor), number, others, reason)

    def await_money(self, actor: Actor, number: str, asked: AskedAwaited) -> None:
        """An account is involved before money was seen to come."""
        require(actor, "orders.draft")
        new = NewAwaited(institution=asked.institution, account=asked.account, holder=asked.holder)
        with self.house.act(actor) as connection:
            await_money(Desk(house=self.house, connection=connection, actor=actor), number, new, asked.reason)
