"""A story in the very house that people look at: its banks are processes, its clock is the exercise's own, made faster.

The same story code does what people do; whatever anybody does in the console meanwhile has its effect.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import structlog

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.instance import set_clock
from fanzha.apps.processes import listen
from fanzha.apps.simulated_city import HOST, Place, plan_places, register, require_exercise
from fanzha.apps.stories.book import story
from fanzha.apps.stories.cast import Cast
from fanzha.apps.stories.stage import openings, peopled, planned
from fanzha.apps.stories.telling import Event
from fanzha.i18n import text
from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import Broken
from fanzha.protocol.wire import canonical
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.door import ARRIVALS
from fanzha.simulation.institutions.institution import Institution
from fanzha.simulation.institutions.kept import institution_of, truth_of
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.institutions.truth import Happening
from fanzha.simulation.parameters import Parameters, faultless, published
from fanzha.wiring.house import House, operator

FIRST_PORT = 8871
LOOK_SECONDS = 0.5
CALL_SECONDS = 5.0
TELLINGS = 10_000_000
"""A telling is numbered by the second at which it begins; so many later the numbers come again."""
_CODE_PREFIX = "999901"
_log = structlog.get_logger()


class Over(Exception):
    """Whoever was watching has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A story about to be told: its banks as processes, and the word by which they believe the exercise."""

    name: str
    cast: Cast
    places: Sequence[Place]
    word: str


@dataclass(frozen=True, slots=True)
class KeptWorld:
    """The institutions of a story as their folders tell, while their processes go on."""

    places: Sequence[Place]
    parameters: Parameters
    seed: int

    @property
    def institutions(self) -> Mapping[str, Institution]:
        """By code."""
        return {
            each.setup.code: institution_of(each.folder, each.setup, self.parameters, self.seed) for each in self.places
        }

    @property
    def truth(self) -> Sequence[Happening]:
        """What really happened."""
        return [one for each in self.places for one in truth_of(each.folder)]

    @property
    def money_fen(self) -> int:
        """What lies in all accounts and is under way between them."""
        found = self.institutions.values()
        under_way = sum(moved.amount_fen for each in found for moved in each.transfers())
        return sum(each.books.balance_fen for each in found) + under_way


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A clock that runs by itself; `Over` ends a wait when nobody watches any more."""

    house: House
    world: KeptWorld
    ending: threading.Event

    @property
    def clock(self) -> Clock:
        """The exercise's own."""
        return self.house.clock

    def until(self, at: datetime) -> None:
        """Wait for that time, and until the banks have done what was due by then."""
        while self.house.now() < at or self._is_behind(at):
            self.settle()

    def settle(self) -> None:
        """Let things go on for a moment."""
        if self.ending.wait(LOOK_SECONDS):
            raise Over
        self.house.follow_clock()

    def _is_behind(self, at: datetime) -> bool:
        found = self.world.institutions.values()
        return any((each.next_due is not None and each.next_due <= at) or each.transfers() for each in found)


def prepared(house: House, name: str, centre: str) -> Telling:
    """The banks of a story, entered into the register and ready to run; `Illegal` in a live house."""
    require_exercise(house)
    cast = story(name).cast
    home = house.settings.home / "simulated"
    setups = [_setup(number, each, cast) for number, each in enumerate(cast.banks, 1)]
    setups += [_other(each) for each in cast.others]
    places = [Place(each, home / each.id, listen(HOST, FIRST_PORT + number)) for number, each in enumerate(setups)]
    word = plan_places(house, places, cast.seed, centre, faults=cast.faults)
    for place in places:
        register(house, place.profile(), text("zh", "stories.reason"))
    return Telling(name=name, cast=cast, places=places, word=word)


def tell(house: House, telling: Telling, speed: float, ending: threading.Event, hear: Callable[[Event], None]) -> None:
    """Tell a story from when there is something to see, so many times as fast as it was, until `ending`."""
    cast, setups = telling.cast, [each.setup for each in telling.places]
    parameters = published() if cast.faults else faultless(published())
    run = LiveRun(house, KeptWorld(telling.places, parameters, cast.seed), ending)
    try:
        began = house.now()
        number = int(began.timestamp()) % TELLINGS
        known = run.world.institutions
        opened = {
            code: [each for each in some if known[code].books.find(each.number) is None]  # of an earlier telling
            for code, some in openings(cast, setups, began, number).items()
        }
        _give_all(telling, {code: Arrival(at=began, opened=tuple(each)) for code, each in opened.items()}, ending)
        to_come = planned(cast, setups, began, number)
        _give_all(telling, {code: Arrival(at=began, planned=tuple(each)) for code, each in to_come.items()}, ending)
        with _hurried(house, began + timedelta(minutes=cast.prelude_minutes), speed):
            stage = peopled(house, run, cast, setups, began=began, telling=number)
            stage.hear = hear
            story(telling.name).course(stage)
    except Over:
        return
    except Exception as failure:  # the house goes on, whatever becomes of a story
        _log.exception("story.broke_off", story=telling.name, kind=type(failure).__name__)


def _setup(number: int, profile: Profile, cast: Cast) -> Setup:
    """A bank of live stories: it stays from one telling to the next, with everybody's accounts."""
    sort = profile.value.replace("_", "-") + ("-faulty" if cast.faults else "")
    place = 100 * (1 + list(Profile).index(profile) + len(Profile) * cast.faults) + number
    names = {
        each: text(each, "stories.bank", number=number, profile=text(each, f"cli.simulate.profiles.{profile}"))
        for each in ("zh", "en")
    }
    return Setup(
        id=f"story-{sort}-{number}",
        code=f"{_CODE_PREFIX}{place:06d}",
        name_zh=names["zh"],
        name_en=names["en"],
        kind=InstitutionKind.BANK,
        profile=profile,
    )


def _other(kind: InstitutionKind) -> Setup:
    """A carrier, resolver or store, by the name that stories call it by."""
    place = 1 + list(InstitutionKind).index(kind)
    names = {
        each: text(each, "stories.other", kind=text(each, f"words.institution_kind.{kind}")) for each in ("zh", "en")
    }
    return Setup(
        id=f"test-{kind}",
        code=f"9999{place:02d}000900",
        name_zh=names["zh"],
        name_en=names["en"],
        kind=kind,
        profile=Profile.AUTOMATIC,
    )


def _give_all(telling: Telling, arrivals: Mapping[str, Arrival], ending: threading.Event) -> None:
    """Tell every bank what it is to have, once it runs and knows the time."""
    for place in telling.places:
        while not _taken(place, telling.word, arrivals[place.setup.code]):
            if ending.wait(LOOK_SECONDS):
                raise Over


def _taken(place: Place, word: str, arrival: Arrival) -> bool:
    """Whether a bank took it; it does not while it starts or has not heard the time."""
    headers = {"authorization": f"Bearer {word}"}
    try:
        with httpx.Client(trust_env=False, timeout=CALL_SECONDS) as client:
            status = client.post(place.address + ARRIVALS, content=canonical(arrival), headers=headers).status_code
    except httpx.TransportError:
        return False
    if 400 <= status < 500:
        raise Broken("stories.not_taken", institution=place.setup.id, status=status)
    return status < 400


@contextmanager
def _hurried(house: House, at: datetime, speed: float) -> Iterator[None]:
    """The exercise's clock put forward to an instant and made faster while the block runs."""
    _set(house, at, speed)
    try:
        yield
    finally:
        _set(house, house.now(), 1.0)


def _set(house: House, at: datetime, speed: float) -> None:
    with house.act(operator()) as connection:
        wall = house.wall.now()
        set_clock(connection, wall=wall, epoch=max(at, house.now()), speed=speed)
        told = {"speed_percent": round(100 * speed)}
        act = Act(
            action="clock.moved",
            object_kind="instance",
            object_id=str(house.instance.id),
            unit_path=operator().scope,
            detail=told,
        )
        record(connection, act, operator(), house.now())
    house.follow_clock()
