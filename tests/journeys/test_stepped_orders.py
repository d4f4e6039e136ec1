"""A house, its people and faulty banks under one stepped clock: the promises hold, and a run repeats bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.instance import found_instance
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.keys import make_keys
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.adapters.store.units import Unit, add_unit
from fanzha.apps.stepped import SteppedRun
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.registers.institutions import ConnectorKind
from fanzha.settings import Settings
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import Deed, twice
from fanzha.simulation.parameters import published
from fanzha.wiring.house import House
from fanzha.wiring.orders import NewInstruction, cancel, find_unrelated, instruct, look_at, revive
from tests.conftest import CITY, COUNTY, UNITS, person
from tests.databases import TestServer
from tests.registers.institutions import BANK
from tests.simulation.making import ACCOUNTS, BEGAN, FIRST, SECOND, opening, setup
from tests.wiring.orders import Staffed, staffed

STEPS = 60
OVER = frozenset({Delivery.ANSWERED, Delivery.WITHDRAWN, Delivery.DEAD, Delivery.UNSENT})


@dataclass(slots=True)
class Play:
    """People who act at random on a stepped house."""

    desk: Staffed
    run: SteppedRun
    dice: Random

    def act(self) -> None:
        """One thing that somebody does; what the law or the desk refuses is refused."""
        doing = self.dice.choice([self.stop, self.stop, self.query, self.change, self.change, self.mend, self.wait])
        try:
            doing()
        except FanzhaError:
            return
        self.run.settle()

    def stop(self) -> None:
        account = self.dice.choice(ACCOUNTS)
        wrong = self.dice.random() < 0.2
        new = {"institution": self.dice.choice(["bank-1", "bank-1", "bank-2"]), "number": account.number}
        holder = "测试·别人" if wrong else account.holder.name
        self.desk.signed(self.desk.opened(OrderKind.STOP, holder=holder, **new))

    def query(self) -> None:
        account = self.dice.choice(ACCOUNTS)
        terms = Terms(query_of=QueryOf.HOLDER)
        self.desk.signed(
            self.desk.opened(OrderKind.QUERY, institution="bank-1", number=account.number, terms=terms, payment=None)
        )

    def change(self) -> None:
        order = self.dice.choice(self.orders() or [self.desk.opened(institution="bank-1")])
        act = self.dice.choice([Act.EXTEND, Act.LIFT, Act.APPLY])
        terms = order.instructions[0].terms
        asked = NewInstruction(act=act, terms=terms, reason="测试")
        self.desk.signed(self.desk.at(self.desk.drafter, lambda desk: instruct(desk, order.id, asked)))

    def mend(self) -> None:
        order = self.dice.choice(self.orders() or [self.desk.opened(institution="bank-1")])
        latest = order.instructions[-1]
        doing = self.dice.choice([find_unrelated, look_at])
        self.desk.at(self.desk.drafter, lambda desk: doing(desk, order.id, "测试"))
        if latest.delivery is Delivery.DEAD:
            self.desk.at(self.desk.drafter, lambda desk: revive(desk, order.id, latest.id, "测试"))
        else:
            self.desk.at(self.desk.drafter, lambda desk: cancel(desk, order.id, latest.id, "测试"))

    def wait(self) -> None:
        minutes = self.dice.choice([1, 5, 30, 600, 2_000])
        self.run.until(self.run.clock.now() + timedelta(minutes=minutes))

    def orders(self) -> list[Order]:
        with self.desk.house.act(self.desk.drafter) as connection:
            return list_orders(connection, OrderQuery(limit=1_000))[1][::-1]


def played(house: House, clock: SetClock, case: Case, seed: int, steps: int = STEPS) -> Play:
    """A run to its end: so many acts, then twenty days."""
    dice = Random(seed)
    house = replace(house, chance=dice.randbytes)
    desk = staffed(house, clock, case, replace(BANK, code="999900000099"))
    city = person(CITY, 90)
    with house.act(city) as connection:
        for number, code in enumerate((FIRST, SECOND), start=1):
            bank = replace(
                BANK,
                name=f"bank-{number}",
                code=code,
                connector=ConnectorKind.FOLDER,
                endpoint="stepped",
                keys=(),
                demands=(),
            )
            enter_profile(connection, bank, city, "test", house.now(), unit=CITY)
    setups = [setup(FIRST, profile=Profile.AUTOMATIC), setup(SECOND, profile=Profile.SEMI_MANUAL)]
    world = SteppedInstitutions(setups, published(), seed, clock)
    began = clock.now() - timedelta(days=99)
    world.open({FIRST: [replace(each, opened_at=began) for each in ACCOUNTS], SECOND: [opening("9999990000000000207")]})
    play = Play(desk, SteppedRun(house, world, clock), dice)
    for _ in range(steps):
        play.act()
    play.run.until(clock.now() + timedelta(days=20))
    return play


def require_promises(play: Play) -> None:
    """None twice, all of them ours, all decided or before a person."""
    truth = play.run.world.truth
    assert twice(truth) == []
    orders = play.orders()
    assert len(orders) > 10
    ours = {str(each.id) for order in orders for each in order.instructions}
    assert {each.application_id for each in truth} <= ours
    for order in orders:
        for each in order.instructions:
            assert each.delivery in OVER, (order.number, each.act, each.delivery)
            if each.delivery is Delivery.DEAD:
                assert waits_for(order) in {Waits.PERSON, Waits.ANSWER}, order.number


def require_terms(play: Play) -> None:
    """No stop outlives its term, and none is held that we do not know of."""
    truth = play.run.world.truth
    held = {each.application_id for each in truth if each.deed is Deed.HELD}
    sham = {each.application_id for each in truth if each.deed is Deed.PRETENDED}
    for order in play.orders():
        if order.kind is not OrderKind.STOP:
            continue
        assert order.effect not in {Effect.HELD, Effect.EXTENDED}
        began = {str(each.id) for each in order.instructions if each.act is Act.APPLY}
        if order.times:
            assert began & (held | sham), order.number
        elif began & held:
            assert waits_for(order) is Waits.PERSON or order.instructions[-1].delivery is Delivery.DEAD, order.number


@contextmanager
def played_apart(postgres: TestServer, folder: Path, seed: int, steps: int = STEPS) -> Iterator[Play]:
    """A run in a house of its own."""
    clock = SetClock(BEGAN)
    settings = Settings(home=folder / "home", keys=folder / "keys")
    keys = make_keys(settings.keys, settings.home, clock.now())
    with postgres.engine() as engine:
        with engine.begin() as connection:
            for path, level, zh, en in UNITS:
                unit = Unit(path=path, level=level, name_zh=zh, name_en=en, contact="0999-1200000")
                add_unit(connection, unit, clock.now())
        actor = person(COUNTY, 2)
        with unit_of_work(engine, actor, clock.now()) as connection:
            instance = found_instance(connection, "exercise", keys.fingerprint(), clock.now())
        house = House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=clock)
        with house.act(actor) as connection:
            case = open_case(connection, "测试案件", "criminal", actor, house.now())
        yield played(house, clock, case, seed, steps)


def ending(play: Play) -> tuple[str, list[tuple[str, str]]]:
    """Every message and truth of a run, and where its orders ended."""
    return play.run.world.digest(), [(each.number, each.effect.value) for each in play.orders()]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_promises_hold_whatever_the_line_and_the_banks_do(
    house: House, clock: SetClock, case: Case, seed: int
) -> None:
    play = played(house, clock, case, seed)
    require_promises(play)
    require_terms(play)


def test_a_run_repeats_bit_for_bit(postgres: TestServer, tmp_path: Path) -> None:
    with played_apart(postgres, tmp_path / "one", 3) as play:
        require_promises(play)
        require_terms(play)
        first = ending(play)
    with played_apart(postgres, tmp_path / "two", 3) as play:
        assert ending(play) == first


def test_another_seed_is_another_run(postgres: TestServer, tmp_path: Path) -> None:
    for_seed = {}
    for seed in (11, 12):
        with played_apart(postgres, tmp_path / str(seed), seed, steps=6) as play:
            for_seed[seed] = ending(play)[0]
    assert for_seed[11] != for_seed[12]
