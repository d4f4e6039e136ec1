"""Told payments and accounts as JSON of an incident's entries: ids of the vault and of the register only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fanzha.cases.incident import ToldAccount, ToldPayment, What
from fanzha.kernel.clock import rfc3339, utc
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.money import Fen


def account_told(account: ToldAccount | None) -> dict[str, object] | None:
    """An account that somebody told beside payments, in the same place: what it lacks tells them apart."""
    return (
        None
        if account is None
        else {
            "institution": str(account.institution_id),
            "holder": account.holder,
            "at": rfc3339(account.at),
        }
    )


def account_of(row: Mapping[str, Any]) -> ToldAccount:
    """The account that such JSON tells."""
    holder = row["holder"]
    return ToldAccount(
        institution_id=InstitutionId(UUID(row["institution"])),
        holder=None if holder is None else SubjectId(holder),
        at=utc(datetime.fromisoformat(row["at"])),
    )


def payment_told(payment: ToldPayment) -> dict[str, object]:
    """A told payment as JSON: ids of the vault and of the register only; what nobody told is left out."""
    everything: dict[str, object | None] = {
        "institution": str(payment.institution_id),
        "payee": payment.payee,
        "payee_name": payment.payee_name,
        "amount_fen": payment.amount_fen,
        "at": rfc3339(payment.at),
        "payer_institution": None if payment.payer_institution_id is None else str(payment.payer_institution_id),
        "payer": payment.payer,
        "instead": None if payment.instead is None else what_told(payment.instead),
    }
    return {name: value for name, value in everything.items() if value is not None}


def payment_of(row: Mapping[str, Any]) -> ToldPayment:
    """The payment that such JSON tells."""
    payer_at = row.get("payer_institution")
    return ToldPayment(
        institution_id=InstitutionId(UUID(row["institution"])),
        payee=SubjectId(row["payee"]),
        payee_name=None if "payee_name" not in row else SubjectId(row["payee_name"]),
        amount_fen=Fen(row["amount_fen"]),
        at=utc(datetime.fromisoformat(row["at"])),
        payer_institution_id=None if payer_at is None else InstitutionId(UUID(payer_at)),
        payer=None if "payer" not in row else SubjectId(row["payer"]),
        instead=None if "instead" not in row else _what(row["instead"]),
    )


def what_told(what: What) -> dict[str, object]:
    """Which payment, by the names that its own entry has."""
    payee, amount_fen, at = what
    return {"payee": payee, "amount_fen": amount_fen, "at": rfc3339(at)}


def _what(row: Mapping[str, Any]) -> What:
    return SubjectId(row["payee"]), Fen(row["amount_fen"]), utc(datetime.fromisoformat(row["at"]))
