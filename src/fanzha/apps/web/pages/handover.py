"""Hand over a shift: which incidents, to whom, and what the next officer must know."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.new_order import Trouble
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.incident import REASON_CHARACTERS
from fanzha.kernel.errors import Invalid

router = APIRouter()

CHOSEN = "chosen-"
ALL = ("yes", "no")
PLACES: Mapping[str, str] = {
    "incidents.none_chosen": "which",
    "incidents.no_taker": "to",
    "incidents.nobody_called": "to",
    "incidents.cannot_take": "to",
    "cases.empty_text": "reason",
    "cases.long_text": "reason",
}
"""Fields at which the form says what is wrong."""


@router.get("/incidents/handover")
def handover_form(request: Request, visitor: SignedOn) -> Response:
    """The open incidents, one's own chosen (with `all`, every one or none), and to whom they may be handed over."""
    wished = request.query_params.get("all", "")
    return _form(request, visitor, {"all": wished} if wished in ALL else {}, None)


@router.post("/incidents/handover")
def hand_over(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Hand over the chosen incidents, all of them or none."""
    numbers = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    to, note = form.get("to", "").strip()[:80], form.get("reason", "").strip()
    try:
        console_of(request).data.hand_over(visitor.actor, numbers, to, note)
    except Invalid as error:
        place = PLACES.get(error.code, "")
        trouble = Trouble(sentence=sentence_of(request, error), place=place, status=status_of(error))
        return _form(request, visitor, {**form, "sent": "yes"}, trouble)
    return see_other("/incidents")


def _form(request: Request, visitor: Visitor, typed: Mapping[str, str], trouble: Trouble | None) -> Response:
    return render(
        request,
        "incident_handover.html",
        status=trouble.status if trouble else 200,
        view=console_of(request).data.handover(visitor.actor),
        typed=typed,
        trouble=trouble,
        chosen=CHOSEN,
        reason_chars=REASON_CHARACTERS,
    )
