"""Naming a victim of a case: whose payments a trace begins with."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.case import REASON_CHARS, words_of
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.kernel.errors import Invalid

router = APIRouter(prefix="/cases/{ref}/victims")

_SUBJECT = re.compile(r"[0-9a-f]{16}")


@router.get("/{subject}")
def marking(request: Request, visitor: SignedOn, ref: str, subject: str) -> Response:
    """The form that names somebody of the case a victim."""
    head = console_of(request).data.case(visitor.actor, ref)
    return render(request, "case_victim.html", head=head, subject=_known(subject), reason_chars=REASON_CHARS)


@router.post("/{subject}")
def mark(request: Request, visitor: SignedOn, form: Form, ref: str, subject: str) -> Response:
    """Name somebody of the case a victim; their own entry among its people takes it back."""
    reason = words_of(form.get("reason", ""), REASON_CHARS)
    console_of(request).data.mark_victim(visitor.actor, ref, _known(subject), reason)
    return see_other(f"/cases/{ref}/people?role=victim")


def _known(subject: str) -> str:
    if not _SUBJECT.fullmatch(subject):
        raise Invalid("web.bad_filter", name="subject")
    return subject
