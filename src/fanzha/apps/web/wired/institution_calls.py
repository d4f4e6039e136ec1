"""What institutions say, heard by the open house."""

from __future__ import annotations

from collections.abc import Callable

from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.protocol.signing import Envelope
from fanzha.wiring.institution_calls import Answered, hear


class WiredInstitutionCalls(HouseParts):
    """Calls of institutions, each verified by its signature."""

    def hear(self, call: Envelope, admit: Callable[[str], None]) -> Answered:
        """The signed answer to a call; `admit` bounds how often one institution is heard."""
        return hear(self.house, call, admit)
