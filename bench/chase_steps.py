"""`python -m bench.chase_steps [CHASES]`: what each step of a chase costs, in one process on an embedded database.

CPU time of this process and statements by step, and the database's own CPU: figures that another's load on the machine
moves little. The thefts are those of `bench desk`; banks answer at once, through the bytes of the protocol.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from uuid import UUID

from sqlalchemy import event

from bench.desk_city import LOST_FEN, Bank, Theft, _Ledger, _theft, found_city
from bench.desk_scene import DeskScene, _children, _cpu, _people
from fanzha.adapters.connectors.port import Reply
from fanzha.adapters.store.engine import look_up_by_key
from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.server import start_server
from fanzha.adapters.store.work import Wanted, Work, take
from fanzha.cases.incident import Source
from fanzha.kernel.ids import InstitutionId
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Collected, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.registers.institutions import Institution as Registered
from fanzha.settings import Settings
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.institution import Institution
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.parameters import published
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.deliveries import Errand, come_back, come_back_alone, set_out, spoken
from fanzha.wiring.desk import DELIVERIES, Desk
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import CENTRE, House, open_house
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK, NewPaid, NewReport, take_report
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.next_rounds import CHASES, NEXT_LAYERS
from fanzha.wiring.post import SLOTS
from fanzha.wiring.rehearsing import rehearse_case

ALL_ROUNDS = {REPORT_WORK: FIRST_ROUNDS, NEXT_WORK: NEXT_LAYERS, CHASE_WORK: CHASES}
HOP = timedelta(seconds=30)
ROUNDS = 6
LEASE = timedelta(minutes=1)


@dataclass(slots=True)
class Meter:
    """CPU milliseconds, statements and how often, by step."""

    cpu_ms: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    so_far: int = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What happens here belongs to this step."""
        cpu, before = time.process_time(), self.so_far
        yield
        self.cpu_ms[name] += 1_000 * (time.process_time() - cpu)  # type: ignore[assignment]
        self.statements[name] += self.so_far - before
        self.times[name] += 1

    def count(self, *_: object) -> None:
        """One more statement, or a commit."""
        self.so_far += 1


@dataclass(slots=True)
class Line:
    """A bank's line that takes everything; what was asked waits, with the bank's code, until it is answered."""

    house: House
    code: str
    waiting: list[tuple[str, Request]]

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        """Taken."""
        self.waiting.append((self.code, request))
        told = Receipt(message_id=request.application_id, received_at=self.house.now(), repeated=False)
        return Reply(message=told, body=canonical(told), seal={}, key_id="bench")

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        """Nobody asks: everything is answered."""
        raise NotImplementedError(application_id)

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        """Nothing lies there."""
        raise NotImplementedError(taken)


@dataclass(slots=True)
class Steps:
    """The house, its banks in this process, and what every step cost."""

    house: House
    scene: DeskScene
    banks: dict[str, Institution]
    ids: dict[str, InstitutionId]
    meter: Meter = field(default_factory=Meter)
    waiting: list[tuple[str, Request]] = field(default_factory=list)

    def report(self, theft: Theft) -> str:
        """Take a report; the incident's number."""
        paid = NewPaid(
            institution=theft.bank, payee=theft.payee, payee_name=theft.payee_name, amount_fen=LOST_FEN,
            at=theft.paid_at,
        )  # fmt: skip
        drafter = self.scene.people[0]
        with self.meter.step("report"), self.house.act(drafter) as connection:
            desk = Desk(house=self.house, connection=connection, actor=drafter)
            new = NewReport(
                source=Source.EMERGENCY, reported_at=desk.now, payments=(paid,), victim="测试·受害",
                identity_checked=True,
            )  # fmt: skip
            return take_report(desk, new).number

    def round(self, name: str) -> None:
        """Everything that is due: rounds, what they send, and what banks answer."""
        with self.meter.step(f"rounds.{name}"):
            while sum(do_due_batch(self.house, kind, batch) for kind, batch in ALL_ROUNDS.items()):
                pass
        while rows := self._deliveries():
            with self.meter.step("set_out"):
                left = set_out(self.house, rows)
            with self.meter.step("send"):
                self._speak(left.errands)
        for code, request in self.waiting:
            said = self.banks[code].apply(Arrival(at=self.house.now(), request=request))
            if isinstance(said, Answer):
                self._keep(said)
        self.waiting.clear()
        with self.meter.step("mail"):
            while do_due_batch(self.house, MESSAGE_WORK, MAIL):
                pass

    def _speak(self, errands: Sequence[tuple[Work, Errand]]) -> None:
        """All of them are spoken of; what banks say at once is written at once, as many as the post has slots."""
        for start in range(0, len(errands), SLOTS):
            backs = [spoken(self._line_to, row, errand) for row, errand in errands[start : start + SLOTS]]
            for each in come_back(self.house, backs):
                come_back_alone(self.house, each)

    def _line_to(self, bank: Registered) -> Line:
        return Line(self.house, bank.code, self.waiting)

    def _deliveries(self) -> list[Work]:
        wanted = Wanted(kinds=DELIVERIES, lease=LEASE, limit=50)
        with self.house.act_as_house() as connection:
            return take(connection, wanted, self.house.now(), self.house.wall.now())

    def _keep(self, said: Answer) -> None:
        with self.meter.step("keep"), self.house.act_as_house() as connection:
            new = NewMessage(
                institution_id=self.ids[said.institution_code], kind="answer", message_id=said.answer_id,
                application_id=UUID(said.application_id), key_id="bench", fingerprint=fingerprint(said),
                body=canonical(said), seal={},
            )  # fmt: skip
            keep_message(connection, self.house.keys, new, self.house.now(), CENTRE)


def stolen(house: House, banks: Sequence[Bank], many: int) -> tuple[dict[str, Institution], list[Theft]]:
    """The banks in this process, with the money of so many thefts at rest in their last accounts."""
    found = {each.setup.code: Institution(each.setup, published(), 1) for each in banks}
    ledger, paid = _Ledger(), house.now() - 10 * HOP
    thefts = [_theft(number, paid, HOP, banks, ledger) for number in range(many)]
    began = house.now() - 13 * HOP
    for code, bank in found.items():
        bank.apply(Arrival(at=began, opened=tuple(ledger.openings[code]), planned=tuple(ledger.payments[code])))
    for step in range(60):
        at = began + timedelta(seconds=100 + 5 * step)
        for bank in found.values():
            bank.apply(Arrival(at=at))
            for transfer in list(bank.transfers()):
                settled = found[transfer.payee_code].apply(Arrival(at=at, transfer=transfer))
                bank.apply(Arrival(at=at, settled=settled))  # type: ignore[arg-type]
    return found, thefts


def measure(many: int) -> dict[str, object]:
    """So many chases at once, from their reports until nothing more leaves; everything per chase."""
    folder = Path(tempfile.mkdtemp(prefix="fanzha-steps-", dir="/var/tmp"))
    folder.chmod(0o755)
    settings = Settings(home=folder / "home", keys=folder / "keys", workers=1, database_url="")
    server = start_server(settings.home)
    try:
        with open_house(settings, "exercise") as house:
            look_up_by_key(house.engine)
            rehearse_case()
            banks = found_city(house, folder / "banks", "http://127.0.0.1:1", 6, Profile.PROMPT)
            found, thefts = stolen(house, banks, many)
            scene = DeskScene(house, _people(house), 0, "", banks, None, None)  # type: ignore[arg-type]
            scene.allow_first_stops()
            with house.act_as_house() as connection:
                ids = {each.institution.code: each.id for each in every_institution(connection)}
            steps = Steps(house, scene, found, ids)
            event.listen(house.engine, "before_cursor_execute", steps.meter.count)
            event.listen(house.engine, "commit", steps.meter.count)
            before = _database_s(settings.home)
            numbers = [steps.report(each) for each in thefts]
            steps.round("first")
            for each in numbers:
                with steps.meter.step("allow"):
                    scene.allow_chase(each)
            for number in range(ROUNDS):
                steps.round(str(number + 2))
            return _told(steps.meter, many, 1_000 * (_database_s(settings.home) - before))
    finally:
        server.leave()
        rmtree(folder, ignore_errors=True)


def _database_s(home: Path) -> float:
    postmaster = int((home / "postgres" / "postmaster.pid").read_text("ascii").split()[0])
    return _cpu(postmaster) + sum(_cpu(each) for each in _children(postmaster))


def _told(meter: Meter, many: int, database_ms: float) -> dict[str, object]:
    steps = {
        name: {
            "times": round(meter.times[name] / many, 1),
            "cpu_ms": round(meter.cpu_ms[name] / many, 1),
            "statements": round(meter.statements[name] / many, 1),
        }
        for name in meter.times
    }
    ours = sum(meter.cpu_ms.values()) / many
    return {
        "chases": many,
        "per_chase": steps,
        "cpu_ms": round(ours, 1),
        "statements": round(sum(meter.statements.values()) / many, 1),
        "database_cpu_ms": round(database_ms / many, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 4), indent=1))
