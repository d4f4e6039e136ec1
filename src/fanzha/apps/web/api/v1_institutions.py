"""Institutions as JSON: the same reads, permissions and masks as the pages."""

from __future__ import annotations

from fastapi import APIRouter, Request

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.institutions import EXCHANGES, INSTITUTIONS, MESSAGES, NOBODY, REFUSALS
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.institutions import (
    ExchangeLine,
    InstitutionLine,
    InstitutionView,
    MessageLine,
    RefusalLine,
)
from fanzha.apps.web.views.tables import Page, read_query

router = APIRouter(prefix="/api/v1/institutions")


@router.get("")
def institutions(request: Request, visitor: SignedOn) -> Page[InstitutionLine]:
    """Every institution."""
    return console_of(request).data.institutions(visitor.actor, read_query(INSTITUTIONS, request.query_params))


@router.get("/{name}")
def institution(request: Request, visitor: SignedOn, name: str) -> InstitutionView:
    """One institution."""
    return console_of(request).data.institution(visitor.actor, name)


@router.get("/{name}/exchanges")
def exchanges(request: Request, visitor: SignedOn, name: str) -> Page[ExchangeLine]:
    """What went out to it."""
    return console_of(request).data.exchanges(visitor.actor, name, read_query(EXCHANGES, request.query_params))


@router.get("/{name}/messages")
def messages(request: Request, visitor: SignedOn, name: str) -> Page[MessageLine]:
    """What it said."""
    return console_of(request).data.messages(visitor.actor, name, read_query(MESSAGES, request.query_params))


@router.get("/{name}/refusals")
def refusals(request: Request, visitor: SignedOn, name: str) -> Page[RefusalLine]:
    """What was turned away of it, or of nobody."""
    known = "" if name == NOBODY else name
    return console_of(request).data.refusals(visitor.actor, known, read_query(REFUSALS, request.query_params))
