"""From errors to answers: HTTP status by kind, a page or JSON that says what, where and what to do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolUsedUp
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha.adapters.store.plans import are_outdated
from fanzha.apps.web.names import shown_fields
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import LogInNeeded, PasswordChangeNeeded
from fanzha.apps.web.views.orders import Waiting
from fanzha.i18n import catalogue, text
from fanzha.i18n.sentences import worded
from fanzha.kernel.errors import Broken, Conflict, FanzhaError, Forbidden, Illegal, Invalid, NotFound, Unavailable

STATUS: dict[type[FanzhaError], int] = {
    Invalid: 422,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Unavailable: 503,
    Illegal: 409,
    Broken: 500,
}

log = structlog.get_logger()


def add_error_pages(app: FastAPI) -> None:
    """Let every error of the house, of the framework and of nobody answer as a page of ours."""
    app.add_exception_handler(FanzhaError, _told)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_middleware(LastResort)


@dataclass(frozen=True, slots=True)
class LastResort:
    """Answers what nobody foresaw inside our own stack: beyond it a server would print values into its log.

    What is served without the handlers of the pages is `bare`: what these would tell is told here. With them nothing
    that they answered comes here, but that they could not.
    """

    app: ASGIApp
    bare: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and answer a fault of ours unless half an answer is already out."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            tell = _answered if self.bare else _unforeseen
            answer = await tell(Request(scope, receive), error)
            if not begun:
                await answer(scope, receive, send)


async def _answered(request: Request, error: Exception) -> Response:
    """What no handler of the pages answered: where a call never comes to them, what they would tell is told here."""
    match error:
        case FanzhaError():
            return await _told(request, error)
        case HTTPException():
            return await _by_status(request, error)
    return await _unforeseen(request, error)


def status_of(error: FanzhaError) -> int:
    """The HTTP status of an error's kind."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def sentence_of(request: Request, error: FanzhaError, just_sent: bool = False) -> str:
    """What the error says in the person's language, of a file that they have `just_sent` by its name; one without a
    sentence is still told, by its code."""
    language = language_of(request)
    if f"errors.{error.code}" in catalogue(language):
        return text(
            language, f"errors.{error.code}", **worded(language, error.code, shown_fields(error.fields, just_sent))
        )
    return text(language, "web.error.unworded", code=error.code)


async def _told(request: Request, error: Exception) -> Response:
    if not isinstance(error, FanzhaError):
        return await _unforeseen(request, error)
    if isinstance(error, LogInNeeded | PasswordChangeNeeded) and not _wants_data(request):
        # An HTMX request must change the whole page, not put a log-in form into a table.
        target = "/login" if isinstance(error, LogInNeeded) else "/password"
        if request.headers.get("hx-request"):
            return Response(status_code=204, headers={"HX-Redirect": target})
        return RedirectResponse(target, status_code=303)
    status = 401 if isinstance(error, LogInNeeded) else status_of(error)
    if status == 500:
        return await _unforeseen(request, error)
    return _answer(request, status, error.code, sentence_of(request, error))


async def _by_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    kind = "not_found" if status in (404, 405) else "bad_request"
    answer = _answer(request, status, f"web.{kind}", text(language_of(request), f"errors.web.{kind}"))
    answer.headers.update((isinstance(error, HTTPException) and error.headers) or {})
    if status == 405:
        answer.headers["allow"] = ", ".join(sorted(set(_methods(request.app.routes, request.scope))))
    return answer


def _methods(routes: Iterable[BaseRoute], scope: Scope) -> Iterator[str]:
    """The methods that an address takes, whichever routes share it; the framework tells those of the first alone."""
    for each in routes:
        inner = getattr(each, "original_router", None)
        if inner is not None:
            yield from _methods(inner.routes, scope)
        elif each.matches(scope)[0] is not Match.NONE:
            yield from getattr(each, "methods", None) or ()


async def _misshapen(request: Request, error: Exception) -> Response:
    """A body that is not of the described shape: which field, never what stood in it."""
    where = error.errors()[0]["loc"] if isinstance(error, RequestValidationError) else ()
    names = [str(each) for each in where[1:] if _SPEAKABLE.fullmatch(str(each))]
    return await _told(request, Invalid("web.bad_field", name=".".join(names) or "?"))


_SPEAKABLE = re.compile(r"[a-z][a-z_]{0,39}")
"""Names of fields that may be repeated; others come from whoever sent them."""


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Our fault: the person gets a number, the log gets the same number and the kind of error, never its values."""
    support = secrets.token_hex(4)
    where = _innermost(error)
    code = _code_of(error)
    status = 500 if code == "web.broken" else 503
    log.error(code, support=support, kind=type(error).__name__, where=where)
    return _answer(request, status, code, text(language_of(request), f"errors.{code}", support=support))


def _code_of(error: Exception) -> str:
    if isinstance(error, DBAPIError) and are_outdated(error.orig):
        return "web.tables_changed"
    return "web.database_gone" if _is_gone(error) else "web.broken"


def _is_gone(error: Exception) -> bool:
    """Whether the database could not be reached, or went away under the request."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        lost = isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P")))
        return error.connection_invalidated or lost
    return isinstance(error, PoolUsedUp)


def _innermost(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""


def _answer(request: Request, status: int, code: str, sentence: str) -> Response:
    if _wants_data(request):
        return JSONResponse({"code": code, "message": sentence}, status_code=status)
    known = {} if status < 500 else {"waiting": Waiting()}  # whatever failed is not asked once more
    return render(request, "error.html", status=status, status_code=status, sentence=sentence, code=code, **known)


def _wants_data(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith("application/json")
