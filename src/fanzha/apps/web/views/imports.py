"""What the pages about files and their quality show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fanzha.apps.web.views.shown import Choice, Masked, Place


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
    """How far an import is: `stage` a code, `done` of `whole` bytes (0 when not known), `rows` read so far.

    `sheet` is the file being read now, number `file` of `files`; `since` is when the files came.
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
    file: int = 0
    files: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLine:
    """A file or sheet that could not be read at all: its place and the code and fields of the reason."""

    path: Masked
    code: str
    fields: Mapping[str, object] = field(default_factory=dict)


class CountedRows:
    """Whatever has a row account: its numbers by the names of a table's columns."""

    __slots__ = ()
    rows: RowAccount

    @property
    def data(self) -> int:
        """Its data rows."""
        return self.rows.data

    @property
    def accepted(self) -> int:
        """Its rows that count."""
        return self.rows.accepted

    @property
    def duplicates(self) -> int:
        """Its rows that repeat others."""
        return self.rows.duplicates

    @property
    def rejected(self) -> int:
        """Its rows that are no movements."""
        return self.rows.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine(CountedRows):
    """One import of a case: what came in together, and whether it counts; `retry` where it can be tried again.

    `lost` are its files and sheets that could not be read, `unread` counts its sheets that nobody recognised. What an
    institution told has the order it was told about, and the institution in place of a person.
    """

    id: str
    at: datetime
    by: str
    state: str
    files: tuple[Masked, ...]
    bytes: int
    rows: RowAccount
    excluded: bool = False
    exclusion_reason: str = ""
    exclusion_by: str = ""
    retry: bool = False
    error: str = ""
    error_fields: Mapping[str, object] = field(default_factory=dict)
    lost: tuple[FaultLine, ...] = ()
    unread: int = 0
    order: str = ""
    institution: Choice | None = None

    @property
    def standing(self) -> str:
        """The state a person sees: an excluded import says so first."""
        return "excluded" if self.excluded else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine(CountedRows):
    """One sheet: how it was understood, how sure that is, and what became of its rows.

    `state` is read · unrecognised · known (came before) · failed; `certainty` is 0–100.
    """

    key: str
    import_id: str
    path: Masked
    state: str
    format_id: str
    certainty: int
    encoding: str
    rows: RowAccount
    notes: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0
    excluded: bool = False
    fault: str = ""
    fault_fields: Mapping[str, object] = field(default_factory=dict)


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

    path: Masked
    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLine:
    """A row that tells again what another row told; `fate` says whether the same entry or the other party's telling."""

    path: Masked
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
    """What the house would make of an unrecognised sheet, for a person to correct and confirm.

    `notes` are codes of what rows read by it would lack; with `asks_own` the sheet names no account of its own.
    """

    import_id: str
    source: str
    path: Masked
    columns: tuple[MappingColumn, ...]
    fields: tuple[str, ...]
    notes: tuple[str, ...] = ()
    asks_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedMapping:
    """What a person says the columns are, by their place; and whose account it is where no column tells."""

    fields: Mapping[int, str]
    own_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that a browser sent, lying on our disk; `name` is what its owner called it."""

    path: Path
    name: str
    bytes: int
