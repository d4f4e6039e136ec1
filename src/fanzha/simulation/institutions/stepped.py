"""Institutions in process, for exercises that step: no sockets, the same bytes, and a run that repeats bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import NotFound, Unavailable
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.wire import M, canonical, read
from fanzha.simulation.institutions.accounts import Opening, Payment, Settlement
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.behaviour import Line
from fanzha.simulation.institutions.institution import Institution, Reply
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.institutions.truth import Happening
from fanzha.simulation.parameters import Parameters


@dataclass(slots=True)
class SteppedInstitutions:
    """All simulated institutions of one exercise under one clock and one seed.

    Every message goes through its bytes and into the digest; truth does so when it is asked for.
    """

    setups: Iterable[Setup]
    parameters: Parameters
    seed: int
    clock: Clock
    institutions: dict[str, Institution] = field(init=False)
    _messages: list[bytes] = field(default_factory=list)
    _times: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.institutions = {each.code: Institution(each, self.parameters, self.seed) for each in self.setups}

    def open(self, openings: Mapping[str, Iterable[Opening]]) -> None:
        """Have accounts at institutions, by code."""
        for code, each in openings.items():
            self._institution(code).apply(Arrival(at=self.clock.now(), opened=tuple(each)))

    def plan(self, payments: Mapping[str, Iterable[Payment]]) -> None:
        """Have payments made at their times, by the payer's institution."""
        for code, each in payments.items():
            self._institution(code).apply(Arrival(at=self.clock.now(), planned=tuple(each)))

    def send(self, code: str, request: Request) -> Reply:
        """Give a request; `Unavailable` when the line broke, whether before or after it arrived nobody knows."""
        now = self.advance()
        institution = self._institution(code)
        self._times[request.application_id] = time = self._times.get(request.application_id, 0) + 1
        line = institution.behaviour.line(request.application_id, time)
        if line is Line.BREAKS_BEFORE:
            raise Unavailable("simulation.line_broke", institution=institution.setup.id)
        arrived = self._heard(request)
        reply = institution.known(arrived, now) or institution.apply(Arrival(at=now, request=arrived))
        self._settle()
        if line is Line.BREAKS_AFTER or not isinstance(reply, Receipt | Answer | Refusal):
            raise Unavailable("simulation.line_broke", institution=institution.setup.id)
        return self._heard(reply)

    def ask(self, code: str, application_id: str) -> Status:
        """Ask how far an application is; `Unavailable` while the channel is down."""
        now = self.advance()
        institution = self._institution(code)
        if institution.behaviour.down_until(now):
            raise Unavailable("simulation.line_broke", institution=institution.setup.id)
        return self._heard(institution.status(application_id, now))

    def due(self) -> list[Answer | Push]:
        """Answers and pushes that have come by now, each once for every time it is told."""
        now = self.advance()
        told: list[Answer | Push] = []
        for institution in self.institutions.values():
            waiting = institution.due(now)
            if waiting:
                institution.apply(Arrival(at=now, taken=tuple(each.key for each in waiting)))
            told += [self._heard(each.message) for each in waiting]
        return told

    def next_due(self) -> datetime | None:
        """When something happens next at any institution by itself, or is to be told."""
        own = (each.next_due for each in self.institutions.values())
        told = (each.tells_at(self.clock.now()) for each in self.institutions.values())
        return min((due for due in (*own, *told) if due is not None), default=None)

    def advance(self) -> datetime:
        """Let all that is due by the clock's time happen, everywhere in the order of its time; the time now."""
        now = self.clock.now()
        self._settle()
        while (following := self._next_institution(now)) is not None:
            due, institution = following
            institution.apply(Arrival(at=due))
            self._settle()
        return now

    @property
    def truth(self) -> list[Happening]:
        """What really happened everywhere, by institution; for tests and benches only."""
        return [each for institution in self.institutions.values() for each in institution.truth]

    @property
    def money_fen(self) -> int:
        """What lies in all accounts and is under way between them; with what left as cash, always what was opened."""
        lies = sum(each.books.balance_fen for each in self.institutions.values())
        return lies + sum(moved.amount_fen for each in self.institutions.values() for moved in each.transfers())

    def digest(self) -> str:
        """SHA-256 of every message in order and of the truth: the same seed and the same questions give the same."""
        told = [*self._messages, *(canonical(each) for each in self.truth)]
        return sha256(b"\n".join(told)).hexdigest()

    def _next_institution(self, now: datetime) -> tuple[datetime, Institution] | None:
        waiting = [
            (each.next_due, code, each)
            for code, each in self.institutions.items()
            if each.next_due is not None and each.next_due <= now
        ]
        if not waiting:
            return None
        due, _, institution = min(waiting, key=lambda each: each[:2])
        return due, institution

    def _settle(self) -> None:
        """Bring every transfer that is under way to its account, or back."""
        for payer in self.institutions.values():
            for transfer in payer.transfers():
                payee = self.institutions.get(transfer.payee_code)
                arrival = Arrival(at=transfer.at, transfer=transfer)
                settled = payee.apply(arrival) if payee else Settlement(payment_id=transfer.payment_id, accepted=False)
                if isinstance(settled, Settlement):
                    payer.apply(Arrival(at=transfer.at, settled=settled))

    def _heard(self, message: M) -> M:
        """The message as the other side reads it from its bytes."""
        told = canonical(message)
        self._messages.append(told)
        return read(type(message), told)

    def _institution(self, code: str) -> Institution:
        if code not in self.institutions:
            raise NotFound("simulation.no_institution", code=code)
        return self.institutions[code]
