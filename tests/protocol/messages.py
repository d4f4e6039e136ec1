"""Hypothesis strategies that make any message of the protocol, and one plain example of each."""

from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Annotated, Any

from hypothesis import assume, reject
from hypothesis import strategies as st

from fanzha.kernel.errors import Invalid
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.facts import Side, Transaction
from fanzha.protocol.fields import Blob, Many, Text, Whole
from fanzha.protocol.messages import (
    BankReport,
    ClockReading,
    Collect,
    Collected,
    Push,
    Refusal,
    RefusalCode,
    ReportType,
    StopType,
)
from fanzha.protocol.parties import Document, Officer, Organ, Payer, Target, TargetKind
from fanzha.protocol.request import Request, Urgency
from fanzha.protocol.trades import Trade

KINDS: tuple[type, ...] = (
    Request,
    Receipt,
    Answer,
    Status,
    Push,
    BankReport,
    Collect,
    Collected,
    Refusal,
    ClockReading,
)

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
BANK = "999900000001"
APPLICATION = "0192aaaa-0000-7000-8000-000000000001"
OTHER = "0192aaaa-0000-7000-8000-000000000002"
OFFICER = Officer(document_type="01", document_number="990000199001010019", name="测试·民警", phone="12000000001")
PAPER = Document(name="通知书.pdf", media_type="application/pdf", sha256=sha256(b"paper").hexdigest(), content=b"paper")
TARGET = Target(
    kind=TargetKind.ACCOUNT,
    institution_code=BANK,
    institution_name="测试银行",
    number="9999990000000000001",
    holder_name="测试·甲",
)
STOP = Request(
    application_id=APPLICATION,
    trade=Trade.STOP,
    target=TARGET,
    organ=Organ(code="990000000000", name="测试市公安局"),
    operator=OFFICER,
    applied_at=AT,
    urgency=Urgency.URGENT,
    exercise=True,
    payer=Payer(name="测试·乙", number="9999990000000000019"),
    currency="CNY",
    amount_fen=1_750_000_00,
    transfer_at=AT - timedelta(minutes=9),
    reason="电信网络诈骗",
    starts_at=AT,
    expires_at=AT + timedelta(hours=48),
    documents=(PAPER,),
)
TRANSACTION = Transaction(
    serial="S1", at=AT, side=Side.CREDIT, currency="CNY", amount_fen=1_00, success=True, balance_after_fen=1_00
)
ANSWER = Answer(
    answer_id=OTHER,
    application_id=APPLICATION,
    institution_code=BANK,
    trade=Trade.STOP,
    result="0000",
    answered_at=AT,
    part=1,
    final=True,
    exercise=True,
    number=TARGET.number,
    balance_fen=12_00,
    held_fen=12_00,
    started_at=AT,
    ends_at=AT + timedelta(hours=48),
)
EXAMPLES: tuple[object, ...] = (
    STOP,
    Receipt(message_id=APPLICATION, received_at=AT, repeated=False),
    ANSWER,
    Status(application_id=APPLICATION, progress=Progress.DONE, as_of=AT, answers=(ANSWER,)),
    Push(
        push_id=OTHER,
        application_id=APPLICATION,
        institution_code=BANK,
        sequence=1,
        pushed_at=AT,
        exercise=True,
        number=TARGET.number,
        transactions=(TRANSACTION,),
    ),
    BankReport(
        report_id=OTHER,
        institution_code=BANK,
        report_type=ReportType.REPORT,
        stop_type=StopType.REPORTED_DEMAND,
        reported_at=AT,
        exercise=True,
        victim=OFFICER,
        payer=Payer(name="测试·乙"),
        target=TARGET,
        currency="CNY",
        amount_fen=5_00,
        transfer_at=AT,
        operator=OFFICER,
    ),
    Collect((OTHER,)),
    Collected(more=False, answers=(ANSWER,)),
    Refusal(code=RefusalCode.FORMAT, at=AT, path="payer.number", detail="protocol.wrong_form"),
    ClockReading(now=AT, wall=AT, speed_percent=100, exercise=True),
)

_CHARACTERS = st.characters(exclude_categories=("C", "Zl", "Zp", "Zs")) | st.sampled_from("测试行甲乙 ·，\u3000")
_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1990, 2100))
_MOMENTS = st.datetimes(min_value=_EARLIEST, max_value=_LATEST, timezones=st.just(UTC))


@cache
def values(hint: Any, mark: object = None) -> st.SearchStrategy[Any]:
    """Anything that a field of this type may hold."""
    if typing.get_origin(hint) is Annotated:
        return values(hint.__origin__, hint.__metadata__[0])
    if type(None) in typing.get_args(hint):
        return st.none() | values(next(each for each in typing.get_args(hint) if each is not type(None)))
    if isinstance(mark, Many):
        return st.lists(values(typing.get_args(hint)[0]), max_size=2).map(tuple)
    match mark:
        case Text(pattern=str(pattern)):
            return st.from_regex(pattern, fullmatch=True).filter(_is_clean(mark))
        case Text():
            return st.text(_CHARACTERS, min_size=mark.shortest, max_size=min(mark.longest, 40)).filter(_is_clean(mark))
        case Whole():
            return st.integers(mark.least, mark.most)
        case Blob():
            return st.binary(min_size=1, max_size=64)
    return _plain(hint)


def _plain(hint: Any) -> st.SearchStrategy[Any]:
    if hint is bool:
        return st.booleans()
    if hint is datetime:
        return _MOMENTS
    if hint is date:
        return st.dates()
    return messages(hint) if is_dataclass(hint) else st.sampled_from(list(hint))


def _is_clean(mark: Text) -> Any:
    return lambda text: (
        mark.shortest <= len(text) <= mark.longest
        and text == text.strip()
        and not any(ord(each) < 32 or 127 <= ord(each) < 160 or each in "\u2028\u2029" for each in text)
        and not any(0xD800 <= ord(each) < 0xE000 for each in text)
    )


@st.composite
def messages(draw: st.DrawFn, kind: Any) -> Any:
    """Any message of this kind that its own checks accept."""
    if kind is Document:
        content = draw(st.binary(min_size=1, max_size=64))
        return Document(
            name="件.pdf", media_type="application/pdf", sha256=sha256(content).hexdigest(), content=content
        )
    hints = typing.get_type_hints(kind, include_extras=True)
    given = {each.name: draw(values(hints[each.name])) for each in fields(kind)}
    try:
        return kind(**_made_coherent(kind, given))
    except Invalid:
        reject()


def _made_coherent(kind: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Mends what random values hardly ever get right, so that few are thrown away."""
    if kind is Request:
        return STOP_FIELDS | {name: value for name, value in given.items() if name in FREE and value is not None}
    if kind is Answer:
        return given | {"parts": None, "started_at": None}
    if kind is Status:
        return given | {"answers": (), "progress": Progress.WORKING}
    if kind is BankReport:
        return given | {"report_type": ReportType.REPORT, "stop_type": StopType.REPORTED_OTHER}
    if set(given) == {"since", "until"}:
        assume(given["since"] != given["until"])
        return dict(zip(("since", "until"), sorted(given.values()), strict=True))
    return given


STOP_FIELDS = {each.name: getattr(STOP, each.name) for each in fields(STOP)}
FREE = set(STOP_FIELDS) - {"trade", "target", "original_application_id", "starts_at", "expires_at"}
"""Fields of a stop that may hold anything of their type."""
