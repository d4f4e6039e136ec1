"""The stage of a story: a county's desk with its people, and banks in this process under one clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from fanzha.adapters.store.incidents import incident_numbered
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.officers import OfficerCard, keep_officer
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.people import NewPerson, add_person, person_called
from fanzha.adapters.store.roles import NewAssignment, assign_role, role
from fanzha.apps.stepped import SteppedRun
from fanzha.apps.stories.cast import AUTO, Account, Cast
from fanzha.apps.stories.telling import Event, Fact
from fanzha.cases.incident import Incident
from fanzha.i18n import text
from fanzha.kernel.clock import Clock, SetClock
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.authority import Authority
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.facts import Holder, PriorFreeze
from fanzha.protocol.parties import HolderClass
from fanzha.registers.institutions import ConnectorKind, Demand, Institution, InstitutionKind, Need, OutOfHours
from fanzha.settings import Settings
from fanzha.simulation.institutions.accounts import Account as BankAccount
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.institution import Institution as BankInstitution
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import Happening
from fanzha.simulation.parameters import Parameters, faultless, published
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.incidents import NewReport, take_report

T = TypeVar("T")
COUNTY = UnitPath(f"{CENTRE}.county01")
BEGINS = datetime(2026, 8, 3, 1, 30, tzinfo=UTC)
"""Half past nine in Shanghai, on the day of the article's case, in a year that has not been."""
CHASING = frozenset({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
ANOTHER_ORGAN = "9999980000"
_OPENED_BEFORE = timedelta(days=200)
_PEOPLE = ("desk_officer", "second_officer", "county_chief", "city_chief")


class World(Protocol):
    """The institutions of a story as they truly are."""

    @property
    def institutions(self) -> Mapping[str, BankInstitution]:
        """By code."""
        ...

    @property
    def truth(self) -> Sequence[Happening]:
        """What really happened."""
        ...

    @property
    def money_fen(self) -> int:
        """What lies in all accounts and is under way between them."""
        ...


class Run(Protocol):
    """How the time of a story goes on: a clock that is moved, or one that runs while people watch."""

    @property
    def clock(self) -> Clock:
        """The story's time."""
        ...

    @property
    def world(self) -> World:
        """Its institutions."""
        ...

    def until(self, at: datetime) -> None:
        """Let everything happen until then."""
        ...

    def settle(self) -> None:
        """Let happen what is due now."""
        ...


@dataclass(slots=True)
class Stage:
    """A story under way: what people do and what the clock brings, told as it happens."""

    house: House
    run: Run
    cast: Cast
    setups: Sequence[Setup]
    numbers: Mapping[str, str]
    officer: Actor
    second: Actor
    chief: Actor
    above: Actor
    began: datetime = BEGINS
    hear: Callable[[Event], None] = lambda _: None
    """Whoever is told of each event as it happens."""
    events: list[Event] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.run.clock.now()

    def tell(self, code: str, **fields: object) -> None:
        """Something happened."""
        self.events.append(Event(at=self.now, code=code, fields=fields))
        self.hear(self.events[-1])

    def until(self, minutes: float) -> None:
        """Let everything happen until so many minutes after the beginning."""
        self.run.until(self.began + timedelta(minutes=minutes))

    def at(self, actor: Actor, do: Callable[[Desk], T]) -> T:
        """What somebody does at the desk, in a transaction of their own."""
        with self.house.act(actor) as connection:
            return do(Desk(house=self.house, connection=connection, actor=actor))

    def bank(self, account: str) -> str:
        """The short name of the bank that has an account."""
        return self.setups[self._account(account).bank - 1].id

    def holder(self, account: str) -> str:
        """Whose account it is."""
        return self._account(account).holder

    def report(self, new: NewReport) -> Incident:
        """The officer takes a report; orders under authority leave at once."""
        told = self.at(self.officer, lambda desk: take_report(desk, new))
        self.tell("reported", number=told.number, fen=told.lost_fen)
        self.run.settle()
        return told

    def allow(self, kinds: frozenset[OrderKind], incident: Incident | None = None, **limits: object) -> Authority:
        """The officer drafts a standing authority, the second officer and where needed the chief sign it."""
        new = NewAuthority(
            kinds=kinds,
            limits=replace(proposed("first_stops" if incident is None else "incident"), **limits),  # type: ignore[arg-type]
            until=self.now + timedelta(hours=12),
            reason=text("zh", "stories.reason"),
            incident="" if incident is None else incident.number,
        )
        told = self.at(self.officer, lambda desk: draft_authority(desk, new))
        for signer in (self.second, self.chief):
            if told.missing:
                number = told.number
                told = self.at(signer, lambda desk, number=number: sign_authority(desk, number))  # type: ignore[misc]
        self.tell("allowed", number=told.number)
        self.run.settle()
        return told

    def incident(self, told: Incident) -> Incident:
        """The incident as it stands now."""
        return self.at(self.officer, lambda desk: incident_numbered(desk.connection, told.number))

    def orders(self, *kinds: OrderKind) -> list[Order]:
        """Orders in sight, oldest first."""
        query = OrderQuery(kinds=kinds, sort="opened_at", descending=False, limit=2_000)
        return self.at(self.officer, lambda desk: list_orders(desk.connection, query))[1]

    def held_fen(self) -> int:
        """What stops and freezes keep from moving now."""
        return sum(each.holding_fen for each in self.orders(OrderKind.STOP, OrderKind.FREEZE))

    def lies_fen(self, *accounts: str) -> int:
        """What truly lies on these accounts by their banks' own books."""
        institutions = self.run.world.institutions.values()
        wanted = {self.numbers[each] for each in accounts}
        return sum(
            each.books.accounts[one].balance_fen for each in institutions for one in wanted & set(each.books.accounts)
        )

    def books(self, account: str) -> BankAccount:
        """The account as its bank's own books have it."""
        return self.institution(account).books.accounts[self.numbers[account]]

    def institution(self, account: str) -> BankInstitution:
        """The bank that has an account."""
        found = self.run.world.institutions.values()
        return next(each for each in found if self.numbers[account] in each.books.accounts)

    def fact(self, name: str, value: float, unit: str, aim: float | None = None, aim_op: str = ">=") -> None:
        """A number that the story came to."""
        self.facts.append(Fact(name=name, value=value, unit=unit, aim=aim, aim_op=aim_op))

    def _account(self, name: str) -> Account:
        return next(each for each in self.cast.accounts if each.name == name)


@contextmanager
def staged(cast: Cast, settings: Settings) -> Iterator[Stage]:
    """A story's stage in an exercise of its own, which these settings found."""
    with open_house(settings, "exercise") as house:
        yield set_stage(house, cast)


@contextmanager
def passing() -> Iterator[Settings]:
    """Settings of an instance that is gone when the story is told."""
    with TemporaryDirectory(prefix="fanzha-story-") as folder:
        Path(folder).chmod(0o755)  # the database's own user must reach what lies in it
        yield Settings(home=Path(folder) / "home", keys=Path(folder) / "keys")


def set_stage(house: House, cast: Cast) -> Stage:
    """People, banks and accounts in an exercise, under a clock of the story's."""
    clock = SetClock(BEGINS)
    house = replace(house, clock=clock, chance=Random(cast.seed).randbytes)  # noqa: S311  # a story repeats
    setups = [_setup(number, each) for number, each in enumerate(cast.banks, 1)]
    setups += [_other(number, each) for number, each in enumerate(cast.others, len(setups) + 1)]
    with house.act(operator()) as connection:
        for each in setups:
            enter_profile(connection, _profile(each), operator(), "story", house.now(), unit=CENTRE)
    parameters: Parameters = published() if cast.faults else faultless(published())
    world = SteppedInstitutions(setups, parameters, cast.seed, clock)
    world.open(openings(cast, setups, BEGINS))
    world.plan(planned(cast, setups, BEGINS))
    return peopled(house, SteppedRun(house, world, clock), cast, setups)


def peopled(
    house: House, run: Run, cast: Cast, setups: Sequence[Setup], *, began: datetime = BEGINS, telling: int = 0
) -> Stage:
    """The stage with the people who work at its desk."""
    return Stage(
        house=house,
        run=run,
        cast=cast,
        setups=setups,
        numbers=numbered(cast, telling),
        officer=_person(house, "desk_officer"),
        second=_person(house, "second_officer"),
        chief=_person(house, "county_chief"),
        above=_person(house, "city_chief", CENTRE),
        began=began,
    )


def _person(house: House, name: str, unit: UnitPath = COUNTY) -> Actor:
    """The person of a role, added where nobody played it yet."""
    login = f"story-{name.replace('_', '-')}"
    with house.act(operator()) as connection:
        known = person_called(connection, login)
        if known is not None:
            return Actor(user_id=known.id, name=login, scope=unit, permissions=role(name).permissions)
        new = NewPerson(login=login, name=text(house.settings.lang or "zh", f"stories.person.{name}"), unit_path=unit)
        user = add_person(connection, new, house.wall.now())
        assign_role(connection, NewAssignment(user_id=user, role=name, unit_path=unit), operator(), house.wall.now())
        card = OfficerCard(
            user_id=user,
            unit_path=unit,
            document_type="02",
            document_number=f"99000{1 + _PEOPLE.index(name)}",
            phone="0999-1200009",
        )
        keep_officer(connection, card, operator(), house.now())
    return Actor(user_id=user, name=login, scope=unit, permissions=role(name).permissions)


def _setup(number: int, profile: Profile) -> Setup:
    return Setup(
        id=f"test-bank-{number}",
        code=f"999901{number:06d}",
        name_zh=f"No. {number}",
        name_en=f"No. {number}",
        kind=InstitutionKind.BANK,
        profile=profile,
    )


def _other(number: int, kind: InstitutionKind) -> Setup:
    return replace(_setup(number, AUTO), id=f"test-{kind}", kind=kind)


def _profile(setup: Setup) -> Institution:
    """The bank as the house's register has it; the story's own line takes the place of a connector."""
    trades = tuple(sorted(setup.trades))
    return Institution(
        name=setup.id,
        code=setup.code,
        name_zh=setup.name_zh,
        name_en=setup.name_en,
        kind=setup.kind,
        connector=ConnectorKind.FOLDER,
        exercise=True,
        trades=trades,
        out_of_hours=OutOfHours.WORKS,
        endpoint="story",
        papers_later=setup.papers_later,
        demands=tuple(Demand(trade=each, needs=(Need.DOCUMENT,)) for each in trades if each in setup.papers),
    )


def numbered(cast: Cast, telling: int = 0) -> dict[str, str]:
    """The numbers of a cast's accounts, by name; another telling of the story has others."""
    return {each.name: each.number or f"999999{telling:07d}{place:06d}" for place, each in enumerate(cast.accounts, 1)}


def openings(cast: Cast, setups: Sequence[Setup], begins: datetime, telling: int = 0) -> dict[str, list[Opening]]:
    """The accounts of a cast as their banks open them, by the bank's code."""
    numbers = numbered(cast, telling)
    found: dict[str, list[Opening]] = {each.code: [] for each in setups}
    for each in cast.accounts:
        found[setups[each.bank - 1].code].append(_opening(each, numbers[each.name], begins))
    return found


def planned(cast: Cast, setups: Sequence[Setup], begins: datetime, telling: int = 0) -> dict[str, list[Payment]]:
    """The payments that a cast will make, by the code of the payer's bank."""
    numbers = numbered(cast, telling)
    codes = {each.name: setups[each.bank - 1].code for each in cast.accounts}
    holders = {each.name: each.holder for each in cast.accounts}
    found: dict[str, list[Payment]] = {each.code: [] for each in setups}
    for place, paid in enumerate(cast.payments):
        payment = Payment(
            payment_id=f"{telling:08d}-0000-7000-8000-{place:012d}",
            at=begins + timedelta(minutes=paid.minutes),
            payer_number=numbers[paid.payer],
            amount_fen=paid.amount_fen,
            payee_code=codes.get(paid.payee),
            payee_number=numbers.get(paid.payee),
            payee_name=holders.get(paid.payee),
        )
        found[codes[paid.payer]].append(payment)
    return found


def _opening(account: Account, number: str, begins: datetime) -> Opening:
    holder = Holder(
        name=account.holder,
        holder_class=HolderClass.COMPANY if account.is_company else HolderClass.PERSON,
        document_type="01",
        document_number=f"990000199{number[-9:]}",
    )
    return Opening(
        number=number,
        holder=holder,
        opened_at=begins - _OPENED_BEFORE,
        balance_fen=account.balance_fen,
        white_listed=account.white_listed,
        prior=_prior(account, begins),
    )


def _prior(account: Account, begins: datetime) -> PriorFreeze | None:
    if not account.frozen_days:
        return None
    ends = begins + timedelta(days=account.frozen_days)
    return PriorFreeze(organ=ANOTHER_ORGAN, currency="CNY", amount_fen=None, expires_at=ends)
