"""Who asks: from cookie to visitor, and the token every form of theirs must carry."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from fanzha.apps.web.console import Console, console_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Forbidden, Invalid

MAX_FIELDS = 4_000
"""A mapping form has one field a column; readers stop at 2,000 columns."""


class LogInNeeded(Forbidden):
    """Nobody is logged in, or no longer."""


class PasswordChangeNeeded(Forbidden):
    """A first password must be changed before anything else."""


def session_token(request: Request) -> str:
    """The session's token that the browser carries, empty when none."""
    return request.cookies.get(console_of(request).settings.session_cookie, "")


def any_visitor(request: Request) -> Visitor:
    """Whoever is logged in, be it with a first password."""
    token = session_token(request)
    found = console_of(request).doors.visitor(token) if token else None
    if found is None:
        raise LogInNeeded("web.log_in_needed")
    request.state.visitor = found
    return found


def visitor(found: Annotated[Visitor, Depends(any_visitor)]) -> Visitor:
    """Whoever is logged in and free to work."""
    if found.must_change:
        raise PasswordChangeNeeded("web.password_change_needed")
    return found


async def open_form(request: Request) -> Mapping[str, str]:
    """The fields of a form that needs no session (log in); files are refused, they have their own way in."""
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        given = {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    if any("\0" in value for value in given.values()):  # no keyboard makes one, and the database keeps none
        raise Invalid("web.bad_request")
    return given


async def posted_form(request: Request, form: Annotated[Mapping[str, str], Depends(open_form)]) -> Mapping[str, str]:
    """The fields of a form that carries its session's token, in a field or (scripts) in a header."""
    await run_in_threadpool(check_token, request, form.get("csrf", ""))
    return form


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """The one file of a form, as small as a page's body may be; `name` is its owner's."""

    name: str
    content: bytes


async def posted_file(request: Request) -> SentFile:
    """The field `file` of a form that carries its session's token; empty where none was chosen."""
    async with request.form(max_files=1, max_fields=MAX_FIELDS) as form:
        given, csrf = form.get("file"), form.get("csrf")
        sent = SentFile(name="", content=b"")
        if isinstance(given, UploadFile):
            sent = SentFile(name=given.filename or "", content=await given.read())
    await run_in_threadpool(check_token, request, csrf if isinstance(csrf, str) else "")
    return sent


def check_token(request: Request, given: str = "") -> None:
    """`Forbidden` unless the request carries the token of its session."""
    known = getattr(request.state, "visitor", None) or any_visitor(request)
    offered = request.headers.get("x-csrf") or given
    if not hmac.compare_digest(offered.encode(), known.csrf.encode()):
        raise Forbidden("web.stale_form")


def start_session(response: Response, console: Console, token: str) -> None:
    """Give the browser its session: gone when the browser closes, unreadable to scripts, never sent by other sites."""
    settings = console.settings
    response.set_cookie(
        settings.session_cookie, token, path="/", httponly=True, samesite="strict", secure=settings.secure_cookies
    )


def end_session(response: Response, console: Console) -> None:
    """Take the session's cookie back."""
    settings = console.settings
    response.delete_cookie(
        settings.session_cookie, path="/", httponly=True, samesite="strict", secure=settings.secure_cookies
    )


SignedOn = Annotated[Visitor, Depends(visitor)]
Form = Annotated[Mapping[str, str], Depends(posted_form)]
OneFile = Annotated[SentFile, Depends(posted_file)]
OpenForm = Annotated[Mapping[str, str], Depends(open_form)]
