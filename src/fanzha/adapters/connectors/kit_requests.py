"""One request of each trade for the contract kit: of nobody, signed as an exercise, with all that may be demanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from fanzha.kernel.ids import uuid7
from fanzha.protocol.parties import Document, HolderClass, Officer, Organ, Payer, Period, Target, TargetKind
from fanzha.protocol.request import Request, Urgency
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import Institution, InstitutionKind

AMOUNT_FEN = 100_00
OFFICER = Officer(document_type="01", document_number="990000199001010019", name="TEST-A", phone="12000000001")
SECOND = Officer(document_type="01", document_number="990000199001010027", name="TEST-B", phone="12000000002")
PAPER = b"%PDF-1.4\n%%EOF\n"
BLOCKED: Mapping[InstitutionKind, tuple[TargetKind, str]] = {
    InstitutionKind.CARRIER: (TargetKind.PHONE, "12000000017"),
    InstitutionKind.RESOLVER: (TargetKind.SITE, "scam.example"),
    InstitutionKind.STORE: (TargetKind.APP, "test.example.scam"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The account that the kit asks about: one that the institution keeps for exercises, and its holder's name."""

    number: str = "9999990000000000017"
    holder: str = "TEST-HOLDER"


def request_of(
    trade: Trade, institution: Institution, subject: Subject, now: datetime, original: str | None = None
) -> Request:
    """A request that nothing is wrong with, under an application id of its own."""
    given: dict[str, Any] = {
        "application_id": str(uuid7(now)),
        "trade": trade,
        "target": _target(trade, institution, subject),
        "organ": Organ(code="990000000000", name="TEST-ORGAN"),
        "operator": OFFICER,
        "second_officer": SECOND,
        "applied_at": now,
        "urgency": Urgency.URGENT,
        "exercise": True,
        "original_application_id": original,
        "case_number": "TEST-1",
        "reason": "TEST",
        "documents": (
            Document(name="test.pdf", media_type="application/pdf", sha256=sha256(PAPER).hexdigest(), content=PAPER),
        ),
    }
    return Request(**(given | _special(trade, now)))


def _target(trade: Trade, institution: Institution, subject: Subject) -> Target:
    kind, number = TargetKind.ACCOUNT, subject.number
    if trade in {Trade.BLOCK, Trade.UNBLOCK}:
        kind, number = BLOCKED.get(institution.kind, BLOCKED[InstitutionKind.CARRIER])
    return Target(
        kind=kind,
        institution_code=institution.code,
        institution_name=institution.name_zh,
        number=number,
        holder_name=subject.holder,
        holder_class=HolderClass.PERSON,
    )


def _special(trade: Trade, now: datetime) -> dict[str, Any]:
    """What the trade needs beside."""
    hours, days = timedelta(hours=48), timedelta(days=180)
    money = {"currency": "CNY", "amount_fen": AMOUNT_FEN, "transfer_at": now - timedelta(minutes=10)}
    match trade:
        case Trade.STOP:
            payer = Payer(name="TEST-VICTIM", number="9999990000000000025")
            return money | {"payer": payer, "starts_at": now, "expires_at": now + hours}
        case Trade.EXTEND_STOP:
            return {"expires_at": now + 2 * hours}
        case Trade.FREEZE:
            ends = {"starts_at": now, "expires_at": now + days}
            return ends | {"currency": "CNY", "limit_fen": AMOUNT_FEN, "include_interest": False}
        case Trade.RENEW:
            return {"expires_at": now + 2 * days}
        case Trade.QUERY_DETAILS:
            return {"period": Period(now - timedelta(days=30), now)}
        case Trade.MONITOR_ON:
            return {"starts_at": now, "monitor_days": 30}
        case Trade.BLOCK:
            return {"starts_at": now, "expires_at": now + days}
    return {}
