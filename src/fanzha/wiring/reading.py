"""Reading files for an import: how far it is, and when a file's time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from fanzha.adapters.files.contents import Kind
from fanzha.adapters.files.reader import Leaf
from fanzha.adapters.store.imports import TOO_SLOW
from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import ImportId
from fanzha.records.statements.sheet import RowBatch, Sheet
from fanzha.settings import Settings

_SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far an import is: `stage` opening · reading · reconciling, in the given file of this number (from 1).

    `path` is the sheet that is being read, for the person who gave it and nobody else; `import_id` is empty before
    the import has begun; `rows` were read of all sheets, and `done_bytes` of the `whole_bytes` of all files (0 while
    unknown; within a workbook they stand still).
    """

    stage: str
    file: int
    path: str
    import_id: str = ""
    rows: int = 0
    done_bytes: int = 0
    whole_bytes: int = 0


Progress = Callable[[Reached], None]


def unseen(reached: Reached) -> None:
    """The progress that nobody watches."""


class Reading:
    """Follows the reading of an import's leaves one after the other; `Invalid` when the time of one is up."""

    def __init__(self, settings: Settings, wall: Clock, progress: Progress) -> None:
        self._settings, self._wall, self._progress = settings, wall, progress
        self._began = self._file_began = wall.now()
        self._reached = Reached(stage="opening", file=1, path="")
        self._leaf_bytes = self._leaves_before = 0

    def open(self, file: int, place: str) -> None:
        """A given file is looked into."""
        self._file_began = self._wall.now()
        self._tell(replace(self._reached, file=file, path=place))

    def start(self, import_id: ImportId, whole_bytes: int) -> None:
        """All leaves that are to be read are known, and the import has begun."""
        self._reached = replace(self._reached, stage="reading", import_id=str(import_id), whole_bytes=whole_bytes)

    def begin(self, leaf: Leaf, file: int) -> None:
        """A leaf begins, and the one before is done."""
        self._file_began = self._wall.now()
        self._leaves_before += self._leaf_bytes
        self._leaf_bytes = leaf.size
        self._tell(replace(self._reached, file=file, path=leaf.path_in_package, done_bytes=self._leaves_before))
        self.check(leaf.path_in_package)

    def check(self, place: str) -> None:
        """`Invalid` with the place when the file's time is up, or that of the whole import."""
        now = self._wall.now()
        for began, seconds in (
            (self._file_began, self._settings.file_seconds),
            (self._began, self._settings.import_seconds),
        ):
            if now - began > timedelta(seconds=seconds):
                raise Invalid(TOO_SLOW, place=place, seconds=seconds)

    def followed(self, sheet: Sheet, leaf: Leaf) -> Sheet:
        """The sheet, each of whose batches is told and timed."""
        return replace(sheet, batches=self._batches(sheet, leaf))

    def reconcile(self) -> None:
        """All is read."""
        self._tell(replace(self._reached, stage="reconciling", path="", done_bytes=self._reached.whole_bytes))

    def _batches(self, sheet: Sheet, leaf: Leaf) -> Iterator[RowBatch]:
        row_bytes, rows = 0.0, 0
        for batch in sheet.batches:
            if not rows and leaf.kind is Kind.TEXT:
                row_bytes = _row_bytes(batch, sheet.encoding)
            rows += len(batch.rows)
            here = min(leaf.size, int(rows * row_bytes))
            total = self._reached.rows + len(batch.rows)
            self._tell(replace(self._reached, path=sheet.path, rows=total, done_bytes=self._leaves_before + here))
            self.check(sheet.path)
            yield batch

    def _tell(self, reached: Reached) -> None:
        self._reached = reached
        self._progress(reached)


def _row_bytes(batch: RowBatch, encoding: str) -> float:
    """What a row of a text file takes on average, by its first rows."""
    sample = [",".join(row) + "\n" for row in batch.rows[:_SAMPLE_ROWS]]
    try:
        return len("".join(sample).encode(encoding, "replace")) / max(1, len(sample))
    except LookupError:
        return len("".join(sample).encode("utf-8", "replace")) / max(1, len(sample))
