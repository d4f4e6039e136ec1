"""What the pages about files and their quality show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fanzha.apps.web.views.shown import Masked, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAccount:
    """The row account: data = accepted + duplicates + rejected; preamble, headings, blanks and totals stand beside."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    preamble: int = 0
    header: int = 0
    blank: int = 0
    total: int = 0

    @property
    def data(self) -> int:
        """Rows that claim to be transactions."""
        return self.accepted + self.duplicates + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """How far an import is: `stage` a code, `done` of `whole` in the stage's unit (0 when not known).

    `sheet` is what is being read now.
    """

    id: str
    case: str
    title: str
    state: str
    stage: str = ""
    done: int = 0
    whole: int = 0
    rows: int = 0
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One import of a case: what came in together, and whether it counts; `retry` where it can be tried again."""

    id: str
    at: datetime
    by: str
    state: str
    files: tuple[str, ...]
    bytes: int
    rows: RowAccount
    excluded: bool = False
    exclusion_reason: str = ""
    exclusion_by: str = ""
    retry: bool = False
    error: str = ""
    error_fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One sheet: how it was understood, how sure that is, and what became of its rows.

    `state` is read · unrecognised · known (came before) · failed; `certainty` is 0–100.
    """

    key: str
    import_id: str
    path: str
    state: str
    format_id: str
    certainty: int
    encoding: str
    rows: RowAccount
    notes: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLine:
    """A file or sheet that could not be read at all: its place and the code and fields of the reason."""

    path: str
    code: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView:
    """The quality of what arrived: the row account in all, a line a sheet, reasons counted, files not read."""

    rows: RowAccount
    sources: tuple[SourceLine, ...]
    reasons: Mapping[str, int]
    faults: tuple[FaultLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A row that is not a movement anybody can stand by: where, which column, why."""

    path: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLine:
    """A row that tells again what another row told; `fate` says whether the same entry or the other party's telling."""

    path: str
    row: int
    fate: str
    repeats: Place
    movement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingColumn:
    """One column of an unrecognised sheet: heading, masked samples, the field it is guessed to be, how sure (0–100)."""

    index: int
    header: str
    samples: tuple[Masked, ...]
    guess: str
    certainty: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDraft:
    """What the house would make of an unrecognised sheet, for a person to correct and confirm."""

    import_id: str
    source: str
    path: str
    columns: tuple[MappingColumn, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that a browser sent, lying on our disk; `name` is what its owner called it."""

    path: Path
    name: str
    bytes: int
