"""The centre's own people, for those who administer them: accounts, roles, one-time links."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.staff import NewStaff
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, NotFound

router = APIRouter(prefix="/staff")


@router.get("")
def staff(request: Request, visitor: SignedOn) -> Response:
    """Everybody of the visitor's units, and the form that adds somebody."""
    return _list(request, visitor, {}, "")


@router.post("")
def add(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Add somebody and show their page, where their link is made."""
    new = NewStaff(
        login=form.get("login", ""),
        name=form.get("name", "").strip(),
        unit=form.get("unit", ""),
        role=form.get("role", ""),
    )
    try:
        added = console_of(request).data.add_staff(visitor.actor, new)
    except FanzhaError as error:
        return _list(request, visitor, dict(form), sentence_of(request, error), status_of(error))
    return see_other(f"/staff/{added}")


@router.get("/{person}")
def one(request: Request, visitor: SignedOn, person: str) -> Response:
    """One account: its roles, its state."""
    return _one(request, visitor, person)


@router.post("/{person}/roles")
def set_role(request: Request, visitor: SignedOn, form: Form, person: str) -> Response:
    """Give a role or take one back."""
    data, role, unit = console_of(request).data, form.get("role", ""), form.get("unit", "")
    if form.get("end") == "yes":
        data.take_role(visitor.actor, person, role, unit)
    else:
        data.give_role(visitor.actor, person, role, unit, form.get("institution", "")[:40])
    return see_other(f"/staff/{person}")


@router.post("/{person}/disabled")
def set_disabled(request: Request, visitor: SignedOn, form: Form, person: str) -> Response:
    """Close the account or open it again."""
    console_of(request).data.set_disabled(visitor.actor, person, form.get("disabled") == "yes")
    return see_other(f"/staff/{person}")


@router.post("/{person}/link")
def link(request: Request, visitor: SignedOn, form: Form, person: str) -> Response:
    """Make a one-time link and show it this once: it is in no address and no log."""
    secret = console_of(request).data.staff_link(visitor.actor, person)
    return _one(request, visitor, person, f"{request.url.scheme}://{request.url.netloc}/enter/{secret}")


def _list(request: Request, visitor: Visitor, typed: dict[str, str], sentence: str, status: int = 200) -> Response:
    data = console_of(request).data
    return render(
        request,
        "staff.html",
        status=status,
        people=data.staff(visitor.actor),
        roles=data.staff_roles(),
        units=data.units(visitor.actor),
        typed=typed,
        sentence=sentence,
    )


def _one(request: Request, visitor: Visitor, person: str, made: str = "") -> Response:
    data = console_of(request).data
    line = next((each for each in data.staff(visitor.actor) if each.id == person), None)
    if line is None:
        raise NotFound("access.no_such_person")
    return render(
        request,
        "staff_person.html",
        line=line,
        roles=data.staff_roles(),
        institutions=data.order_institutions(visitor.actor),
        units=data.units(visitor.actor),
        made=made,
        minutes=data.link_minutes(),
    )
