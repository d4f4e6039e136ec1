"""An exercise that steps: one worker, institutions in this process, a clock that moves only when the house is idle.

The same seed and the same acts give the same messages, bit for bit (house section 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from fanzha.adapters.connectors.exchange_desk import ExchangeDesk
from fanzha.adapters.connectors.port import Connector, Reply
from fanzha.adapters.store.institution_messages import MessageKind, NewMessage, keep_message
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.work import Retries, Wanted, take, upcoming
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Broken, Conflict, Illegal, Unavailable
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Collected, Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical
from fanzha.registers.institutions import Institution
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.wiring.batches import Batch, do_due_batch
from fanzha.wiring.calls import CALL_WORK, ESCALATE
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.collecting import collect_waiting
from fanzha.wiring.connectors import connector_to
from fanzha.wiring.deliveries import deliver
from fanzha.wiring.desk import DELIVERIES
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.next_rounds import CHASES, NEXT_LAYERS
from fanzha.wiring.objections import OBJECTION_CLOCK, RING_OBJECTIONS
from fanzha.wiring.ringing import RING

M = TypeVar("M")
LEASE = timedelta(minutes=5)
ROUNDS = 10_000
"""Rounds at one instant after which something feeds itself."""
_BATCHES: Mapping[str, Batch] = {
    MESSAGE_WORK: MAIL,
    CLOCK_WORK: RING,
    CALL_WORK: ESCALATE,
    OBJECTION_CLOCK: RING_OBJECTIONS,
    REPORT_WORK: FIRST_ROUNDS,
    NEXT_WORK: NEXT_LAYERS,
    CHASE_WORK: CHASES,
}
_KINDS = (*_BATCHES, *DELIVERIES)


@dataclass(frozen=True, slots=True)
class SteppedConnector:
    """A connector to an institution in this process."""

    institution: Institution
    world: SteppedInstitutions

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        """Hand over a request, through its bytes."""
        return _said(self.world.send(self.institution.code, request))

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        """How far it is with an application."""
        return _said(self.world.ask(self.institution.code, application_id))

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        """Nothing: these institutions tell by themselves."""
        raise Illegal("connectors.by_hand", institution=self.institution.name)


@dataclass(slots=True)
class SteppedRun:
    """A house and its institutions under one clock that stands until told to move."""

    house: House
    world: SteppedInstitutions
    clock: SetClock
    desks: Mapping[str, ExchangeDesk] = field(default_factory=dict)
    """By code: institutions that are reached by a folder, both of whose sides are here."""

    def until(self, at: datetime) -> None:
        """Let everything happen that is due until then, each at its own time."""
        while True:
            self.settle()
            due = self._next_due()
            if due is None or due > at:
                break
            self.clock.at = max(due, self.clock.at)
        self.clock.at = max(at, self.clock.at)
        self.settle()

    def settle(self) -> None:
        """Work until nothing is due now."""
        for _ in range(ROUNDS):
            if not self._round():
                return
        raise Broken("simulation.never_idle")

    def _round(self) -> bool:
        told = self._hear() + self._exchange()
        due = self._due_kinds()
        done = sum(do_due_batch(self.house, kind, batch) for kind, batch in _BATCHES.items() if kind in due)
        delivered = 0 if due.isdisjoint(DELIVERIES) else self._deliver()
        return bool(told + done + delivered)

    def _due_kinds(self) -> set[str]:
        """Kinds of which something can be taken now."""
        now, wall = self.house.now(), self.house.wall.now()
        with self.house.act_as_house() as connection:
            work = upcoming(connection, _KINDS)
        return {
            each.kind
            for each in work
            if (each.due_at is not None and each.due_at <= now) or (each.wall_at is not None and each.wall_at <= wall)
        }

    def _hear(self) -> int:
        """Keep what institutions say by themselves, as their messages are kept when they come over a socket."""
        due = self.world.due()
        for each in due:
            if each.institution_code in self.desks:
                self.desks[each.institution_code].say(each)
                continue
            kind: MessageKind = "push" if isinstance(each, Push) else "answer"
            message_id = each.push_id if isinstance(each, Push) else each.answer_id
            self._keep(each, kind, message_id)
        return len(due)

    def _exchange(self) -> int:
        """Let the desks of folders take what lies there, and the house fetch what they laid down."""
        taken = sum(self._work_through(code, desk) for code, desk in self.desks.items())
        return taken + (collect_waiting(self.house, self._connector) if self.desks else 0)

    def _work_through(self, code: str, desk: ExchangeDesk) -> int:
        """What an institution's desk takes out of its folder; while it is closed everything stays where it lies."""
        taken = 0
        for request in desk.waiting():
            try:
                reply = self.world.send(code, request)
            except Unavailable:  # whoever carries the folder comes again
                continue
            if isinstance(reply, Refusal) and reply.retry_after_seconds is not None:
                continue
            desk.take(request)
            if isinstance(reply, Answer):
                desk.say(reply)
            taken += 1
        return taken

    def _connector(self, institution: Institution) -> Connector:
        if institution.code in self.desks:
            return connector_to(self.house, institution)
        return SteppedConnector(institution, self.world)

    def _keep(self, said: Answer | Push, kind: MessageKind, message_id: str) -> None:
        body = canonical(said)
        with self.house.act_as_house() as connection:
            sender = institution_called(connection, said.institution_code)
            message = NewMessage(
                institution_id=sender.id,
                kind=kind,
                message_id=message_id,
                application_id=UUID(said.application_id),
                key_id="stepped",
                fingerprint=sha256(body).hexdigest(),
                body=body,
                seal={},
            )
            try:
                keep_message(connection, self.house.keys, message, self.house.now(), CENTRE)
            except Conflict:  # a lie under a known id: refused with a mark over a socket, and of no effect here
                return

    def _deliver(self) -> int:
        """By application id, which chance of this run made: ids of rows of work are made by the world's."""
        wanted = Wanted(kinds=DELIVERIES, lease=LEASE, limit=ROUNDS, retries=Retries(attempts=ROUNDS))
        with self.house.act_as_house() as connection:
            rows = take(connection, wanted, self.house.now(), self.house.wall.now())
        for row in sorted(rows, key=lambda each: (each.due_at, each.key)):
            deliver(self.house, self._connector, row)
        return len(rows)

    def _next_due(self) -> datetime | None:
        with self.house.act_as_house() as connection:
            work = upcoming(connection, _KINDS)
        times = [at for each in work for at in (each.due_at, each.wall_at)]
        return min((at for at in (*times, self.world.next_due()) if at is not None), default=None)


def _said(message: M) -> Reply[M]:
    return Reply(message=message, body=canonical(message), seal={}, key_id="stepped")
