"""A whole house and its simulated banks as processes, people who order, and somebody who kills."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.instance import set_clock
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.orders import OrderQuery, entries_of, list_orders
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import roles
from fanzha.adapters.store.schema.institutions import institution_message
from fanzha.adapters.store.work_handling import Wished, count_work
from fanzha.apps.processes import listen
from fanzha.cases.incident import Source
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.ids import CaseId
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.authority import MOST_ACCOUNTS
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order, TargetKind, Terms
from fanzha.settings import Settings
from fanzha.simulation.institutions.kept import TRUTH
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.incidents import NewPaid, NewReport, take_report
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order, revive, sign

SPEED = 240.0
"""Business seconds a wall second: banks that work by hand answer within a minute."""
BANKS = 3
START_SECONDS = 240.0
MOST_ORDERS = 100_000
SHIFT = timedelta(hours=12)
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_PROCESSES = Counter(web=1, worker=3, institution=BANKS + 1, database=1)
_BROKEN = (FanzhaError, SQLAlchemyError, OSError)


@dataclass(slots=True)
class Scene:
    """The running house, the people who order in it, and what is known of each order they made."""

    home: Path
    house: House
    supervisors: list[subprocess.Popen[bytes]]
    drafter: Actor
    second: Actor
    case_id: CaseId
    dice: random.Random
    accounts: list[dict[str, str]] = field(default_factory=list)
    made: list[UUID] = field(default_factory=list)
    told: list[UUID] = field(default_factory=list)
    allowed_until: datetime = _NEVER
    kills: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    revived: int = 0

    def order(self) -> None:
        """One stop on some account, drafted and signed; what a killed database takes back was never made."""
        account = self.dice.choice(self.accounts)
        try:
            order = self._opened(account)
            self.made.append(order.id)
            self._signed(order)
        except _BROKEN:
            self.failed += 1

    def report(self) -> None:
        """A victim's report of some account: the chase stops it under the shift's authority, nobody clicks."""
        account, now = self.dice.choice(self.accounts), self.house.now()
        paid = NewPaid(
            institution=account["institution_code"],
            payee=account["number"],
            payee_name=account["holder"],
            amount_fen=1_000_000,
            at=now - timedelta(minutes=10),
        )
        new = NewReport(source=Source.EMERGENCY, reported_at=now, payments=(paid,), identity_checked=True)
        try:
            self.keep_allowed()
            with self.house.act(self.drafter) as connection:
                taken = take_report(Desk(house=self.house, connection=connection, actor=self.drafter), new)
            self.told.append(taken.case_id)
        except _BROKEN:
            self.failed += 1

    def keep_allowed(self) -> None:
        """Sign the next shift's authority in time: without one a chase waits for a person, as it must."""
        if self.house.now() > self.allowed_until - SHIFT / 2:
            self.allowed_until = _allow_first_stops(self.house, self.drafter, self.second)

    def unheard(self) -> set[UUID]:
        """Cases of reports that no stop has come of yet."""
        return set(self.told) - {each.case_id for each in self.orders()}

    def sign_rest(self) -> int:
        """Sign what a kill left unsigned; how many there were."""
        unsigned = [each for each in self.orders() if each.instructions[-1].missing]
        for each in unsigned:
            self._signed(each)
        return len(unsigned)

    def revive_dead(self) -> int:
        """Take up again what was given up to a person; how many there were."""
        dead = [each for each in self.orders() if each.instructions[-1].delivery is Delivery.DEAD]
        for each in dead:
            with self.house.act(self.drafter) as connection:
                desk = Desk(house=self.house, connection=connection, actor=self.drafter)
                revive(desk, each.id, each.instructions[-1].id, "bench")
        self.revived += len(dead)
        return len(dead)

    def skip(self, by: timedelta) -> None:
        """Move the exercise's clock on; every process hears of it within seconds."""
        with self.house.act(operator()) as connection:
            set_clock(connection, wall=self.house.wall.now(), epoch=self.house.now() + by, speed=SPEED)
        self.house.follow_clock()

    def orders(self) -> list[Order]:
        """Every order there is."""
        with self.house.act(self.drafter) as connection:
            return list_orders(connection, OrderQuery(limit=MOST_ORDERS))[1]

    def entries(self, orders: Iterable[Order]) -> list[list[Entry]]:
        """Everything that happened to each of the orders."""
        with self.house.act(self.drafter) as connection:
            return [entries_of(connection, each.id) for each in orders]

    def messages(self) -> set[str]:
        """The ids of all messages of institutions that the house keeps."""
        with self.house.act_as_house() as connection:
            return set(connection.scalars(select(institution_message.c.message_id)))

    def stuck(self) -> int:
        """How many rows of work were given up to a person."""
        with self.house.act_as_house() as connection:
            return count_work(connection, Wished(states=("stuck",)))

    def kill(self) -> None:
        """End some process of the house or of a bank at once, as a power cut does; a supervisor must outlive that."""
        if any(each.poll() is not None for each in self.supervisors):
            raise ChildProcessError("a supervisor gave up: " + self._last_words())
        kind, victim = self.dice.choice(list(self.victims()))
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.kills[kind] += 1

    def stop_banks(self) -> list[Path]:
        """End the banks; the folder of each, in which the truth was written apart."""
        self.supervisors[1].terminate()
        self.supervisors[1].wait()
        return sorted(each.parent for each in (self.home / "simulated").glob(f"*/{TRUTH}"))

    def _last_words(self) -> str:
        logs = sorted(self.home.parent.glob("*.log"))
        return " | ".join(each.read_text("utf-8", "replace")[-1000:] for each in logs)

    def _opened(self, account: dict[str, str]) -> Order:
        payment = NewPayment(amount_fen=1_000_000, at=self.house.now() - timedelta(minutes=10))
        new = NewOrder(
            case_id=self.case_id,
            kind=OrderKind.STOP,
            institution=account["institution_code"],
            target_kind=TargetKind.ACCOUNT,
            number=account["number"],
            holder=account["holder"],
            holder_class="",
            terms=Terms(),
            reason="bench",
            payment=payment,
        )
        with self.house.act(self.drafter) as connection:
            return open_order(Desk(house=self.house, connection=connection, actor=self.drafter), new)

    def _signed(self, order: Order) -> None:
        with self.house.act(self.second) as connection:
            desk = Desk(house=self.house, connection=connection, actor=self.second)
            sign(desk, order.id, order.instructions[-1].id)

    def victims(self) -> Iterator[tuple[str, int]]:
        """What runs and can be killed: its kind and its process."""
        for child, module in children_of(self.supervisors[0].pid):
            yield ("web" if "web" in module else "worker"), child
        for child, _ in children_of(self.supervisors[1].pid):
            yield "institution", child
        try:
            told = (self.home / "postgres" / "postmaster.pid").read_text("ascii")
        except OSError:
            return
        yield "database", int(told.split("\n", 1)[0])


def children_of(parent: int) -> Iterator[tuple[int, str]]:
    """The running children of a process, each with its command line."""
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, father = each.read_text().rpartition(")")[2].split()[:2]
            line = (each.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if int(father) == parent and state != "Z" and "fanzha.apps" in line:
            yield int(each.parent.name), line


@contextmanager
def scene(folder: Path, seed: int) -> Iterator[Scene]:
    """The house and its banks, served from a folder that the database's user can reach."""
    port = _free_port()
    environment = {
        **os.environ,
        "FANZHA_HOME": str(folder / "home"),
        "FANZHA_KEYS": str(folder / "keys"),
        "FANZHA_WEB_PORT": str(port),
        "FANZHA_WORKERS": "1",
    }
    settings = Settings(home=folder / "home", keys=folder / "keys", web_port=port, workers=1)
    with open_house(settings, "exercise") as house:
        with house.act(operator()) as connection:
            now = house.wall.now()
            clock = set_clock(connection, wall=now, epoch=house.now(), speed=SPEED)
        people = _people(house)
        supervisors = [_started(environment, "serve")]
    with open_house(settings) as house:
        assert house.clock.now() >= clock.epoch
        supervisors.append(_started(environment, *_SIMULATE, f"--centre=http://127.0.0.1:{port}"))
        try:
            running = Scene(folder / "home", house, supervisors, *people, random.Random(seed))
            _await_banks(running)
            yield running
        finally:
            for each in supervisors:
                each.terminate()
            for each in supervisors:
                each.wait()


_SIMULATE = (
    "simulate",
    "institutions",
    f"--banks={BANKS}",
    "--payments=1",
    "--carriers=0",
    "--resolvers=0",
    "--stores=0",
)


def _started(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fanzha", "--lang", "en", *words]
    log = Path(environment["FANZHA_HOME"]).parent / f"{words[0]}.log"
    with log.open("wb") as told:
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=told)


def _free_port() -> int:
    with listen("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


def _await_banks(running: Scene) -> None:
    """Until every process runs that will be killed; whoever supervises the banks has written their accounts by then."""
    until = time.monotonic() + START_SECONDS
    listed = running.home / "simulated" / "accounts.csv"
    while Counter(kind for kind, _ in running.victims()) != _PROCESSES:
        if time.monotonic() > until or any(each.poll() is not None for each in running.supervisors):
            raise TimeoutError("the house or its banks did not come up")
        time.sleep(0.1)
    with listed.open(encoding="utf-8", newline="") as file:
        running.accounts = list(csv.DictReader(file))


def _people(house: House) -> tuple[Actor, Actor, CaseId]:
    """Somebody who drafts, somebody who reviews, and a case."""
    boss = operator()
    with house.act(boss) as connection:
        keep_organ(connection, OrganCard(unit_path=CENTRE, code="990000000000", name="测试市公安局"), boss, house.now())
        actors = []
        for role in ("desk_officer", "second_officer"):
            new = NewPerson(login=f"bench-{role.replace('_', '-')}", name=f"测试·{role}", unit_path=CENTRE)
            user = add_person(connection, new, house.wall.now())
            card = OfficerCard(
                user_id=user,
                unit_path=CENTRE,
                document_type="02",
                document_number=f"99{role}"[:12],
                phone="0999-1200009",
            )
            keep_officer(connection, card, boss, house.now())
            actors.append(Actor(user_id=user, name=new.login, scope=CENTRE, permissions=roles()[role].permissions))
    with house.act(actors[0]) as connection:
        case = open_case(connection, "测试:强杀", "criminal", actors[0], house.now())
    return actors[0], actors[1], case.id


def _allow_first_stops(house: House, drafter: Actor, second: Actor) -> datetime:
    """Until when the shift's authority stands under which chases stop what reports name."""
    limits = replace(proposed("first_stops"), accounts=MOST_ACCOUNTS, total_fen=fen(10**15))
    until = house.now() + SHIFT
    new = NewAuthority(kinds=frozenset({OrderKind.STOP}), limits=limits, until=until, reason="bench")
    with house.act(drafter) as connection:
        told = draft_authority(Desk(house=house, connection=connection, actor=drafter), new)
    with house.act(second) as connection:
        sign_authority(Desk(house=house, connection=connection, actor=second), told.number)
    return until
