"""Standing authorities as JSON: the same reads and permissions as the pages; narrowing takes hold at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from fanzha.apps.web.api.v1_orders import WHOLE, Sum, Text, with_token
from fanzha.apps.web.console import console_of
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.incidents import AuthorityLine, Narrowing
from fanzha.orders.authority import MOST_ACCOUNTS, MOST_LAYERS, AccountSort

router = APIRouter(prefix="/api/v1/authorities")

Share = Annotated[int, Field(ge=0, le=100), WHOLE]
Sort = Annotated[str, Field(max_length=40, json_schema_extra={"enum": [each.value for each in AccountSort]})]


class NarrowingBody(BaseModel):
    """Narrower limits of an authority, and why; what is left out stays as it is, `excluded` is all that is excluded."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Text
    layers: Annotated[int, Field(ge=1, le=MOST_LAYERS), WHOLE] | None = None
    accounts: Annotated[int, Field(ge=1, le=MOST_ACCOUNTS), WHOLE] | None = None
    total_fen: Sum | None = None
    least_fen: Sum | None = None
    least_share: Share | None = None
    excluded: Annotated[list[Sort], Field(max_length=len(AccountSort))] | None = None


@router.get("")
def authorities(request: Request, visitor: SignedOn) -> Sequence[AuthorityLine]:
    """Standing authorities in sight, newest first."""
    return console_of(request).data.authorities(visitor.actor)


@router.post("/{number}/narrowing", dependencies=[Depends(with_token)])
def narrow_authority(request: Request, visitor: SignedOn, number: str, told: NarrowingBody) -> AuthorityLine:
    """Narrow an authority."""
    return console_of(request).data.narrow_authority(visitor.actor, number, Narrowing(**told.model_dump()))
