"""Orders and their entries as rows: identifiers are ids of the vault, times and fen are exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId, UserId
from fanzha.kernel.money import Fen
from fanzha.kernel.units import UnitPath
from fanzha.orders.deliveries import Step
from fanzha.orders.effects import Act, Move, OrderKind
from fanzha.orders.entries import Amounts, Draft, Entry, EntryKind, Heard, HeardBy
from fanzha.orders.order import (
    By,
    Capacity,
    Order,
    Payment,
    PriorFreeze,
    QueryOf,
    Target,
    TargetKind,
    Terms,
)

Told = Mapping[str, Any]


def file_row(order: Order) -> dict[str, object]:
    """What never changes of an order."""
    return {
        "id": order.id,
        "number": order.number,
        "kind": order.kind.value,
        "case_id": order.case_id,
        "unit_path": order.unit_path,
        "institution_id": order.institution_id,
        "target_kind": order.target.kind.value,
        "target": order.target.subject,
        "holder": order.target.holder,
        "holder_class": order.target.holder_class,
        "payment": None if order.payment is None else _payment_told(order.payment),
        "opened_at": utc(order.opened_at),
        "opened_by_id": order.opened_by.user_id,
        "opened_by": order.opened_by.name,
    }


def opened_order(row: Row[Any]) -> Order:
    """The order as it was opened, before its entries."""
    return Order(
        id=OrderId(row.id),
        number=row.number,
        kind=OrderKind(row.kind),
        case_id=CaseId(row.case_id),
        unit_path=UnitPath(row.unit_path),
        institution_id=InstitutionId(row.institution_id),
        target=Target(
            kind=TargetKind(row.target_kind),
            subject=SubjectId(row.target),
            holder=None if row.holder is None else SubjectId(row.holder),
            holder_class=row.holder_class,
        ),
        payment=None if row.payment is None else _payment(row.payment),
        opened_at=utc(row.opened_at),
        opened_by=By(user_id=row.opened_by_id, name=row.opened_by),
    )


def entry_told(entry: Entry, entry_id: UUID) -> dict[str, object]:
    """An entry as JSON, as it is written once."""
    return {
        "id": str(entry_id),
        "at": utc(entry.at).isoformat(),
        "actor_id": None if entry.by.user_id is None else str(entry.by.user_id),
        "actor_name": entry.by.name,
        "kind": entry.kind.value,
        "instruction": None if entry.instruction is None else str(entry.instruction),
        "told": _told(entry),
        "reason": entry.reason,
    }


def entry_of(row: Row[Any]) -> Entry:
    """The entry that a row tells."""
    told: Told = row.told
    return Entry(
        kind=EntryKind(row.kind),
        at=utc(row.at),
        by=By(user_id=row.actor_id, name=row.actor_name),
        instruction=row.instruction,
        move=Move(told["move"]) if "move" in told else None,
        step=Step(told["step"]) if "step" in told else None,
        code=told.get("code", ""),
        reason=row.reason,
        draft=_draft(told["draft"]) if "draft" in told else None,
        capacity=Capacity(told["capacity"]) if "capacity" in told else None,
        for_user=UserId(UUID(told["for_user"])) if "for_user" in told else None,
        amounts=Amounts(**{name: Fen(value) for name, value in told.get("amounts", {}).items()}),
        starts_at=_time(told.get("starts_at")),
        ends_at=_time(told.get("ends_at")),
        prior=tuple(_prior(each) for each in told.get("prior", ())),
        heard=_heard(told["heard"]) if "heard" in told else None,
    )


def _told(entry: Entry) -> dict[str, object]:
    """What an entry says beside who, when and why; nothing that it does not say."""
    told: dict[str, object | None] = {
        "move": entry.move,
        "step": entry.step,
        "code": entry.code or None,
        "draft": None if entry.draft is None else _draft_told(entry.draft),
        "capacity": entry.capacity,
        "for_user": None if entry.for_user is None else str(entry.for_user),
        "amounts": _given(entry.amounts) or None,
        "starts_at": _instant(entry.starts_at),
        "ends_at": _instant(entry.ends_at),
        "prior": [
            {"organ": each.organ, "amount_fen": each.amount_fen, "ends_at": _instant(each.ends_at)}
            for each in entry.prior
        ]
        or None,
        "heard": None if entry.heard is None else _heard_told(entry.heard),
    }
    return {name: value for name, value in told.items() if value is not None}


def _heard_told(heard: Heard) -> dict[str, object]:
    return {"by": heard.by, "way": heard.way, "at": _instant(heard.at), "reference": heard.reference}


def _heard(told: Told) -> Heard:
    return Heard(
        by=told["by"],
        way=HeardBy(told["way"]),
        at=datetime.fromisoformat(told["at"]),
        reference=told["reference"],
    )


def _given(amounts: Amounts) -> dict[str, int]:
    plain = Amounts()
    named = (each.name for each in fields(Amounts))
    return {name: getattr(amounts, name) for name in named if getattr(amounts, name) != getattr(plain, name)}


def _draft_told(draft: Draft) -> dict[str, object]:
    terms = draft.terms
    told = {
        "limit_fen": terms.limit_fen,
        "release_fen": terms.release_fen,
        "term": terms.term,
        "months": terms.months,
        "days": terms.days,
        "include_interest": terms.include_interest,
        "evidence": terms.evidence,
        "query_of": terms.query_of,
        "since": _instant(terms.since),
        "until": _instant(terms.until),
    }
    return {"act": draft.act, "needs": list(draft.needs), "terms": {k: v for k, v in told.items() if v is not None}}


def _draft(told: Told) -> Draft:
    terms: Told = told["terms"]
    made = Terms(
        limit_fen=terms.get("limit_fen"),
        release_fen=terms.get("release_fen"),
        term=terms["term"],
        months=terms.get("months"),
        days=terms.get("days"),
        include_interest=terms["include_interest"],
        evidence=terms["evidence"],
        query_of=QueryOf(terms["query_of"]) if "query_of" in terms else None,
        since=_time(terms.get("since")),
        until=_time(terms.get("until")),
    )
    return Draft(act=Act(told["act"]), terms=made, needs=tuple(Capacity(each) for each in told["needs"]))


def _payment_told(payment: Payment) -> dict[str, object]:
    return {
        "amount_fen": payment.amount_fen,
        "at": _instant(payment.at),
        "payer_institution": None if payment.payer_institution is None else str(payment.payer_institution),
        "payer": payment.payer,
        "payer_name": payment.payer_name,
    }


def _payment(told: Told) -> Payment:
    institution, payer, name = told["payer_institution"], told["payer"], told["payer_name"]
    return Payment(
        amount_fen=Fen(told["amount_fen"]),
        at=datetime.fromisoformat(told["at"]),
        payer_institution=None if institution is None else InstitutionId(UUID(institution)),
        payer=None if payer is None else SubjectId(payer),
        payer_name=None if name is None else SubjectId(name),
    )


def _prior(told: Told) -> PriorFreeze:
    amount = told["amount_fen"]
    return PriorFreeze(
        organ=told["organ"], amount_fen=None if amount is None else Fen(amount), ends_at=_time(told["ends_at"])
    )


def _instant(at: datetime | None) -> str | None:
    return None if at is None else utc(at).isoformat()


def _time(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
