"""The first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn

router = APIRouter()


@router.get("/")
def home(request: Request, visitor: SignedOn) -> Response:
    """What runs, what waits, and the cases last worked on."""
    return render(request, "home.html", view=console_of(request).data.home(visitor.actor))
