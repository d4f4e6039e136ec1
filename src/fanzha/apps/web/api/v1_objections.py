"""Objections as JSON: the same reads, permissions and masks as the pages."""

from __future__ import annotations

from fastapi import APIRouter, Request

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.objections import OBJECTIONS
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.objections import ObjectionLine, ObjectionView
from fanzha.apps.web.views.tables import Page, read_query

router = APIRouter(prefix="/api/v1/objections")


@router.get("")
def objections(request: Request, visitor: SignedOn) -> Page[ObjectionLine]:
    """Objections in sight, what lapses next first."""
    return console_of(request).data.objections(visitor.actor, read_query(OBJECTIONS, request.query_params))


@router.get("/{number}")
def objection(request: Request, visitor: SignedOn, number: str) -> ObjectionView:
    """One objection."""
    return console_of(request).data.objection(visitor.actor, number)
