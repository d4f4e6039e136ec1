"""The house of `bench desk`: `fanzha serve` and simulated banks as processes, people at browsers, a signed shift."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from shutil import rmtree
from urllib.parse import urlencode

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from bench.crash_scene import _free_port, _started, children_of
from bench.desk_city import LOST_FEN, Bank, Theft, found_city
from fanzha.adapters.store.instance import set_clock
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import NewAssignment, assign_role, roles
from fanzha.adapters.store.server import SUPERUSER, start_server
from fanzha.apps.worker import FIRST, SHORT
from fanzha.cases.incident import Source
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.authority import Limits
from fanzha.orders.effects import OrderKind
from fanzha.settings import DEFAULT_DATABASE, Settings
from fanzha.simulation.institutions.setup import Profile
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.people import doors_of
from fanzha.wiring.rehearsing import rehearse_case

BANKS = 6
SHORT_WORKERS = 3
SIGNING_SECONDS = 0.3
"""Chases begin over some minutes, as their authorities are signed: a thousand in about six."""
START_SECONDS = 120.0
SHIFTS = 2
"""Authorities of one shift: each covers a thousand accounts at most."""
HOUSE = ("web", "first_worker", "short_worker", "worker", "database")
SORTS = (*HOUSE, "banks", "bench", "others")
OFFICERS = ("desk_officer", "second_officer", "county_chief")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class DeskScene:
    """The running house: who drafts, reviews and signs, where browsers call, which banks there are."""

    house: House
    people: list[Actor]
    port: int
    cookie: str
    banks: list[Bank]
    supervisor: subprocess.Popen[bytes]
    engine: Engine
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_banks(self) -> None:
        """Start every bank's process."""
        for each in self.banks:
            child = each.process()
            child.start()
            if child.process is not None:
                self.running.append(child.process)

    def cpu_seconds(self) -> Counter[str]:
        """CPU time so far by sort of process: the bench with its browsers and chiefs, and everybody else's, apart."""
        found = Counter[str]()
        for pid, line in children_of(self.supervisor.pid):
            sorts = {"apps.web": "web", FIRST: "first_worker", SHORT: "short_worker"}
            sort = next((name for mark, name in sorts.items() if mark in line), "worker")
            found[sort] += sum(_cpu(each) for each in (pid, *_children(pid)))
        found["banks"] = sum(_cpu(each.pid) for each in self.running)
        postmaster = int((self.house.settings.home / "postgres" / "postmaster.pid").read_text("ascii").split()[0])
        found["database"] = _cpu(postmaster) + sum(_cpu(each) for each in _children(postmaster))
        found["bench"] = time.process_time()
        found["others"] = _busy() - found.total()
        return found

    def allow_first_stops(self) -> None:
        """The shift's authorities, signed as the law asks."""
        limits = proposed("first_stops")
        for _ in range(SHIFTS):
            self._authority(frozenset({OrderKind.STOP}), 1_000, limits, "")

    def allow_chase(self, incident: str) -> None:
        """The authority of one incident's chase: drafted, reviewed, signed by the chief."""
        self._authority(frozenset({OrderKind.STOP, OrderKind.QUERY}), 60, proposed("incident"), incident)

    def _authority(self, kinds: frozenset[OrderKind], accounts: int, limits: Limits, incident: str) -> None:
        wide = Limits(
            layers=limits.layers,
            accounts=accounts,
            total_fen=fen(10**15),
            least_traceable_fen=fen(1),
            least_share_ppm=0,
            excluded=limits.excluded,
        )
        until = self.house.now() + timedelta(hours=8)
        new = NewAuthority(kinds=kinds, limits=wide, until=until, reason="bench", incident=incident)
        drafter, *signers = self.people
        told = self._at(drafter, lambda desk: draft_authority(desk, new))
        for each in signers:
            if told.missing:
                number = told.number
                told = self._at(each, lambda desk, number=number: sign_authority(desk, number))  # type: ignore[misc]

    def _at(self, actor: Actor, do):  # type: ignore[no-untyped-def]
        with self.house.act(actor) as connection:
            return do(Desk(house=self.house, connection=connection, actor=actor))


@dataclass(slots=True)
class Browser:
    """One person's line to the console, kept open as a browser keeps it."""

    port: int
    cookie: str
    csrf: str
    line: http.client.HTTPConnection | None = None

    def report(self, theft: Theft, key: str) -> str:
        """Post the form of a report; the incident's number."""
        at = theft.paid_at.astimezone(SHANGHAI).isoformat(timespec="seconds")
        fields = {
            "csrf": self.csrf, "key": key, "source": Source.EMERGENCY.value, "victim": "测试·受害",
            "identity_checked": "yes", "institution0": theft.bank, "payee0": theft.payee,
            "payee_name0": theft.payee_name, "amount0": f"{LOST_FEN // 100}", "at0": at,
        }  # fmt: skip
        status, place, _ = self.call("POST", "/incidents/new", fields)
        if status != http.client.SEE_OTHER:
            raise OSError(f"a report was answered {status}")
        return place.rsplit("/", 1)[-1]

    def call(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where to go next, and the page."""
        self.line = self.line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = _headers(self.port) | {"cookie": self.cookie}
            self.line.request(method, path, body=urlencode(fields or {}), headers=headers)
            answer = self.line.getresponse()
            page = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self.line.close()
            self.line = None
            raise
        return answer.status, answer.headers.get("location", ""), page


def browser(running: DeskScene) -> Browser:
    """Somebody signed on, with the token that their forms carry."""
    found = Browser(port=running.port, cookie=running.cookie, csrf="")
    _, _, page = found.call("GET", "/incidents/new")
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    if token is None:
        raise OSError("no form came")
    found.csrf = token.group(1)
    return found


@dataclass(slots=True)
class Chiefs:
    """People who allow each incident's chase once its report is taken, one after the other, as fast as people sign."""

    running: DeskScene
    waiting: SimpleQueue[str] = field(default_factory=SimpleQueue)
    allowed: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Sign what comes until it is over."""
        while not self.over.wait(SIGNING_SECONDS):
            with suppress(Empty):
                self.running.allow_chase(self.waiting.get(timeout=0.2))
                self.allowed += 1


@contextmanager
def desk_scene(profile: Profile) -> Iterator[DeskScene]:
    """The house and its banks in a folder of their own, which is gone afterwards; no bank runs yet."""
    rehearse_case()  # a house that was installed has its kernels compiled (`fanzha warm`)
    folder = Path(tempfile.mkdtemp(prefix="fanzha-desk-", dir="/var/tmp"))
    folder.chmod(0o755)
    port = _free_port()
    settings = Settings(home=folder / "home", keys=folder / "keys", web_port=port, workers=1, database_url="")
    environment = {
        **os.environ,
        "FANZHA_HOME": str(settings.home),
        "FANZHA_KEYS": str(settings.keys),
        "FANZHA_WEB_PORT": str(port),
        "FANZHA_WORKERS": "1",
        "FANZHA_SHORT_WORKERS": str(SHORT_WORKERS),
        "FANZHA_DATABASE_URL": "",
    }
    server = start_server(settings.home)
    try:
        with open_house(settings, "exercise") as house:
            now = house.wall.now()
            with house.act(operator()) as connection:
                set_clock(connection, wall=now, epoch=house.now(), speed=1.0)
            house.follow_clock()
            people = _people(house)
            banks = found_city(house, folder / "banks", f"http://127.0.0.1:{port}", BANKS, profile)
        supervisor = _started(environment, "serve")
        with open_house(settings) as house:
            engine = create_engine(server.url(SUPERUSER, DEFAULT_DATABASE), poolclass=NullPool)
            running = DeskScene(house, people, port, "", banks, supervisor, engine)
            try:
                running.cookie = _come_in(house, people[0], port)
                running.allow_first_stops()
                yield running
            finally:
                supervisor.send_signal(signal.SIGTERM)
                for each in running.running:
                    each.terminate()
                for each in [supervisor, *running.running]:
                    each.wait()
    finally:
        server.leave()
        rmtree(folder, ignore_errors=True)


def _people(house: House) -> list[Actor]:
    """Who drafts, who reviews and who signs as chief, all of the centre and known to institutions."""
    boss, found = operator(), []
    with house.act(boss) as connection:
        keep_organ(connection, OrganCard(unit_path=CENTRE, code="990000000000", name="测试市公安局"), boss, house.now())
        for role in OFFICERS:
            login = f"bench-{role.replace('_', '-')}"
            user = add_person(
                connection, NewPerson(login=login, name=f"测试·{role}", unit_path=CENTRE), house.wall.now()
            )
            assign_role(connection, NewAssignment(user_id=user, role=role, unit_path=CENTRE), boss, house.wall.now())
            card = OfficerCard(
                user_id=user,
                unit_path=CENTRE,
                document_type="02",
                document_number=f"99{role}"[:12],
                phone="0999-1200009",
            )
            keep_officer(connection, card, boss, house.now())
            found.append(Actor(user_id=user, name=login, scope=CENTRE, permissions=roles()[role].permissions))
    return found


def _come_in(house: House, who: Actor, port: int) -> str:
    """The cookie of a session, by a one-time link as an operator makes it."""
    assert who.user_id is not None
    link = doors_of(house).link_for(who.user_id, operator(), timedelta(minutes=5))
    until = time.monotonic() + START_SECONDS
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            line.request("POST", f"/enter/{link}", body="", headers=_headers(port))
            answer = line.getresponse()
            cookie = answer.headers.get("set-cookie", "").split(";")[0]
            if cookie:
                return cookie
        except (OSError, http.client.HTTPException):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        finally:
            line.close()
        if time.monotonic() > until:
            raise TimeoutError("the console did not let anybody in")


def _headers(port: int) -> dict[str, str]:
    """What a browser sends with a form of the console's own pages."""
    return {"origin": f"http://127.0.0.1:{port}", "content-type": "application/x-www-form-urlencoded"}


def _cpu(pid: int) -> float:
    """CPU seconds of a process and of its children that have ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(each) for each in told[11:15]) / _TICKS


def _busy() -> float:
    """CPU seconds that the whole machine has been busy: user, nice, system and what interrupts take."""
    told = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()
    return sum(int(told[place]) for place in (1, 2, 3, 6, 7)) / _TICKS


def _children(pid: int) -> list[int]:
    """Its running children, whichever of its threads began them."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for task in tasks for each in task.read_text("ascii").split()]
