"""The form that opens an order: facts that unlock the next step first, errors at the field, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.orders import KINDS
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import Form, SignedOn, check_token
from fanzha.apps.web.views.new_order import AskedOrder
from fanzha.apps.web.views.tables import form_fen, form_moment
from fanzha.apps.web.views.visitor import Visitor
from fanzha.i18n import text
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.orders.drafting import REASON_CHARACTERS
from fanzha.orders.effects import OrderKind
from fanzha.orders.sparing import SparedClass
from fanzha.wiring.kept_files import LARGEST

router = APIRouter()

FIELDS: Mapping[str, str] = {
    "orders.amount_not_positive": "amount",
    "orders.payment_missing": "amount",
    "orders.payment_in_future": "paid_at",
    "orders.payment_long_ago": "paid_at",
    "orders.holder_missing": "holder",
    "orders.number_missing": "number",
    "orders.account_incomplete": "number",
    "orders.no_account_of_bank": "number",
    "orders.check_digit": "number",
    "orders.wrong_target": "number",
    "orders.stops_used_up": "number",
    "orders.institution_cannot": "institution",
    "institutions.none": "institution",
    "orders.limit_missing": "limit",
    "orders.term_beyond_law": "months",
    "orders.evidence_missing": "evidence",
    "orders.reason_length": "reason",
    "orders.query_of_missing": "query_of",
    "orders.period_missing": "since",
    "orders.period_in_future": "since",
    "cases.no_identifier": "number",
    **{f"orders.spared_{each.value}": "number" for each in SparedClass},
    **dict.fromkeys(("orders.public_suffix", "orders.shared_host", "orders.covers_spared"), "number"),
    **dict.fromkeys(("orders.page_not_host", "orders.address_not_host"), "number"),
}
"""At which field of the form an error is shown; any other stands above it."""
DOUBT = "orders.check_digit"
"""What whoever is sure may send again as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What was wrong with a form, at which field; `warning` lets the person go on who is sure."""

    sentence: str
    place: str = ""
    status: int = 422
    warning: bool = False


@router.get("/orders/new")
def new_order(request: Request, visitor: SignedOn) -> Response:
    """The empty form, with what its case knows."""
    return order_form(request, visitor, dict(request.query_params), None)


@router.post("/orders/new")
def open_order(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Open the order and show it; what is wrong is said at its field, with everything kept as it was typed."""
    if not visitor.actor.may("orders.draft"):
        raise Forbidden("web.may_not")
    try:
        number = console_of(request).data.open_new_order(visitor.actor, _with_evidence(request, visitor, form))
    except FanzhaError as error:
        place = FIELDS.get(error.code) or str(error.fields.get("name", ""))
        doubted = error.code == DOUBT
        sentence = text(language_of(request), "web.new_order.check_fails") if doubted else sentence_of(request, error)
        told = Trouble(sentence=sentence, place=place, status=status_of(error), warning=doubted)
        return order_form(request, visitor, dict(form), told)
    return see_other(f"/orders/{number}")


@router.put("/cases/{ref}/snapshots")
async def snapshot(request: Request, visitor: SignedOn, ref: str) -> Response:
    """One snapshot of evidence as the request's body."""
    kept = console_of(request).data.keep_snapshot
    return await snapshot_answer(request, lambda body: kept(visitor.actor, ref, body))


async def snapshot_answer(request: Request, keep: Callable[[bytes], str]) -> Response:
    """The SHA-256 under which `keep` keeps the request's body, which carries its form's token."""
    await run_in_threadpool(check_token, request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Invalid("web.file_too_large", limit_bytes=LARGEST)
    return JSONResponse({"sha256": await run_in_threadpool(keep, bytes(body))})


def _with_evidence(request: Request, visitor: Visitor, form: Mapping[str, str]) -> AskedOrder:
    """What the form asks for; evidence that was told in words is kept first."""
    asked, said = asked_order(form), form.get("evidence_words", "").strip()
    if asked.kind != OrderKind.BLOCK or asked.evidence or not said:
        return asked
    kept = console_of(request).data.keep_snapshot(visitor.actor, asked.case, said.encode())
    return replace(asked, evidence=kept)


def asked_order(form: Mapping[str, str]) -> AskedOrder:
    """What the form asks for; `Invalid` names the field that cannot be understood."""
    plain = (
        "case", "kind", "institution", "key", "target_kind", "account", "movement", "before", "number", "holder",
        "holder_class", "payer", "payer_name", "payer_institution", "query_of", "evidence", "sure",
    )  # fmt: skip
    return AskedOrder(
        **{name: form.get(name, "").strip()[:200] for name in plain},
        reason=form.get("reason", "").strip(),
        term=form.get("term") or "ordinary",
        include_interest=form.get("include_interest") == "yes",
        amount_fen=form_fen(form, "amount"),
        limit_fen=form_fen(form, "limit"),
        traceable_fen=_whole(form, "traceable_fen"),
        months=_whole(form, "months"),
        days=_whole(form, "days"),
        paid_at=form_moment(form, "paid_at"),
        since=form_moment(form, "since"),
        until=form_moment(form, "until"),
    )


def order_form(request: Request, visitor: Visitor, typed: dict[str, str], trouble: Trouble | None) -> Response:
    """The form of a new order with what is known or was typed."""
    keys = (typed.get("case", ""), typed.get("account", ""), typed.get("movement", ""), typed.get("before", ""))
    return render(
        request,
        "order_new.html",
        status=trouble.status if trouble else 200,
        draft=console_of(request).data.order_draft(visitor.actor, *keys),
        typed=typed,
        trouble=trouble,
        kinds=KINDS,
        reason_chars=REASON_CHARACTERS,
    )


def _whole(form: Mapping[str, str], name: str) -> int | None:
    given = form.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS):
        raise Invalid("web.bad_number", name=name)
    return int(given)


MOST_DIGITS = 15
