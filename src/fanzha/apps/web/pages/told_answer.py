"""What an institution answered by fax or telephone, told by the person who heard it: sums, times, who said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.new_order import Trouble
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.orders import AnswerForm, AskedAnswer
from fanzha.apps.web.views.tables import form_fen, form_moment
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, NotFound
from fanzha.orders.drafting import REASON_CHARACTERS

router = APIRouter(prefix="/orders/{number}/answers")

FIELDS: Mapping[str, str] = {
    "orders.claims_beyond": "held",
    "orders.answer_by_nobody": "by",
    "orders.answer_without_time": "at",
    "orders.answer_in_future": "at",
    "orders.answer_before_asked": "at",
    "orders.effect_in_future": "starts_at",
    "orders.answer_backwards": "ends_at",
    "orders.unknown_result": "result",
    "orders.reply_missing": "evidence",
    "orders.bad_evidence": "evidence",
    "cases.text_too_long": "words",
}
"""At which field of the form an error is shown; any other stands above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """From where the form of an answer was opened: where it leads back to, is sent, and keeps what shows the answer."""

    back: str
    crumbs: tuple[tuple[str, str], ...]
    here: str
    snapshots: str


@router.get("/{instruction}")
def answer_form(request: Request, visitor: SignedOn, number: str, instruction: str) -> Response:
    """The empty form."""
    return _form(request, visitor, (number, instruction), {}, None)


@router.post("/{instruction}")
def tell_answer(request: Request, visitor: SignedOn, form: Form, number: str, instruction: str) -> Response:
    """Keep the answer and show the order; what is wrong is said at its field, with everything as it was typed."""
    try:
        console_of(request).data.tell_answer(visitor.actor, number, asked_answer(form, instruction))
    except (Forbidden, NotFound, Conflict):
        raise
    except FanzhaError as error:
        return _form(request, visitor, (number, instruction), dict(form), trouble_of(request, error))
    return see_other(f"/orders/{number}")


def trouble_of(request: Request, error: FanzhaError) -> Trouble:
    """What is wrong with a told answer, at its field."""
    place = FIELDS.get(error.code) or str(error.fields.get("name", ""))
    beyond = error.code == "orders.claims_beyond"
    return Trouble(sentence=sentence_of(request, error), place=place, status=status_of(error), warning=beyond)


def asked_answer(form: Mapping[str, str], instruction: str) -> AskedAnswer:
    """What the form tells; `Invalid` names the field that cannot be understood."""
    return AskedAnswer(
        instruction=instruction,
        result=form.get("result", "")[:4],
        by=form.get("by", "").strip(),
        way=form.get("way", ""),
        at=form_moment(form, "at"),
        evidence=form.get("evidence", "")[:64],
        reference=form.get("reference", "").strip(),
        words=form.get("words", "").strip(),
        balance_fen=form_fen(form, "balance"),
        held_fen=form_fen(form, "held"),
        released_fen=form_fen(form, "released"),
        starts_at=form_moment(form, "starts_at"),
        ends_at=form_moment(form, "ends_at"),
        sure=form.get("sure") == "yes",
    )


def _form(
    request: Request, visitor: Visitor, where: tuple[str, str], typed: dict[str, str], trouble: Trouble | None
) -> Response:
    asked = console_of(request).data.answer_form(visitor.actor, *where)
    order = f"/orders/{asked.line.number}"
    around = Around(
        back=order,
        crumbs=(("/orders", "orders.title"), (order, "")),
        here=f"{order}/answers/{asked.instruction.id}",
        snapshots=f"/cases/{asked.line.case}/snapshots",
    )
    return answer_page(request, asked, typed, trouble, around)


def answer_page(
    request: Request, asked: AnswerForm, typed: dict[str, str], trouble: Trouble | None, around: Around
) -> Response:
    """The form of an answer as it was typed, with what is wrong at its field."""
    return render(
        request,
        "order_answer.html",
        status=trouble.status if trouble else 200,
        asked=asked,
        typed=typed,
        trouble=trouble,
        reason_chars=REASON_CHARACTERS,
        around=around,
    )
