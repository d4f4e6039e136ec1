"""The page of a bank's or carrier's resident: the queue of one institution, and its answers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.new_order import Trouble, snapshot_answer
from fanzha.apps.web.pages.order_papers import pdf_answer
from fanzha.apps.web.pages.told_answer import Around, answer_page, asked_answer, trouble_of
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, NotFound
from fanzha.orders.entries import HeardBy

router = APIRouter(prefix="/seat")


@router.get("")
def seat(request: Request, visitor: SignedOn) -> Response:
    """What waits for the resident's institution, most urgent first."""
    return render(request, "seat.html", view=console_of(request).data.seat(visitor.actor))


@router.get("/{number}/{instruction}")
def answer_form(request: Request, visitor: SignedOn, number: str, instruction: str) -> Response:
    """The form of an answer, told by the resident who opens it."""
    typed = {"by": visitor.display_name, "way": HeardBy.VISIT.value}
    return _form(request, visitor, (number, instruction), typed, None)


@router.post("/{number}/{instruction}")
def tell_answer(request: Request, visitor: SignedOn, form: Form, number: str, instruction: str) -> Response:
    """Keep the answer and go back to the queue; what is wrong is said at its field."""
    try:
        console_of(request).data.seat_answer(visitor.actor, number, asked_answer(form, instruction))
    except (Forbidden, NotFound, Conflict):
        raise
    except FanzhaError as error:
        return _form(request, visitor, (number, instruction), dict(form), trouble_of(request, error))
    return see_other("/seat")


@router.post("/{number}/{instruction}/paper")
def take_paper(request: Request, visitor: SignedOn, form: Form, number: str, instruction: str) -> Response:
    """The paper of an instruction as a file, for a purpose that goes on record."""
    purpose = purpose_code(form.get("purpose", ""))
    return pdf_answer(console_of(request).data.seat_paper(visitor.actor, number, instruction, purpose))


@router.put("/{number}/reply")
async def reply(request: Request, visitor: SignedOn, number: str) -> Response:
    """What shows an answer, as the request's body."""
    kept = console_of(request).data.keep_reply
    return await snapshot_answer(request, lambda body: kept(visitor.actor, number, body))


def _form(
    request: Request, visitor: Visitor, where: tuple[str, str], typed: dict[str, str], trouble: Trouble | None
) -> Response:
    asked = console_of(request).data.seat_answer_form(visitor.actor, *where)
    here = f"/seat/{asked.line.number}"
    around = Around(
        back="/seat",
        crumbs=(("/seat", "seat.title"),),
        here=f"{here}/{asked.instruction.id}",
        snapshots=f"{here}/reply",
    )
    return answer_page(request, asked, typed, trouble, around)
