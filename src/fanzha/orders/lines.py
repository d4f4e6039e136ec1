"""What the house needs of a way to an institution, whatever it is made of: HTTP, a folder, a bank in this process."""

from __future__ import annotations

from typing import Protocol

from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.request import Request


class Line(Protocol):
    """A way to one institution. `Unavailable`: nobody knows whether it arrived; any other error: not taken."""

    def send(self, request: Request) -> Receipt | Answer:
        """Hand the request over; the same application id again has no second effect there."""
        ...

    def ask(self, application_id: str) -> Status:
        """What became of an application."""
        ...
