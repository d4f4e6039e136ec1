"""Background work: the table of rows, those first that wait for a person, and the record of one with its acts."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.pages.keeping import REASON_CHARS, reason_of
from fanzha.apps.web.rendering import render, section
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Illegal, Invalid, NotFound

router = APIRouter(prefix="/work")

WORK = Table(
    name="work",
    columns=(
        Column(key="kind", kind="sentence", words="words.work_kind", sortable=False),
        Column(key="about", sortable=False),
        Column(key="clock", kind="sentence", words="words.clock", sortable=False, phone=False),
        Column(key="state", kind="code", words="words.work_state", sortable=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="case", sortable=False, phone=False),
        Column(key="due_at", kind="moment"),
        Column(key="tries", kind="count", sortable=False, phone=False),
        Column(key="error", kind="sentence", words="errors", sortable=False),
        Column(key="handler", kind="person", sortable=False, phone=False),
    ),
    filters=(
        Filter(
            key="state",
            kind="choice",
            words="words.work_state",
            choices=("stuck", "running", "waiting", "cancelled", "done"),
        ),
        Filter(key="kind", kind="choice", words="words.work_kind", choices=tuple(section("zh", "words.work_kind."))),
        Filter(key="handler", kind="choice", words="words.work_handler", choices=("me",)),
    ),
    sort="due_at",
)


@router.get("")
def work(request: Request, visitor: SignedOn) -> Response:
    """Rows in sight."""
    data = console_of(request).data
    return answer_table(request, WORK, "work.html", lambda query: data.work(visitor.actor, query))


@router.get("/{work_id}")
def one(request: Request, visitor: SignedOn, work_id: str) -> Response:
    """One row: what it is, why it stands, who did what about it."""
    return _one(request, visitor, work_id)


@router.post("/{work_id}/retry")
def retry(request: Request, visitor: SignedOn, form: Form, work_id: str) -> Response:
    """Try it again at once."""
    data = console_of(request).data
    return _done(request, visitor, work_id, "retry", lambda: data.retry_work(visitor.actor, work_id, reason_of(form)))


@router.post("/{work_id}/hand-over")
def hand_over(request: Request, visitor: SignedOn, form: Form, work_id: str) -> Response:
    """Give it to a named person."""
    data, to = console_of(request).data, form.get("to", "")
    return _done(
        request,
        visitor,
        work_id,
        "hand_over",
        lambda: data.hand_over_work(visitor.actor, work_id, to, reason_of(form)),
    )


@router.post("/{work_id}/cancel")
def cancel(request: Request, visitor: SignedOn, form: Form, work_id: str) -> Response:
    """Do it no more."""
    data = console_of(request).data
    return _done(request, visitor, work_id, "cancel", lambda: data.cancel_work(visitor.actor, work_id, reason_of(form)))


def _done(request: Request, visitor: Visitor, work_id: str, part: str, act: Callable[[], None]) -> Response:
    """Do it and show the record again; what cannot be done is said beside the form it came from."""
    try:
        act()
    except NotFound as error:
        if error.code != "access.no_such_person":
            raise
        return _one(request, visitor, work_id, part, error)
    except (Invalid, Illegal) as error:
        return _one(request, visitor, work_id, part, error)
    return see_other(f"/work/{work_id}")


def _one(
    request: Request, visitor: Visitor, work_id: str, part: str = "", error: FanzhaError | None = None
) -> Response:
    return render(
        request,
        "work_record.html",
        status=status_of(error) if error else 200,
        view=console_of(request).data.one_work(visitor.actor, work_id),
        wrong=part,
        sentence=sentence_of(request, error) if error else "",
        reason_chars=REASON_CHARS,
    )
