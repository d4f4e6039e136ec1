"""Figures as JSON: the same read and permission as the page."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.figures import FIGURES, asked_of
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.tables import read_query

router = APIRouter(prefix="/api/v1/figures")


@router.get("/hour")
def hour(request: Request, visitor: SignedOn) -> Mapping[str, object]:
    """How soon, how much held by report delay, how institutions answer, what ended; of what is in sight."""
    query = read_query(FIGURES, request.query_params)
    return console_of(request).data.figures_json(visitor.actor, asked_of(query))
