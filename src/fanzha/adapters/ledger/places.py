"""Where sealed files lie below an instance's home: names are ids, so that no name tells anything of anybody."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from fanzha.kernel.ids import CaseId, ImportId


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPlaces:
    """The ledger's folder and what lies where in it."""

    root: Path

    def originals(self, import_id: ImportId) -> Path:
        """The folder of an import's originals."""
        return self.root / "imports" / str(import_id) / "originals"

    def rows(self, import_id: ImportId) -> Path:
        """The file of an import's rows."""
        return self.root / "imports" / str(import_id) / "rows"

    def records(self, import_id: ImportId) -> Path:
        """The file of what an import tells of accounts and people."""
        return self.root / "imports" / str(import_id) / "records"

    def reconciliation(self, case_id: CaseId, reconciliation_id: UUID) -> Path:
        """The file of one reconciliation of a case."""
        return self.root / "cases" / str(case_id) / str(reconciliation_id)

    def kept(self, case_id: CaseId, file_id: UUID) -> Path:
        """The folder of one file that is kept with a case."""
        return self.root / "kept" / str(case_id) / str(file_id)

    def remove_kept(self, case_id: CaseId) -> None:
        """Take an erased case's files away; without their keys they were noise already."""
        shutil.rmtree(self.root / "kept" / str(case_id), ignore_errors=True)

    def remove_import(self, import_id: ImportId) -> None:
        """Take an erased import's files away; without its key they were noise already."""
        shutil.rmtree(self.root / "imports" / str(import_id), ignore_errors=True)

    def remove_reconciliations(self, case_id: CaseId, *, but: Collection[UUID]) -> None:
        """Take away what lies in a case's folder and is none of these: replaced ones, and any that broke off."""
        kept = {str(each) for each in but}
        folder = self.root / "cases" / str(case_id)
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name not in kept:
                path.unlink(missing_ok=True)
