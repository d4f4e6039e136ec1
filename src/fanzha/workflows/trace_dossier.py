"""A trace with what a paper about it must name: the case, and the files in which everything stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from fanzha.cases.case import Case
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.workflows.import_statements import SheetOutcome
from fanzha.workflows.trace_case import TracedCase


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file that counts in the case: its path inside its package, its bytes' SHA-256, and the rows taken from it.

    `package_sha256` is that of the package in which it came, its own where it came alone.
    """

    path: str
    sha256: str
    package_sha256: str
    imported_at: datetime
    accepted_rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Dossier:
    """A traced case and its evidence; `is_exercise`: nothing in it is real, and every paper says so.

    `banks`: by what a file or a message calls a registered one, its code or a name, its names in both languages.
    """

    case: Case
    is_exercise: bool
    traced: TracedCase
    files: tuple[EvidenceFile, ...]
    banks: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def last_import_at(self) -> datetime | None:
        """When files last came in; None for a case without any."""
        return max((file.imported_at for file in self.files), default=None)


def evidence_files(
    sheets: Iterable[SheetOutcome], packages: Sequence[tuple[str, str]], imported_at: datetime
) -> tuple[EvidenceFile, ...]:
    """The files of one import, in the order read; `packages`: name and SHA-256 of what a person gave."""
    accepted: Counter[tuple[str, str]] = Counter()
    for sheet in sheets:
        accepted[file_and_sheet(sheet.path)[0], sheet.leaf_sha256] += sheet.counts.accepted
    return tuple(
        EvidenceFile(
            path=path,
            sha256=sha256,
            package_sha256=_package(path, packages) or sha256,
            imported_at=imported_at,
            accepted_rows=rows,
        )
        for (path, sha256), rows in accepted.items()
    )


def _package(path: str, packages: Sequence[tuple[str, str]]) -> str:
    return next((sha256 for name, sha256 in packages if path == name or path.startswith(f"{name}/")), "")
