"""How institutions do: usable or not and since when, how fast they answer, what they refuse, what of theirs is refused.

Numbers are of the orders that the actor sees, so that each opens its records; checks and refused calls are the house's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fanzha.adapters.store.answer_times import Asked, Doubt, contacts_since, doubts_since, exchanges_since
from fanzha.adapters.store.institution_checks import KeptCheck, checks_of, last_checks
from fanzha.adapters.store.institution_mail import refusals_since
from fanzha.adapters.store.institutions import Profile, every_institution, institution_called, versions_of
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.kernel.ids import InstitutionId
from fanzha.kernel.units import Actor
from fanzha.orders.order import Terms
from fanzha.protocol.codes import Ending, meaning
from fanzha.protocol.trades import Trade
from fanzha.registers.answer_times import AnswerTimes, answer_times
from fanzha.registers.institutions import next_opening, works_at
from fanzha.registers.reach import TROUBLES, Contacts, Standing, standing
from fanzha.wiring.house import House
from fanzha.workflows.order_request import trade_of

LATELY = timedelta(days=30)
"""So far back answer times, failures and refusals are counted: how an institution works now, not years ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An institution as it does: `opens_at` when its staff works again, `now` being that it works at this moment.

    `refused` and `failed` count instructions, `turned_away` calls of its own that were not taken.
    """

    profile: Profile
    standing: Standing
    works_now: bool
    opens_at: datetime
    measured: Mapping[Trade, AnswerTimes]
    refused: int
    failed: int
    turned_away: int
    last_check: KeptCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything about one institution that is not a list of its own; `doubts`: what it said that did not hold."""

    watched: Watched
    doubts: Sequence[Doubt]
    versions: Sequence[Profile]
    checks: Sequence[KeptCheck]


def watched(house: House, by: Actor) -> list[Watched]:
    """Every institution, by short name."""
    with house.act(by) as connection:
        found = every_institution(connection)
        exchanges: dict[InstitutionId, list[Asked]] = {}
        for each in exchanges_since(connection, house.now() - LATELY):
            exchanges.setdefault(each.institution_id, []).append(each)
        look = _look(house, connection)
    return [look.at(each, exchanges.get(each.id, ())) for each in found]


def known(house: House, by: Actor, name: str) -> Known:
    """One institution, by short name or code."""
    with house.act(by) as connection:
        profile = institution_called(connection, name)
        exchanges = list(exchanges_since(connection, house.now() - LATELY, profile.id))
        return Known(
            watched=_look(house, connection).at(profile, exchanges),
            doubts=doubts_since(connection, house.now() - LATELY, profile.id),
            versions=versions_of(connection, profile.id),
            checks=checks_of(connection, profile.id),
        )


def in_trouble(house: House, by: Actor) -> list[tuple[Profile, Standing]]:
    """The institutions that cannot be used now, by short name."""
    with house.act(by) as connection:
        contacts = contacts_since(connection, house.now() - LATELY)
        found = every_institution(connection)
    now = house.wall.now()
    stand = [(each, standing(each.institution, contacts.get(each.id, Contacts()), now)) for each in found]
    return [(each, how) for each, how in stand if how.reach in TROUBLES]


def exchanges(house: House, by: Actor, name: str) -> list[Asked]:
    """What went out lately to an institution, newest first."""
    with house.act(by) as connection:
        return list(exchanges_since(connection, house.now() - LATELY, institution_called(connection, name).id))


def measured(asked: Iterable[Asked]) -> dict[Trade, AnswerTimes]:
    """How fast exchanges were answered, by each trade."""
    found: dict[Trade, list[Asked]] = {}
    for each in asked:
        found.setdefault(trade_asked(each), []).append(each)
    return {trade: answer_times(each.exchange for each in found[trade]) for trade in Trade if trade in found}


def trade_asked(asked: Asked) -> Trade:
    """Which trade of the protocol an instruction was."""
    return trade_of(asked.kind, asked.act, Terms(query_of=asked.query_of))


def outcome_of(asked: Asked) -> str:
    """What became of an instruction: done, waits, refused, failed, or open while nobody answered."""
    code = asked.exchange[2]
    if code is None:
        return "failed" if asked.failure else "open"
    ending = meaning(code).ending
    return {Ending.EFFECT: "done", Ending.WAITS: "waits", Ending.REFUSED: "refused"}.get(ending, "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is read once for all institutions."""

    now: datetime
    wall: datetime
    contacts: Mapping[InstitutionId, Contacts]
    turned_away: Mapping[InstitutionId | None, int]
    checks: Mapping[InstitutionId, KeptCheck]

    def at(self, profile: Profile, asked: Sequence[Asked]) -> Watched:
        """One institution as it does."""
        told, outcomes = profile.institution, [outcome_of(each) for each in asked]
        return Watched(
            profile=profile,
            standing=standing(told, self.contacts.get(profile.id, Contacts()), self.wall),
            works_now=works_at(told, self.now),
            opens_at=next_opening(told, self.now),
            measured=measured(asked),
            refused=outcomes.count("refused"),
            failed=outcomes.count("failed"),
            turned_away=self.turned_away.get(profile.id, 0),
            last_check=self.checks.get(profile.id),
        )


def _look(house: House, connection: Connection) -> _Look:
    since = house.now() - LATELY
    contacts, checks = contacts_since(connection, since), last_checks(connection)
    with for_a_moment_as_house(connection, house.now()):
        turned_away = refusals_since(connection, since)
    return _Look(now=house.now(), wall=house.wall.now(), contacts=contacts, turned_away=turned_away, checks=checks)
