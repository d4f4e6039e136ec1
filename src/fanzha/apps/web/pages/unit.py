"""Choosing the unit one works as: its cases and everything below them are then in sight, and nothing else."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn, session_token

router = APIRouter()


@router.get("/unit")
def units(request: Request, visitor: SignedOn) -> Response:
    """The units that the visitor may work as."""
    return render(request, "unit.html", units=console_of(request).doors.working_units(session_token(request)))


@router.post("/unit")
def work_as(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Go on as a member of that unit, from the first page: what was open may be out of sight now."""
    console_of(request).doors.work_as(session_token(request), form.get("unit", ""))
    return see_other("/")
