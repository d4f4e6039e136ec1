"""The centre's own people, for those who administer them: accounts, roles, one-time links."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.new_order import Trouble
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.staff import NewStaff
from fanzha.apps.web.views.visitor import Visitor
from fanzha.i18n import text
from fanzha.kernel.errors import FanzhaError, NotFound

router = APIRouter(prefix="/staff")

SEAT = "resident"
PLACES: Mapping[str, str] = {
    "access.bad_login": "login",
    "access.login_taken": "login",
    "access.bad_name": "name",
    "access.outside_scope": "unit",
    "access.no_such_unit": "unit",
    "access.no_such_role": "role",
    "access.seat_alone": "role",
    "access.seat_institution": "institution",
    "access.role_not_held": "",
    "institutions.none": "institution",
}
"""Fields at which the forms say what is wrong; above the form where it is none of them."""
SAY_ROLE: Mapping[str, str] = {
    "access.seat_alone": "seat_alone", "access.no_such_role": "no_such_role", "access.role_not_held": "role_not_held",
}  # fmt: skip


@router.get("")
def staff(request: Request, visitor: SignedOn) -> Response:
    """Everybody of the visitor's units, and the form that adds somebody."""
    return _list(request, visitor, {}, None)


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
        return _list(request, visitor, dict(form), _trouble(request, error, new.role))
    return see_other(f"/staff/{added}")


@router.get("/{person}")
def one(request: Request, visitor: SignedOn, person: str) -> Response:
    """One account: its roles, its state."""
    return _one(request, visitor, person)


@router.post("/{person}/roles")
def set_role(request: Request, visitor: SignedOn, form: Form, person: str) -> Response:
    """Give a role or take one back; what is wrong is said at its field."""
    data, role, unit = console_of(request).data, form.get("role", ""), form.get("unit", "")
    try:
        if form.get("end") == "yes":
            data.take_role(visitor.actor, person, role, unit)
        else:
            data.give_role(visitor.actor, person, role, unit, form.get("institution", "")[:40])
    except FanzhaError as error:
        if error.code not in PLACES:
            raise
        return _one(request, visitor, person, trouble=_trouble(request, error, role), typed=dict(form))
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


def _trouble(request: Request, error: FanzhaError, role: str) -> Trouble:
    """What is wrong, at its field, with roles by their titles: a page shows no code of one."""
    sentence, place, language = sentence_of(request, error), PLACES.get(error.code, ""), language_of(request)
    if error.code == "access.seat_institution":
        wants = role == SEAT
        sentence, place = text(language, f"web.staff.{'seat_lacks' if wants else 'seat_extra'}"), "institution"
    elif error.code in SAY_ROLE:
        titles = {
            each.code: each.zh if language == "zh" else each.en for each in console_of(request).data.staff_roles()
        }
        held = str(error.fields.get("role", ""))
        sentence = text(language, f"web.staff.{SAY_ROLE[error.code]}", role=titles.get(held, held))
    return Trouble(sentence=sentence, place=place, status=status_of(error))


def _list(request: Request, visitor: Visitor, typed: dict[str, str], trouble: Trouble | None) -> Response:
    data = console_of(request).data
    return render(
        request,
        "staff.html",
        status=trouble.status if trouble else 200,
        people=data.staff(visitor.actor),
        roles=data.staff_roles(),
        units=data.units(visitor.actor),
        typed=typed,
        trouble=trouble,
    )


def _one(
    request: Request,
    visitor: Visitor,
    person: str,
    made: str = "",
    *,
    trouble: Trouble | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    data = console_of(request).data
    line = next((each for each in data.staff(visitor.actor) if each.id == person), None)
    if line is None:
        raise NotFound("access.no_such_person")
    return render(
        request,
        "staff_person.html",
        status=trouble.status if trouble else 200,
        line=line,
        roles=data.staff_roles(),
        institutions=data.order_institutions(visitor.actor),
        units=data.units(visitor.actor),
        made=made,
        trouble=trouble,
        typed=typed or {},
        minutes=data.link_minutes(),
    )
