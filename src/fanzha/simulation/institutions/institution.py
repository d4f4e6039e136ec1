"""One simulated institution: a state that only arrivals change, so that the same arrivals give the same state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fanzha.kernel.clock import utc
from fanzha.protocol.answer import MOST_ANSWERS, Answer, Progress, Receipt, Status
from fanzha.protocol.codes import Ending, meaning
from fanzha.protocol.messages import Collect, Collected, Push, Refusal, RefusalCode
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import fingerprint
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.accounts import Account, Books, Freeze, Settlement, Transfer
from fanzha.simulation.institutions.agenda import Agenda, Task
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.behaviour import NOTHING, Behaviour, Course
from fanzha.simulation.institutions.desk import Desk
from fanzha.simulation.institutions.matters import Ruling, terms_of
from fanzha.simulation.institutions.outbox import Outbox, Outgoing
from fanzha.simulation.institutions.payments import Till
from fanzha.simulation.institutions.roster import words
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.institutions.truth import Happening
from fanzha.simulation.parameters import Parameters

Reply = Receipt | Answer | Refusal
LONGEST_PAUSE = 86_400


@dataclass(slots=True, kw_only=True)
class Application:
    """A request that arrived: its content by hash, how it goes, every answer so far; forgotten when it failed here."""

    request: Request
    content: str
    received_at: datetime
    course: Course
    attempt: int = 1
    progress: Progress = Progress.WORKING
    answers: list[Answer] = field(default_factory=list)


class Institution:
    """A bank, payment company, carrier, resolver or store; `apply` is the only way in that leaves a trace."""

    def __init__(self, setup: Setup, parameters: Parameters, seed: int) -> None:
        self.setup = setup
        self.behaviour = Behaviour(setup=setup, parameters=parameters, seed=seed)
        self.books = Books(setup.code)
        self.till = Till(setup, self.books)
        self.outbox = Outbox()
        self._desk = Desk(setup, terms_of(parameters), self.books)
        self._agenda = Agenda()
        self._applications: dict[str, Application] = {}
        self._at: datetime | None = None
        self._lines = parameters.whole("statement.lines")
        self._seed = seed

    @property
    def truth(self) -> list[Happening]:
        """What really happened here; no stage reads it."""
        return self._desk.truth

    @property
    def next_due(self) -> datetime | None:
        """When something happens here by itself."""
        return self._agenda.next_due

    def apply(self, arrival: Arrival) -> Reply | Settlement | None:
        """Let time pass until the arrival, then take it; what it is answered at once, if anything."""
        at = max(utc(arrival.at), self._at or utc(arrival.at))
        self._at = at
        self._pass(at)
        self._arrange(arrival, at)
        settlement = self.till.take(arrival.transfer, at, self._seen) if arrival.transfer else None
        if arrival.settled:
            self.till.settle(arrival.settled, at, self._seen)
        self.outbox.take(arrival.taken)
        reply = self._receive(arrival.request, at) if arrival.request else None
        self._pass(at)
        if arrival.request and isinstance(reply, Receipt):
            return self._answered_at_once(arrival.request.application_id) or reply
        return reply or settlement

    def known(self, request: Request, at: datetime) -> Reply | None:
        """The reply that needs no trace: a refusal, or what a repeated request was told; `None` for a new one."""
        refusal = self._refusal(request, at)
        if refusal is not None:
            return refusal
        known = self._applications.get(request.application_id)
        if known is None or known.progress is Progress.NOT_KNOWN:
            return self._other_content(known, request, at)
        if known.content != fingerprint(request):
            return Refusal(code=RefusalCode.OTHER_CONTENT, at=at, path="application_id")
        if known.progress is Progress.DONE and known.answers[0].final:
            return known.answers[0]
        return Receipt(message_id=request.application_id, received_at=known.received_at, repeated=True)

    def status(self, application_id: str, at: datetime) -> Status:
        """How far an application is, with its answers so far."""
        known = self._applications.get(application_id)
        if known is None or known.progress is Progress.NOT_KNOWN:
            return Status(application_id=application_id, progress=Progress.NOT_KNOWN, as_of=at)
        told = tuple(known.answers[:MOST_ANSWERS])
        return Status(application_id=application_id, progress=known.progress, as_of=at, answers=told)

    def due(self, at: datetime) -> list[Outgoing]:
        """What is to be told the centre by now; nothing while the channel is down."""
        return [] if self.behaviour.down_until(at) else self.outbox.due(at)

    def tells_at(self, at: datetime) -> datetime | None:
        """When the next of what is to be told the centre can be, seen from `at`: not before the channel is up."""
        due = self.outbox.next_due
        return None if due is None else self.behaviour.down_until(max(due, at)) or due

    def collected(self, at: datetime) -> Collected:
        """What waits for a centre that fetches."""
        return self.outbox.collected(at)

    def transfers(self) -> list[Transfer]:
        """Money under way to other institutions, oldest first."""
        return list(self.till.under_way.values())

    def _refusal(self, request: Request, at: datetime) -> Refusal | None:
        if request.target.institution_code != self.setup.code:
            return Refusal(code=RefusalCode.NOT_YOURS, at=at, path="target.institution_code")
        if not request.exercise:
            return Refusal(code=RefusalCode.EXERCISE, at=at, path="exercise")
        until = self.behaviour.down_until(at)
        if until is None:
            return None
        pause = min(LONGEST_PAUSE, max(1, -(-(until - at) // timedelta(seconds=1))))
        return Refusal(code=RefusalCode.CLOSED, at=at, retry_after_seconds=pause)

    def _other_content(self, known: Application | None, request: Request, at: datetime) -> Refusal | None:
        """An id whose first try failed here may come again, but not with another content."""
        if known is None or known.content == fingerprint(request):
            return None
        return Refusal(code=RefusalCode.OTHER_CONTENT, at=at, path="application_id")

    def _arrange(self, arrival: Arrival, at: datetime) -> None:
        for opening in arrival.opened:
            self.books.open(opening)
            for each in self.books.account(opening.number).freezes:
                self._agenda.add(each.ends_at, Task.END, f"/{opening.number}")
        for payment in arrival.planned:
            if self.till.plan(payment):
                self._agenda.add(max(at, payment.at), Task.PAY, payment.payment_id)

    def _receive(self, request: Request, at: datetime) -> Reply:
        reply = self.known(request, at)
        if reply is not None:
            return reply
        before = self._applications.get(request.application_id)
        attempt = before.attempt + 1 if before else 1
        course = self.behaviour.course(request.application_id, request.trade, attempt)
        self._applications[request.application_id] = Application(
            request=request, content=fingerprint(request), received_at=at, course=course, attempt=attempt
        )
        begins = self.behaviour.begins(request.trade, at)
        self._agenda.add(begins + course.delay, Task.WORK, request.application_id)
        return Receipt(message_id=request.application_id, received_at=at, repeated=False)

    def _pass(self, until: datetime) -> None:
        """Do what is due by then, each at its own time."""
        while (taken := self._agenda.take(until)) is not None:
            due, task, key = taken
            match task:
                case Task.WORK:
                    self._work(self._applications[key], due)
                case Task.PAY:
                    self.till.pay(key, due, self._seen)
                case Task.END:
                    self._end(key, due)

    def _work(self, application: Application, at: datetime) -> None:
        course, request = application.course, application.request
        ruling = Ruling(result=course.failure) if course.failure else self._desk.rule(request, at, course.lie)
        answers = list(self._answers(application, ruling, at))
        failed = meaning(ruling.result).ending is Ending.TEMPORARY
        application.progress = Progress.NOT_KNOWN if failed else Progress.DONE
        application.answers = [] if failed else answers
        self._watch_ends(request, at)
        if failed or course.twice or not _at_once(course, answers):
            self.outbox.tell(answers, at, course)

    def _answered_at_once(self, application_id: str) -> Answer | None:
        application = self._applications[application_id]
        done = application.progress is Progress.DONE and _at_once(application.course, application.answers)
        return application.answers[0] if done else None

    def _watch_ends(self, request: Request, at: datetime) -> None:
        """Note when what was made or changed now ends, and let those take over that stood behind it."""
        changed = request.original_application_id or request.application_id
        if changed in self._desk.measures:
            number, measure = self._desk.measures[changed]
            if measure.ends_at > at:
                self._agenda.add(measure.ends_at, Task.END, f"{changed}/{number}")
            self._activate(number, at)

    def _end(self, key: str, at: datetime) -> None:
        application, _, number = key.partition("/")
        if application:
            self._desk.expire(at, application)
        self._activate(number, at)

    def _activate(self, number: str, at: datetime) -> None:
        account = self.books.find(number)
        for freeze in self._desk.activate(account, at) if account else []:
            application = self._applications[freeze.application_id]
            answer = self._activation(application, account, freeze, at) if account else None
            if answer is not None:
                application.answers.append(answer)
                self.outbox.put(answer, at)
                self._agenda.add(freeze.ends_at, Task.END, f"{freeze.application_id}/{number}")

    def _activation(self, application: Application, account: Account, freeze: Freeze, at: datetime) -> Answer:
        told: dict[str, Any] = {"frozen_fen": account.taken_by(freeze, at), "balance_fen": account.balance_fen}
        told |= {"asked_fen": freeze.limit_fen or None, "available_fen": account.available_fen(at)}
        dates = {"started_at": freeze.starts_at, "ends_at": freeze.ends_at}
        request = application.request
        return self._answer(request, at, "0000", told | dates | {"trade": Trade.ACTIVATE, "number": account.number})

    def _answers(self, application: Application, ruling: Ruling, at: datetime) -> Iterable[Answer]:
        """The parts of an answer: a long statement comes in several."""
        request = application.request
        count = max(1, -(-len(ruling.lines) // self._lines))
        account = self.books.find(request.target.number)
        known = {"number": account.number, "card": account.opening.card} if account else {}
        for place in range(count):
            lines = ruling.lines[place * self._lines : (place + 1) * self._lines]
            parts = {"part": place + 1, "parts": count, "final": place + 1 == count, "transactions": lines}
            again = {"attempt": application.attempt}
            yield self._answer(request, at, ruling.result, {**known, **ruling.told, **parts}, again)

    def _answer(
        self,
        request: Request,
        at: datetime,
        result: str,
        told: Mapping[str, Any],
        also: Mapping[str, object] | None = None,
    ) -> Answer:
        fields: dict[str, Any] = {
            "part": 1,
            "final": True,
            "trade": request.trade,
            "currency": request.currency,
            **told,
        }
        drawn = Chance(
            self._seed, self.setup.code, "answer", request.application_id, fields["trade"], fields["part"], also
        )
        return Answer(
            answer_id=drawn.uuid(),
            application_id=request.application_id,
            institution_code=self.setup.code,
            result=result,
            answered_at=at,
            exercise=True,
            failure=words()["failures"].get(result),
            branch_name=words()["branch"],
            **fields,
        )

    def _seen(self, account: Account, at: datetime) -> None:
        """Push the newest line of an account to whoever watches it."""
        for monitor in self._desk.monitors(account, at):
            monitor.sequence += 1
            drawn = Chance(self._seed, self.setup.code, "push", monitor.application_id, monitor.sequence)
            push = Push(
                push_id=drawn.uuid(),
                application_id=monitor.application_id,
                institution_code=self.setup.code,
                sequence=monitor.sequence,
                pushed_at=at,
                exercise=True,
                number=account.number,
                transactions=(account.lines[-1],),
            )
            self.outbox.put(push, at)


def taken_by(collect: Collect, at: datetime) -> Arrival:
    """That the centre has had these messages, copies included."""
    return Arrival(at=at, taken=tuple(key for each in collect.taken for key in (each, f"{each}+")))


def _at_once(course: Course, answers: list[Answer]) -> bool:
    """Whether the reply to the request itself is the answer."""
    return course.delay == NOTHING and course.late_by == NOTHING and not course.silent and len(answers) == 1
