"""What every connector does, and the two ways in which it can fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fanzha.kernel.errors import Invalid, Unavailable
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.fields import UUID_TEXT
from fanzha.protocol.messages import Collected, Refusal
from fanzha.protocol.request import Request

M = TypeVar("M", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[M]):
    """What the other side said, with the bytes as they came and the headers that sign them: evidence."""

    message: M
    body: bytes
    seal: Mapping[str, str]
    key_id: str


def require_application_id(text: str) -> None:
    """`Invalid` unless the text can be an application id: it becomes part of an address or a file's name."""
    if re.fullmatch(UUID_TEXT, text) is None:
        raise Invalid("protocol.wrong_form", path="application_id")


class RequestFailed(Unavailable):
    """This request failed: it may have arrived, so it is asked after before it is sent again.

    The code is `connectors.request_failed`; the field `reason` says how, in one word.
    """

    def __init__(self, institution: str, reason: str) -> None:
        super().__init__("connectors.request_failed", institution=institution, reason=reason)


class InstitutionUnusable(Unavailable):
    """The institution cannot be reached at all; nothing was sent, and other requests would fare no better.

    The code is `connectors.institution_unusable`; the field `reason` says how, in one word.
    """

    def __init__(self, institution: str, reason: str) -> None:
        super().__init__("connectors.institution_unusable", institution=institution, reason=reason)


class Connector(Protocol):
    """One institution as the house reaches it: it answers, or raises `RequestFailed` or `InstitutionUnusable`."""

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        """Hand over a request, once; a refusal means that nothing of it has effect."""
        ...

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        """How far the institution is with an application, and everything it has answered so far."""
        ...

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        """What waits for the centre; `taken` are messages of the last time that are now kept for good."""
        ...
