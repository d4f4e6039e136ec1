"""A trace taken as a file: masked, or in full for a purpose that goes on record."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.rendering import language_of
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.trace import read_question
from fanzha.apps.web.views.trace_files import WantedFile
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.errors import Invalid
from fanzha.wiring.trace_files import FlowFile

router = APIRouter(prefix="/cases/{ref}/trace")


@router.post("/files")
def trace_file(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """The trace that the URL asks for, as the file that the form chooses."""
    console = console_of(request)
    kind = _kind(form.get("kind", ""))
    purpose = form.get("purpose", "")
    wanted = WantedFile(
        kind=kind,
        purpose=purpose_code(purpose) if purpose else "",
        language=language_of(request),
        most_hops=console.settings.export_rows,
    )
    made = console.data.trace_file(visitor.actor, ref, read_question(request.query_params), wanted)
    headers = {"Content-Disposition": f'attachment; filename="{ref}-flow{kind.ending}"'}
    return Response(made, media_type=kind.media_type, headers=headers)


def _kind(told: str) -> FlowFile:
    try:
        return FlowFile(told)
    except ValueError:
        raise Invalid("web.bad_filter", name="kind") from None
