"""Standing authorities: what people allowed beforehand, how much of it is used, and the form of a new one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.incidents import AskedAuthority, Narrowing
from fanzha.apps.web.views.tables import sum_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Invalid
from fanzha.orders.authority import REASON_CHARACTERS, AccountSort

router = APIRouter()
KINDS = ("stop", "query", "monitor")
MOST_DIGITS = 6
SORTS = tuple(each.value for each in AccountSort if each is not AccountSort.PERSON)


@router.get("/authorities")
def authorities(request: Request, visitor: SignedOn) -> Response:
    """Every authority in sight, newest first."""
    lines = console_of(request).data.authorities(visitor.actor)
    return render(request, "authorities.html", lines=lines, sorts=SORTS, reason_chars=REASON_CHARACTERS)


@router.get("/authorities/new")
def new_authority(request: Request, visitor: SignedOn) -> Response:
    """The form, with what the rulebook proposes."""
    return _form(request, visitor, dict(request.query_params), "", 200)


@router.post("/authorities/new")
def draft(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Put it forward for signature."""
    try:
        console_of(request).data.draft_authority(visitor.actor, _asked(form))
    except FanzhaError as error:
        return _form(request, visitor, dict(form), sentence_of(request, error), status_of(error))
    incident = form.get("incident", "")
    return see_other(f"/incidents/{incident}" if incident else "/authorities")


@router.post("/authorities/{number}/do/sign")
def sign(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Sign it in a capacity of one's own."""
    console_of(request).data.sign_authority(visitor.actor, number)
    return see_other("/sign" if form.get("back") == "sign" else "/authorities")


@router.post("/authorities/{number}/do/narrow")
def narrow(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Narrower limits, at once: one person who answers for it suffices."""
    asked = _asked(form)
    less = Narrowing(
        reason=asked.reason,
        layers=asked.layers,
        accounts=asked.accounts,
        total_fen=asked.total_fen,
        least_fen=asked.least_fen,
        least_share=asked.least_share,
        excluded=asked.excluded,
    )
    console_of(request).data.narrow_authority(visitor.actor, number, less)
    return see_other("/authorities")


@router.post("/authorities/{number}/do/withdraw")
def withdraw(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Take it back: nothing leaves under it any more."""
    console_of(request).data.withdraw_authority(visitor.actor, number, form.get("reason", "").strip())
    return see_other("/authorities")


def _asked(form: Form) -> AskedAuthority:
    return AskedAuthority(
        incident=form.get("incident", "")[:64],
        kinds=[each for each in KINDS if form.get(f"kind_{each}") == "yes"],
        layers=_whole(form, "layers"),
        accounts=_whole(form, "accounts"),
        total_fen=sum_of(form, "total"),
        least_fen=sum_of(form, "least"),
        least_share=_whole(form, "least_share"),
        excluded=[each.value for each in AccountSort if form.get(f"sort_{each.value}") == "yes"],
        hours=_whole(form, "hours") if "hours" in form else 0,
        reason=form.get("reason", "").strip(),
    )


def _whole(form: Form, name: str) -> int:
    given = form.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS):
        raise Invalid("web.bad_filter", name=name)
    return int(given)


def _form(request: Request, visitor: Visitor, typed: dict[str, str], sentence: str, status: int) -> Response:
    return render(
        request,
        "authority_new.html",
        status=status,
        draft=console_of(request).data.authority_draft(visitor.actor, typed.get("incident", "")),
        typed=typed,
        sentence=sentence,
        kinds=KINDS,
        sorts=SORTS,
        reason_chars=REASON_CHARACTERS,
    )
