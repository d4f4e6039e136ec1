"""What an institution said to an instruction, or its silence, as entries of the order; and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fanzha.adapters.connectors.port import Reply
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.orders.answers import Reading, answered
from fanzha.orders.deliveries import Delivery
from fanzha.orders.entries import UNHEARD, Entry, EntryKind
from fanzha.orders.order import Instruction, Order
from fanzha.orders.sending import Patience, asked, given_up, lost, received
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Refusal
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.law import law_at

PATIENCE = Patience()

Said = Reply[Receipt | Answer | Refusal] | Reply[Status | Refusal] | FanzhaError


def look_again(instruction: Instruction, now: datetime) -> datetime:
    """When the instruction needs attention next."""
    return now if instruction.delivery is Delivery.QUEUED else now + PATIENCE.rest(instruction)


def heard(order: Order, instruction: Instruction, said: Said, now: datetime) -> Sequence[Entry]:
    """The entries of what an institution said, or of its silence."""
    if isinstance(said, FanzhaError):
        return [_failed(instruction, said, now)]
    match said.message:
        case Receipt() as receipt:
            return [received(instruction, HOUSE, now, "repeated" if receipt.repeated else "received")]
        case Answer():
            return [received(instruction, HOUSE, now, "answered")]
        case Status() as status:
            return _status(order, instruction, status, now)
        case Refusal() as refusal:
            code = f"refused.{refusal.code}"
            if refusal.retry_after_seconds is None:
                return [given_up(instruction, HOUSE, now, code)]
            return [_silent(instruction, code, now)]


def _failed(instruction: Instruction, failure: FanzhaError, now: datetime) -> Entry:
    """Silence leaves doubt, which is asked about; anything else a person must mend."""
    if isinstance(failure, Unavailable):
        return _silent(instruction, failure.code, now)
    return given_up(instruction, HOUSE, now, failure.code)


def _silent(instruction: Instruction, code: str, now: datetime) -> Entry:
    if instruction.delivery is Delivery.SENT and instruction.asked == 0:
        return lost(instruction, HOUSE, now, code)
    return asked(instruction, HOUSE, now, UNHEARD)


def _status(order: Order, instruction: Instruction, status: Status, now: datetime) -> Sequence[Entry]:
    """What was asked after, and the answers that were given meanwhile, in the order of their parts."""
    entries: list[Entry] = []
    for each in sorted(status.answers, key=lambda answer: (answer.part, answer.answered_at)):
        entries.extend(answered(reading_of(order, instruction, each, now)))
        if each.final:
            told_nothing = entries[-1].kind is EntryKind.LOST  # it cannot say now; asked for ever it never might
            return [*entries, asked(instruction, HOUSE, now, UNHEARD)] if told_nothing else entries
    return [*entries, asked(instruction, HOUSE, now, status.progress.value)]


def reading_of(order: Order, instruction: Instruction, answer: Answer, now: datetime) -> Reading:
    """An answer beside its order, under the law of today."""
    return Reading(
        order=order,
        instruction=instruction,
        answer=answer,
        stop_hours=law_at(now).stop.hours,
        by=HOUSE,
        now=now,
    )
