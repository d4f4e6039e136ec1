"""What a page asks when somebody takes a trace as a file."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.i18n import Language
from fanzha.wiring.trace_files import FlowFile


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """A file of at most so many hops, in full for a purpose, masked without one."""

    kind: FlowFile
    purpose: str
    language: Language
    most_hops: int
