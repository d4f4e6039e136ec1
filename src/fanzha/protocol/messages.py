"""What an institution says of its own accord, and how either side refuses a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fanzha.kernel.errors import Invalid
from fanzha.protocol.answer import MOST_ANSWERS, Answer
from fanzha.protocol.facts import Transaction
from fanzha.protocol.fields import (
    MAX_DOCUMENTS,
    MAX_TRANSACTIONS,
    ApplicationId,
    Code,
    Currency,
    Fen,
    InstitutionCode,
    Many,
    Name,
    Number,
    SignedFen,
    Text,
    Whole,
    Words,
)
from fanzha.protocol.parties import Document, Officer, Payer, Target

MOST_PUSHES = 10**9
MOST_TAKEN = 1_000
LONGEST_PAUSE_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Transactions of a monitored account as they happen; `sequence` counts the pushes of one application from 1."""

    push_id: ApplicationId
    application_id: ApplicationId
    institution_code: InstitutionCode
    sequence: Annotated[int, Whole(1, MOST_PUSHES)]
    pushed_at: datetime
    exercise: bool
    number: Number
    transactions: Annotated[tuple[Transaction, ...], Many(MAX_TRANSACTIONS)]


class ReportType(StrEnum):
    """Whether a bank reports a case (01), or completes the papers of a stop it already made (02)."""

    REPORT = "01"
    COMPLETION = "02"


class StopType(StrEnum):
    """How a bank stopped before the centre asked: 02 and 03 bank-reported, 04 and 05 completed after the stop."""

    REPORTED_DEMAND = "02"
    REPORTED_OTHER = "03"
    COMPLETED_DEMAND = "04"
    COMPLETED_OTHER = "05"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """A victim came to the bank first (100401): the bank tells the case, and what it has stopped already.

    A completion names the stop's application that the centre answered the first report with.
    """

    report_id: ApplicationId
    institution_code: InstitutionCode
    report_type: ReportType
    stop_type: StopType
    reported_at: datetime
    exercise: bool
    victim: Officer
    payer: Payer
    target: Target
    currency: Currency
    amount_fen: Fen
    transfer_at: datetime
    operator: Officer
    original_application_id: ApplicationId | None = None
    case_number: Number | None = None
    case_type: Code | None = None
    told: Words | None = None
    balance_fen: SignedFen | None = None
    held_fen: Fen | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    branch_name: Name | None = None
    remark: Words | None = None
    transactions: Annotated[tuple[Transaction, ...], Many(MAX_TRANSACTIONS)] = ()
    documents: Annotated[tuple[Document, ...], Many(MAX_DOCUMENTS)] = ()

    def __post_init__(self) -> None:
        """Refuse a stop type of the other report type."""
        completes = self.stop_type in {StopType.COMPLETED_DEMAND, StopType.COMPLETED_OTHER}
        if completes != (self.report_type is ReportType.COMPLETION):
            raise Invalid("protocol.report_contradicts", path="stop_type")


class RefusalCode(StrEnum):
    """Why a message is not taken; nothing of it has effect."""

    FORMAT = "format"
    TOO_LARGE = "too_large"
    UNKNOWN_SENDER = "unknown_sender"
    NO_SIGNATURE = "no_signature"
    BAD_SIGNATURE = "bad_signature"
    BAD_DIGEST = "bad_digest"
    OUT_OF_TIME = "out_of_time"
    REPLAYED = "replayed"
    NOT_YOURS = "not_yours"
    OTHER_CONTENT = "other_content"
    UNSUPPORTED = "unsupported"
    EXERCISE = "exercise"
    CLOSED = "closed"
    TOO_MANY = "too_many"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message that was not taken: why, at which field, and after which pause it may be sent again.

    `other_content` is a known id with another body; `exercise` an exercise's message in life, or the other way round.
    Without `retry_after_seconds` the same message will be refused again.
    """

    code: RefusalCode
    at: datetime
    path: Annotated[str, Text(longest=200)] | None = None
    detail: Code | None = None
    retry_after_seconds: Annotated[int, Whole(1, LONGEST_PAUSE_SECONDS)] | None = None


@dataclass(frozen=True, slots=True)
class Collect:
    """Give what waits for the centre; `taken` names what it has had and keeps, which need not be given again."""

    taken: Annotated[tuple[ApplicationId, ...], Many(MOST_TAKEN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What waited, oldest first; `more` when not all of it fitted."""

    more: bool
    answers: Annotated[tuple[Answer, ...], Many(MOST_ANSWERS)] = ()
    pushes: Annotated[tuple[Push, ...], Many(MOST_ANSWERS)] = ()
    reports: Annotated[tuple[BankReport, ...], Many(MOST_ANSWERS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """The business time that the centre's house goes by: an exercise's may have been moved, and may run faster."""

    now: datetime
    wall: datetime
    speed_percent: Annotated[int, Whole(1, 100_000_000)]
    exercise: bool
