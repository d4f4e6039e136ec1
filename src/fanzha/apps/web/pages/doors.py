"""Coming in, leaving, changing a password, and how the pages should look."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.rendering import THEMES, render
from fanzha.apps.web.security.sessions import (
    Form,
    OpenForm,
    any_visitor,
    end_session,
    session_token,
    start_session,
)
from fanzha.apps.web.views.visitor import Visitor
from fanzha.i18n import LANGUAGES
from fanzha.kernel.errors import FanzhaError, Invalid

router = APIRouter()
AnyVisitor = Annotated[Visitor, Depends(any_visitor)]

DESK = "desk"
"""What an exercise's link visits: the incident that was reported last, with somebody to show one round."""
GUIDED = ("on", "off")
_YEAR_SECONDS = 365 * 24 * 3600


@router.get("/login")
def log_in_page(request: Request) -> Response:
    """The log-in form; somebody already in goes home."""
    token = session_token(request)
    if token and console_of(request).doors.visitor(token):
        return RedirectResponse("/", status_code=303)
    return render(request, "login.html", login="", sentence="")


@router.post("/login")
def log_in(request: Request, form: OpenForm) -> Response:
    """Start a session, or say why not."""
    console, login = console_of(request), form.get("login", "").strip()
    try:
        console.log_ins.spend(request.client.host if request.client else "")
        token = console.doors.log_in(login, form.get("password", ""))
    except FanzhaError as error:
        sentence = sentence_of(request, error)
        return render(request, "login.html", status=status_of(error), login=login, sentence=sentence)
    return _come_in(request, token)


@router.get("/enter/{link}")
def enter_page(request: Request, link: str) -> Response:
    """A button that uses the one-time link: opening the address alone (as link previews do) uses nothing."""
    return render(request, "enter.html", link=link, sentence="", visit=request.query_params.get("visit") == DESK)


@router.post("/enter/{link}")
def enter(request: Request, link: str, form: OpenForm) -> Response:
    """Use the one-time link up and start a session."""
    console = console_of(request)
    try:
        console.log_ins.spend(request.client.host if request.client else "")
        token = console.doors.enter(link)
    except FanzhaError as error:
        return render(request, "enter.html", status=status_of(error), link="", sentence=sentence_of(request, error))
    if form.get("visit") != DESK:
        return _come_in(request, token)
    answer = _come_in(request, token, "/incidents/latest")
    if "guide" not in request.cookies:
        _remember(answer, "guide", "on")
    return answer


def _come_in(request: Request, token: str, path: str = "/") -> Response:
    answer = RedirectResponse(path, status_code=303)
    start_session(answer, console_of(request), token)
    return answer


@router.post("/logout")
def log_out(request: Request, known: AnyVisitor, form: Form) -> Response:
    """End the session."""
    console = console_of(request)
    console.doors.log_out(session_token(request))
    answer = RedirectResponse("/login", status_code=303)
    end_session(answer, console)
    # What the person saw must not be found in the cache of a shared machine.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/password")
def password_page(request: Request, known: AnyVisitor) -> Response:
    """The form to change one's password."""
    return render(request, "password.html", sentence="")


@router.post("/password")
def change_password(request: Request, known: AnyVisitor, form: Form) -> Response:
    """Change the password; the session goes on under a new token."""
    console = console_of(request)
    try:
        if form.get("new", "") != form.get("again", ""):
            raise Invalid("web.passwords_differ")
        token = console.doors.change_password(session_token(request), form.get("old", ""), form.get("new", ""))
    except FanzhaError as error:
        return render(request, "password.html", status=status_of(error), sentence=sentence_of(request, error))
    return _come_in(request, token)


@router.post("/look")
def look(request: Request, form: OpenForm) -> Response:
    """Remember language, theme and whether somebody is shown round in this browser, and go back to the page."""
    answer = RedirectResponse(own_path(form.get("back", "/")), status_code=303)
    for name, known in (("language", LANGUAGES), ("theme", THEMES), ("guide", GUIDED)):
        if form.get(name) in known:
            _remember(answer, name, form[name])
    return answer


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=_YEAR_SECONDS, path="/", httponly=True, samesite="strict")


def own_path(given: str) -> str:
    """The path if it stays on this host, else the first page: nobody is sent elsewhere by a form."""
    safe = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if safe else "/"
