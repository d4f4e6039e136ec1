"""`fanzha serve` and `fanzha demo`: the whole house on one machine, until Ctrl+C."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import socket
from typing import Annotated

from fanzha.adapters.store.instance import Birth
from fanzha.adapters.store.opening import tended
from fanzha.apps.cli.commands import command, option, verb
from fanzha.apps.cli.demo_case import load_demo
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import progress
from fanzha.apps.processes import Child, Sign, listen, supervise
from fanzha.apps.worker import FIRST, LARGE, LAYERS, SHORT, SPARE
from fanzha.i18n import catalogue
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.settings import Settings
from fanzha.wiring.house import House, open_house, operator
from fanzha.wiring.people import doors_of, exercise_colleagues, first_person

ANSWER_SECONDS = 20.0
"""How long the greeting waits for the console to answer; work begins after it, for both want the processors."""

NO_STORY = "none"
VISIT = "?visit=desk"
"""With this the first link opens on the story's incident, and shows a newcomer round."""
TITLES = "stories.title."
MOST_SPEED = 3_600
"""Business seconds a second: beyond that, what should happen before something else no longer does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Which story is told in the house, and how many times as fast as it was."""

    name: str
    speed: float


serve_app = verb()
demo_app = verb()


@command(serve_app, "serve")
def serve(live: Annotated[bool, option("serve.live", "--live")] = False) -> None:
    """Run database, web and worker."""
    _run("live" if live else None, demo=False)


@command(demo_app, "demo")
def demo(
    name: Annotated[str, option("demo.story", "--story", metavar="NAME|none")] = "huainan",
    speed: Annotated[float, option("demo.speed", "--speed", metavar="N")] = 4,
) -> None:
    """Run an exercise with its example case loaded, in which a story is told live."""
    if name != NO_STORY and f"{TITLES}{name}" not in catalogue("zh"):
        known = ", ".join(each.removeprefix(TITLES) for each in catalogue("zh") if each.startswith(TITLES))
        raise NotFound("stories.none", name=name, known=f"{known}, {NO_STORY}")
    if not 1 <= speed <= MOST_SPEED:
        raise Invalid("cli.bad_parameter", name="--speed", expected=f"1-{MOST_SPEED}")
    _run("exercise", demo=True, live=None if name == NO_STORY else Live(name=name, speed=speed))


def _run(birth: Birth | None, *, demo: bool, live: Live | None = None) -> None:
    settings = Settings()
    listener = listen(settings.web_host, settings.web_port)
    standing, answering = Sign(), Sign()
    web = _web(listener, standing, answering)
    web.start()  # it loads its programs while this process opens the house
    try:
        with open_house(settings, birth) as house, tended(settings) as tend:
            person = first_person(house)
            if demo:
                with progress(say("serve.loading")):
                    load_demo(house)
            standing.give()
            if house.instance.birth == "exercise":
                _tell(say("serve.exercise"))
            answering.wait(ANSWER_SECONDS)
            address = _address(settings, listener)
            _greet(house, person, address, VISIT if live else "")
            children = [web, *workers(settings)]
            with _told(house, live, address, children) as banks:
                supervise([*children, *banks], tend)
    finally:
        web.stop()


@contextmanager
def _told(house: House, live: Live | None, address: str, children: Sequence[Child]) -> Iterator[list[Child]]:
    """The banks of a story that is told while the block runs; what the house needs starts before the story loads."""
    if live is None:
        yield []
        return
    for each in children:
        if each.has_ended():
            each.start()
    from fanzha.apps.cli.story import line
    from fanzha.apps.stories.live import prepared, tell

    telling = prepared(house, live.name, address)
    ending = threading.Event()
    told = (house, telling, live.speed, ending, lambda event: _tell(line(event)))
    teller = threading.Thread(target=tell, args=told, name="story")
    teller.start()
    try:
        yield [each.process() for each in telling.places]
    finally:
        ending.set()
        teller.join()


def _web(listener: socket, standing: Sign, answering: Sign) -> Child:
    told = {"--fd": listener.fileno(), "--after": standing.awaited, "--say": answering.given}
    return Child(
        module="fanzha.apps.web.serve",
        arguments=[f"{name}={number}" for name, number in told.items()],
        descriptors=list(told.values()),
    )


def _address(settings: Settings, listener: socket) -> str:
    port = listener.getsockname()[1]
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{port}"


def workers(settings: Settings) -> list[Child]:
    """The processes that do the work: what nobody may wait for, other short work, imports; some take large ones too."""
    arguments = [
        [FIRST],
        *_short_workers(settings.short_workers),
        *([LARGE] if number < settings.large_imports else [] for number in range(settings.workers)),
    ]
    return [Child(module="fanzha.apps.worker.run", arguments=each) for each in arguments]


def _short_workers(many: int) -> list[list[str]]:
    """One does all short work; of several the greater half keeps free for what the next layer's stops wait for."""
    if many == 1:
        return [[SHORT]]
    spare = many // 2
    return [*([SHORT, LAYERS] for _ in range(many - spare)), *([SHORT, SPARE] for _ in range(spare))]


def _greet(house: House, person: UserId, address: str, visit: str) -> None:
    minutes = house.settings.link_minutes
    _tell(say("serve.ready", address=address))
    _tell(say("serve.link", minutes=minutes, link=_link(house, person, address) + visit))
    for login, colleague in exercise_colleagues(house).items():
        _tell(say(f"serve.{login}", link=_link(house, colleague, address)))
    _tell(say("serve.end"))


def _link(house: House, person: UserId, address: str) -> str:
    token = doors_of(house).link_for(person, operator(), timedelta(minutes=house.settings.link_minutes))
    return f"{address}/enter/{token}"


def _tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
