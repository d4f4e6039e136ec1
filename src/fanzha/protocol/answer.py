"""What an institution answers: that it has a request, what became of it, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fanzha.kernel.errors import Invalid
from fanzha.protocol.facts import HeldAccount, Holder, PriorFreeze, Transaction
from fanzha.protocol.fields import (
    MAX_LISTED,
    MAX_TRANSACTIONS,
    ApplicationId,
    Currency,
    Fen,
    InstitutionCode,
    Many,
    Name,
    Number,
    ResultCode,
    SignedFen,
    Whole,
    Words,
)
from fanzha.protocol.parties import Officer
from fanzha.protocol.trades import Trade

MOST_PARTS = 1_000
MOST_ANSWERS = 50
"""Answers that one status tells again; more are fetched with `collect`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The message of this id (application, answer, push or report) has arrived; `repeated` when it had before.

    Nothing is said about its effect.
    """

    message_id: ApplicationId
    received_at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request, whole or in parts; `Invalid` when its parts contradict each other.

    `balance_fen` is the balance before, `held_fen` and `frozen_fen` what is truly held or frozen, `released_fen` what
    was let go, `available_fen` what the holder can still use. `final` ends the request: later answers to it are late.
    """

    answer_id: ApplicationId
    application_id: ApplicationId
    institution_code: InstitutionCode
    trade: Trade
    result: ResultCode
    answered_at: datetime
    part: Annotated[int, Whole(1, MOST_PARTS)]
    final: bool
    exercise: bool
    parts: Annotated[int, Whole(1, MOST_PARTS)] | None = None
    number: Number | None = None
    card: Number | None = None
    currency: Currency | None = None
    asked_fen: Fen | None = None
    balance_fen: SignedFen | None = None
    held_fen: Fen | None = None
    frozen_fen: Fen | None = None
    released_fen: Fen | None = None
    available_fen: SignedFen | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    failure: Words | None = None
    remark: Words | None = None
    branch_name: Name | None = None
    operator: Officer | None = None
    prior_freezes: Annotated[tuple[PriorFreeze, ...], Many(MAX_LISTED)] = ()
    transactions: Annotated[tuple[Transaction, ...], Many(MAX_TRANSACTIONS)] = ()
    holder: Holder | None = None
    accounts: Annotated[tuple[HeldAccount, ...], Many(MAX_LISTED)] = ()

    def __post_init__(self) -> None:
        """Refuse a part beyond the parts, and a final answer that is not the last part."""
        if self.parts is not None and (self.part > self.parts or self.final != (self.part == self.parts)):
            raise Invalid("protocol.parts_contradict", path="part")
        if self.started_at and self.ends_at and self.ends_at <= self.started_at:
            raise Invalid("protocol.backwards", path="ends_at")


class Progress(StrEnum):
    """How far an institution is with an application."""

    NOT_KNOWN = "not_known"
    RECEIVED = "received"
    WORKING = "working"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an institution says when asked about an application: how far, and every answer it has given so far."""

    application_id: ApplicationId
    progress: Progress
    as_of: datetime
    answers: Annotated[tuple[Answer, ...], Many(MOST_ANSWERS)] = ()

    def __post_init__(self) -> None:
        """Refuse answers to another application, and answers of an unknown one."""
        if any(each.application_id != self.application_id for each in self.answers):
            raise Invalid("protocol.other_application", path="answers")
        if self.progress is Progress.NOT_KNOWN and self.answers:
            raise Invalid("protocol.status_contradicts", path="progress")
