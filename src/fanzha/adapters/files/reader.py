"""Files as banks send them become sheets of text: packages opened, encodings and kinds told by content."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from fanzha.adapters.files.contents import Kind
from fanzha.adapters.files.delimited import read_text
from fanzha.adapters.files.faults import Fault, Report, raise_lost
from fanzha.adapters.files.isolated import read_isolated
from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.markup import read_markup
from fanzha.adapters.files.packages import Leaf, Package
from fanzha.adapters.files.workbooks import read_workbook
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.records.statements.sheet import Sheet

__all__ = ["Fault", "FileReader", "Leaf", "ReadLimits"]

_Read = Callable[[Leaf, ReadLimits, Report], Iterator[Sheet]]
_READERS: dict[Kind, _Read] = {
    Kind.TEXT: read_text,
    Kind.XLSX: read_workbook,
    Kind.XLS: read_isolated,
    Kind.MARKUP: read_markup,
}


class FileReader:
    """Reads one given file after another; what it unpacks lies in a folder of its own below `scratch` while it lives.

    What cannot be used inside a package goes to `on_fault` and the rest is read on; when the given file itself cannot
    be used it is an `Invalid` that names the place. Without `on_fault` anything lost is an error.
    """

    def __init__(
        self, limits: ReadLimits = ReadLimits(), scratch: Path | None = None, on_fault: Report = raise_lost
    ) -> None:
        self._limits = limits
        self._on_fault = on_fault
        self._scratch = Path(tempfile.mkdtemp(prefix="fanzha-", dir=scratch))
        self.close = weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def leaves(self, path: Path) -> Iterator[Leaf]:
        """Every real file of the package at `path`, or the file itself; lasts until this reader is closed."""
        if not path.is_file():
            raise NotFound("files.not_a_file", place=path.name)
        scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        yield from Package(self._limits, scratch, self._on_fault).leaves(path)

    def sheets(self, leaf: Leaf) -> Iterator[Sheet]:
        """Every table of a leaf, in order; each is to be read before the next is asked for."""

        def report(fault: Fault) -> None:
            if leaf.alone and fault.lost:
                raise fault.error()
            self._on_fault(fault)

        try:
            yield from _READERS[leaf.kind](leaf, self._limits, report)
        except Invalid as error:
            report(Fault.of(error))
