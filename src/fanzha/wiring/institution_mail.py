"""What institutions say reaches the orders it is about: each message once, each with a record, none without a place.

Messages that come together are heard together: their orders are locked first, moved in memory in the order in which
the messages came, and written at once; each case looks again once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.institution_messages import WORK_KIND, Message, open_messages
from fanzha.adapters.store.orders import Application, applications
from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.work import Work
from fanzha.cases.case import CaseState
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import UnitPath
from fanzha.orders.answers import activated, answered
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.orders.proving import breaks, moved_while_held
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.facts import Side
from fanzha.protocol.messages import Push
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import read
from fanzha.wiring.answers import Learned, keep_learned, learned
from fanzha.wiring.bank_reports import take_bank_report
from fanzha.wiring.batches import Batch, Done, Failed, Outcome
from fanzha.wiring.beside_statements import lay_beside
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.heard_back import reading_of
from fanzha.wiring.hearing import Hearing, hearing_of
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, wish_chases_of
from fanzha.workflows.answer_fit import misfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message about an order, read, with the row of work that it came by."""

    row: Work
    message: Message
    said: Answer | Push | Status

    @property
    def application_id(self) -> UUID:
        """Which of our instructions it answers."""
        return UUID(self.said.application_id)


def take_mail(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Give each message its effect, in the order in which it came."""
    act_as_system(connection, house.now())
    messages = open_messages(connection, house.keys, dict(map(_asked, rows)))
    came = list(zip(rows, messages, strict=True))
    letters = [_letter(row, each) for row, each in came if each.kind != "report"]
    found = _abouts(connection, letters)
    outcomes = {row.id: _report(connection, house, each) for row, each in came if each.kind == "report"}
    by_unit: dict[UnitPath, list[Letter]] = defaultdict(list)
    for each in letters:
        about = found[each.application_id]
        if about.institution_id == each.message.institution_id:
            by_unit[about.unit_path].append(each)
        else:
            refused = Forbidden("orders.answer_of_another", institution=each.message.institution_id)
            outcomes[each.row.id] = Failed(error=refused)
    for unit, some in sorted(by_unit.items()):
        act_as(connection, worker(unit), house.now())
        outcomes |= _hear(Desk(house=house, connection=connection, actor=worker(unit)), some, found)
    return outcomes


def _asked(row: Work) -> tuple[UUID, UUID | None]:
    """The message of a row, and its application where that was told when it came."""
    application = row.payload.get("application")
    return UUID(str(row.payload["message"])), None if application is None else UUID(str(application))


def _abouts(connection: Connection, letters: Sequence[Letter]) -> dict[UUID, Application]:
    """Where the letters belong; what did not come with them is asked for: rows of before an update lack it."""
    found = {
        each.application_id: each.message.about
        for each in letters
        if each.message.about is not None and _asked(each.row)[1] == each.application_id
    }
    missing = {each.application_id for each in letters} - found.keys()
    return found | (applications(connection, missing) if missing else {})


def _one_sort(row: Work) -> str:
    """Reports of banks open incidents, each in a transaction of its own; all else is heard together."""
    return str(row.id) if row.payload.get("kind", "report") == "report" else ""


MAIL = Batch(do=take_mail, limit=16, apart=_one_sort)
MESSAGE_WORK = WORK_KIND


def _report(connection: Connection, house: House, message: Message) -> Outcome:
    try:
        return Done(progress={"report": take_bank_report(connection, house, message)})
    except Forbidden as refused:
        return Failed(error=refused)


def _letter(row: Work, message: Message) -> Letter:
    match message.kind:
        case "answer":
            return Letter(row=row, message=message, said=read(Answer, message.body))
        case "push":
            return Letter(row=row, message=message, said=read(Push, message.body))
        case _:
            return Letter(row=row, message=message, said=read(Status, message.body))


def _hear(desk: Desk, letters: Sequence[Letter], found: Mapping[UUID, Application]) -> dict[UUID, Outcome]:
    """What became of each letter of one unit; everything that they lead to is written."""
    hearing = hearing_of(desk, {found[each.application_id].order_id for each in letters})
    known: list[Learned] = []
    moved, onward = dict[CaseId, str](), set[CaseId]()
    outcomes: dict[UUID, Outcome] = {}
    for each in letters:
        order = hearing.orders[found[each.application_id].order_id]
        match each.said:
            case Answer() as answer:
                heard, outcome = _answer(hearing, order, each, answer)
            case Push() as push:
                heard, outcome = _push(hearing, order, each, push)
            case Status() as status:
                heard, outcome = _status(hearing, order, each, status)
        outcomes[each.row.id] = outcome
        if heard is not None:
            known += heard
            moved.setdefault(order.case_id, str(each.message.id))
            onward |= {order.case_id} if _leads_on(each.said) else set()
    keep_learned(desk, known)
    hearing.write()
    for cases, kind in ((onward, NEXT_WORK), (moved.keys() - onward, CHASE_WORK)):
        if cases:
            wish_chases_of(desk, cases, next(iter(moved.values())), kind)
    return outcomes


def _leads_on(said: Answer | Push | Status) -> bool:
    """Whether a stop may follow from it: money went on, came to a watched account, or a holder's name was asked for."""
    answers = said.answers if isinstance(said, Status) else (said,)
    return any(
        isinstance(each, Push)
        or each.trade is Trade.QUERY_HOLDER
        or any(line.side is Side.DEBIT for line in each.transactions)
        for each in answers
    )


Effect = tuple[list[Learned] | None, Outcome]
"""What a letter tells of its case, None where it is not believed and moves nothing; and what became of it."""


def _answer(hearing: Hearing, order: Order, letter: Letter, answer: Answer) -> Effect:
    instruction, now = order.instruction(letter.application_id), hearing.desk.now
    if code := misfit(order, answer, hearing.asked(order)):
        return None, _disbelieved(hearing, order, instruction.id, code)
    if answer.trade is Trade.ACTIVATE:
        entries = activated(order, answer, instruction.terms.months or 0, HOUSE, now)
    else:
        entries = answered(reading_of(order, instruction, answer, now))
    moved = hearing.keep(order, entries)
    told = _told(hearing, moved, letter, answer)
    return told, Done(progress={"order": order.number, "effect": hearing.orders[order.id].effect.value})


def _disbelieved(hearing: Hearing, order: Order, instruction_id: UUID, code: str) -> Outcome:
    """What is about something else has no effect and is no evidence: a mark on the order, for a person to look at."""
    mark = Entry(kind=EntryKind.CONTRADICTED, at=hearing.desk.now, by=HOUSE, instruction=instruction_id, code=code)
    return Done(progress={"order": hearing.keep(order, [mark]).number, "disbelieved": code})


def _told(hearing: Hearing, order: Order, letter: Letter, said: Answer | Push) -> list[Learned]:
    """What was said as part of the order's case: nothing of an instruction that never left, or once erased."""
    instruction = order.instruction(UUID(said.application_id))
    if hearing.cases[order.case_id].state is CaseState.ERASED or instruction.sent_at is None:
        return []
    if isinstance(said, Answer):
        lay_beside(hearing, order, instruction, said)
    found = learned(hearing, hearing.orders[order.id], letter.message, said)
    return [] if found is None else [found]


def _status(hearing: Hearing, order: Order, letter: Letter, status: Status) -> Effect:
    """The answers that a status tells again had their effect when it came; here they become part of the case."""
    asked, told = hearing.asked(order), list[Learned]()
    for each in status.answers:
        order = hearing.orders[order.id]
        code = misfit(order, each, asked)
        if not code:
            told += _told(hearing, order, letter, each)
        elif code not in order.contradicted:  # told again with every question
            hearing.keep(order, [Entry(kind=EntryKind.CONTRADICTED, at=hearing.desk.now, by=HOUSE, code=code)])
    return (told if status.answers else None), Done(progress={"kept": letter.message.kind})


def _push(hearing: Hearing, order: Order, letter: Letter, push: Push) -> Effect:
    """Movements of a monitored account; money that leaves what its bank said it holds is told at once."""
    if code := misfit(order, push, hearing.asked(order)):
        return None, _disbelieved(hearing, order, letter.application_id, code)
    for held in hearing.holds(order):
        if any(breaks(held, each) for each in push.transactions):
            hearing.keep(held, [moved_while_held(HOUSE, hearing.desk.now)])
    told = _told(hearing, hearing.orders[order.id], letter, push)
    return told, Done(progress={"order": order.number, "transactions": len(push.transactions)})
