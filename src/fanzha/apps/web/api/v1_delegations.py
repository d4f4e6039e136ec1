"""Who may sign what today as JSON: the same read and permission as the page."""

from __future__ import annotations

from fastapi import APIRouter, Request

from fanzha.apps.web.console import console_of
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.delegations import DelegationsView

router = APIRouter(prefix="/api/v1/delegations")


@router.get("")
def delegations(request: Request, visitor: SignedOn) -> DelegationsView:
    """Who may sign what today, and the delegations in sight."""
    return console_of(request).data.delegations(visitor.actor)
