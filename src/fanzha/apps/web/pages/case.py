"""One case: people, notes, log, and its retention class. Files, movements and accounts have files of their own."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.cases import NewPerson
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.cases.subjects import BY_HAND, Role
from fanzha.i18n import catalogue
from fanzha.kernel.errors import Invalid

router = APIRouter(prefix="/cases/{ref}")

NOTE_CHARS = 10_000
REASON_CHARS = 500
NAME_CHARS = 100

_ACTION = "words.action."
ACTIONS = tuple(key.removeprefix(_ACTION) for key in catalogue("en") if key.startswith(_ACTION))
"""What the log can be narrowed to: every act that has a word."""

PEOPLE = Table(
    name="people",
    columns=(
        Column(key="name", kind="masked"),
        Column(key="role", kind="code", words="words.role"),
        Column(key="id_number", kind="masked", sortable=False),
        Column(key="phone", kind="masked", sortable=False),
        Column(key="number", kind="masked", sortable=False),
        Column(key="source", kind="place", sortable=False, phone=False),
        Column(key="added_at", kind="time", phone=False),
        Column(key="victim", kind="mark", words="people.mark", sortable=False),
        Column(key="link", kind="act", words="people.remove", sortable=False),
    ),
    filters=(Filter(key="role", kind="choice", words="words.role", choices=tuple(each.value for each in Role)),),
    sort="added_at",
    descending=True,
)
LOG = Table(
    name="log",
    columns=(
        Column(key="at", kind="time", sortable=True),
        Column(key="by", kind="person"),
        Column(key="action", kind="code", words="words.action"),
        Column(key="object", sortable=False, phone=False),
        Column(key="rows", kind="count", sortable=False, phone=False),
        Column(key="purpose", kind="code", words="words.purpose", sortable=False),
    ),
    filters=(
        Filter(key="after", kind="after"),
        Filter(key="until", kind="until"),
        Filter(key="action", kind="choice", words="words.action", choices=ACTIONS),
    ),
    sort="at",
    descending=True,
)


@router.get("/people")
def people(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Persons of the case."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request,
        PEOPLE,
        "case_people.html",
        lambda query: data.people(visitor.actor, ref, query),
        head=head,
        roles=BY_HAND,
        name_chars=NAME_CHARS,
        reason_chars=REASON_CHARS,
    )


@router.post("/people")
def add_person(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Add somebody by one identifier."""
    new = NewPerson(
        text=words_of(form.get("text", ""), NAME_CHARS),
        reason=words_of(form.get("reason", ""), REASON_CHARS),
        role=_role(form.get("role", Role.PERSON)),
    )
    console_of(request).data.add_person(visitor.actor, ref, new)
    return see_other(f"/cases/{ref}/people")


@router.get("/people/{link}/removal")
def removal(request: Request, visitor: SignedOn, ref: str, link: str) -> Response:
    """The form that takes somebody back whom a person added."""
    head = console_of(request).data.case(visitor.actor, ref)
    return render(request, "case_removal.html", head=head, link=link, reason_chars=REASON_CHARS)


@router.post("/people/{link}/removal")
def remove_person(request: Request, visitor: SignedOn, form: Form, ref: str, link: str) -> Response:
    """Take somebody back whom a person added."""
    reason = words_of(form.get("reason", ""), REASON_CHARS)
    console_of(request).data.remove_person(visitor.actor, ref, link, reason)
    return see_other(f"/cases/{ref}/people")


@router.get("/notes")
def notes(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Notes of the case."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return render(request, "case_notes.html", head=head, notes=data.notes(visitor.actor, ref), note_chars=NOTE_CHARS)


@router.post("/notes")
def add_note(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Add a note."""
    console_of(request).data.add_note(visitor.actor, ref, words_of(form.get("text", ""), NOTE_CHARS))
    return see_other(f"/cases/{ref}/notes")


@router.get("/log")
def log(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Who did what to the case."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(request, LOG, "case_log.html", lambda query: data.log(visitor.actor, ref, query), head=head)


@router.get("/retention")
def retention(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The form that gives the case another retention class."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return render(
        request, "case_retention.html", head=head, retentions=data.retention_classes(), reason_chars=REASON_CHARS
    )


@router.post("/retention")
def set_retention(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Give the case another retention class."""
    reason = words_of(form.get("reason", ""), REASON_CHARS)
    console_of(request).data.set_retention(visitor.actor, ref, form.get("retention", ""), reason)
    return see_other(f"/cases/{ref}")


@router.get("/state")
def state(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The form that takes the case into another state."""
    head = console_of(request).data.case(visitor.actor, ref)
    return render(request, "case_state.html", head=head, reason_chars=REASON_CHARS)


@router.post("/state")
def move(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Take the case into another state."""
    reason = words_of(form.get("reason", ""), REASON_CHARS)
    console_of(request).data.move(visitor.actor, ref, form.get("state", ""), reason)
    return see_other(f"/cases/{ref}")


def _role(given: str) -> Role:
    if given not in BY_HAND:
        raise Invalid("web.bad_filter", name="role")
    return Role(given)


def words_of(given: str, most: int) -> str:
    """What a person wrote, trimmed; `Invalid` when empty or too long."""
    trimmed = given.strip()
    if not 1 <= len(trimmed) <= most:
        raise Invalid("web.text_length", limit=most)
    return trimmed
