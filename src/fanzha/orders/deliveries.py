"""How an instruction travels: queued, sent, unknown, answered or dead (house section 6).

`unknown` is never sent again before the institution was asked with the application id: no order is lost, and none
takes effect twice.
"""

from __future__ import annotations

from enum import StrEnum

from fanzha.kernel.lifecycle import Lifecycle


class Delivery(StrEnum):
    """Where an instruction is on its way."""

    UNSENT = "unsent"
    QUEUED = "queued"
    SENT = "sent"
    UNKNOWN = "unknown"
    ANSWERED = "answered"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What happens to it on the way."""

    QUEUE = "queue"
    SEND = "send"
    LOSE = "lose"
    FOUND = "found"
    RESEND = "resend"
    ANSWER = "answer"
    GIVE_UP = "give_up"
    REVIVE = "revive"
    WITHDRAW = "withdraw"


TRAVEL: Lifecycle[Delivery, Step] = Lifecycle(
    name="delivery",
    start=Delivery.UNSENT,
    moves={
        (Delivery.UNSENT, Step.QUEUE): Delivery.QUEUED,
        (Delivery.UNSENT, Step.WITHDRAW): Delivery.WITHDRAWN,
        (Delivery.QUEUED, Step.SEND): Delivery.SENT,
        (Delivery.QUEUED, Step.LOSE): Delivery.UNKNOWN,
        (Delivery.QUEUED, Step.ANSWER): Delivery.ANSWERED,
        (Delivery.QUEUED, Step.GIVE_UP): Delivery.DEAD,
        (Delivery.QUEUED, Step.WITHDRAW): Delivery.WITHDRAWN,
        (Delivery.SENT, Step.LOSE): Delivery.UNKNOWN,
        (Delivery.SENT, Step.ANSWER): Delivery.ANSWERED,
        (Delivery.SENT, Step.GIVE_UP): Delivery.DEAD,
        (Delivery.UNKNOWN, Step.FOUND): Delivery.SENT,
        (Delivery.UNKNOWN, Step.RESEND): Delivery.QUEUED,
        (Delivery.UNKNOWN, Step.ANSWER): Delivery.ANSWERED,
        (Delivery.UNKNOWN, Step.GIVE_UP): Delivery.DEAD,
        (Delivery.DEAD, Step.REVIVE): Delivery.UNKNOWN,
        (Delivery.DEAD, Step.ANSWER): Delivery.ANSWERED,
    },
    ends=frozenset({Delivery.ANSWERED, Delivery.WITHDRAWN}),
)
"""A queued one may be doubted too: after a restore nobody knows whether it went out since the copy was made."""

OUT = frozenset({Delivery.SENT, Delivery.UNKNOWN, Delivery.DEAD})
"""Where an instruction may have reached the institution, so that taking it back needs another instruction."""
