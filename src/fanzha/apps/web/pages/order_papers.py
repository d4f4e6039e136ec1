"""The papers of an order as PDF, for a purpose that goes on record."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.orders import TakenPaper
from fanzha.cases.purposes import purpose_code

router = APIRouter(prefix="/orders/{number}/papers")


@router.post("/{paper}")
def take_paper(request: Request, visitor: SignedOn, form: Form, number: str, paper: str) -> Response:
    """One paper as a file, by its own id or its instruction's."""
    purpose = purpose_code(form.get("purpose", ""))
    return pdf_answer(console_of(request).data.take_paper(visitor.actor, number, paper, purpose))


def pdf_answer(taken: TakenPaper) -> Response:
    """A paper as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{taken.file_name}"'}
    return Response(taken.pdf, media_type="application/pdf", headers=headers)
