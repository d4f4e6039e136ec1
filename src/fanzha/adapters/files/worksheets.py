"""Plain worksheets become columns in one pass over their XML; whatever is not plain is left to calamine alone.

Calamine stays the judge: a little copy of the book asks it which part a sheet is, which styles are numbers, what the
table of strings says, and what each cell shows that is not plainly its own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from python_calamine import SheetTypeEnum

from fanzha.adapters.files import worksheet_kernels as kernels
from fanzha.adapters.files.ahead import read_ahead
from fanzha.adapters.files.cell_texts import cell_texts
from fanzha.adapters.files.contents import ZIP_TROUBLE, open_zip
from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.adapters.files.sketches import calamine_errors, sketch
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cells import Cells, text_array
from fanzha.records.statements.sheet import ROWS_PER_BATCH

SHEET_ROWS = 1_048_576
_STYLES = 1024
_PARTS_BYTES = 8 * MIB
_STRINGS_BYTES = 256 * MIB
_ROW_BYTES = 16 * MIB
_GRID = 2**24
"""Bounds of what counts as plain: styles, parts beside sheets and strings, a row, the rectangle of one block."""

_STRINGS_ABREAST = 512
_STRING = re.compile(rb"<si[ />]")
_HEAD = re.compile(
    rb"""(?:<\?xml\ version=["']1\.0["']
    (?:\ encoding=["'](?:UTF|utf)-8["'])?(?:\ standalone=["'](?:yes|no)["'])?\ ?\?>)?
    \s*+<worksheet(?=[\s>])[^<>"']*+(?:"[^<"]*+"[^<>"']*+)*+>
    (?:\s++|</?[A-Za-z][^<>"']*+(?:"[^<"]*+"[^<>"']*+)*+>)*+""",
    re.VERBOSE,
)
_FORMS: Mapping[int, tuple[bytes, bytes]] = {
    kernels.NUMBER: (b"<c%b><v>", b"</v></c>"),
    kernels.TYPED_NUMBER: (b'<c%b t="n"><v>', b"</v></c>"),
    kernels.TRIMMED: (b'<c%b t="inlineStr"><is><t>', b"</t></is></c>"),
    kernels.KEPT: (b'<c%b t="inlineStr"><is><t xml:space="preserve">', b"</t></is></c>"),
    kernels.FORMULA: (b'<c%b t="str"><v>', b"</v></c>"),
    kernels.TRUTH: (b'<c%b t="b"><v>', b"</v></c>"),
    kernels.ERROR: (b'<c%b t="e"><v>', b"</v></c>"),
    kernels.MOMENT: (b'<c%b t="d"><v>', b"</v></c>"),
}
"""How a cell of each kind is written before and behind its text."""

_END = b'<row><c t="inlineStr"><is><t>.</t></is></c></row>'

Rows = tuple[Cells, NDArray[np.int64]]
"""Rows and their numbers in the spreadsheet."""


class NotPlain(Exception):
    """Something that only calamine can tell."""


class PlainBook:
    """A workbook whose parts lie where they should; its worksheets are read one by one."""

    def __init__(self, leaf: Leaf, limits: ReadLimits) -> None:
        self._leaf = leaf
        self._limits = limits
        with open_zip(leaf.file, leaf.path_in_package, limits) as archive:
            self._parts, sheets, table = _parts(archive, limits)
        if not sheets:
            raise NotPlain
        self._members: dict[str, str] = {}
        probes = b"".join(b'<row><c s="%d"><v>45000.5</v></c></row>' % style for style in range(_STYLES))
        probe = {each: b'<row><c t="inlineStr"><is><t>%b</t></is></c></row>' % each.encode() for each in sheets}
        book = sketch(self._parts, {each: name + probes for each, name in probe.items()})
        self.names = [each.name for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        if not self.names or len(self.names) > limits.sheets:
            raise NotPlain
        for name in self.names:
            (member, *shown) = (cell for (cell,) in book.get_sheet_by_name(name).iter_rows())
            if member not in sheets:
                raise NotPlain
            self._members[name] = member
        self._as_numbers = np.array([type(cell) is float for cell in shown])
        self._strings = self._table(table)

    def member(self, name: str) -> str:
        """The archive's member that a worksheet lies in."""
        return self._members[name]

    def read(self, name: str) -> list[Rows] | None:
        """All rows of a worksheet that have a value, batch by batch, or None when the sheet is not plain."""
        try:
            with calamine_errors(name), ZipFile(self._leaf.file) as archive:
                return self._read(archive, name)
        except (NotPlain, Invalid, pa.ArrowInvalid, *ZIP_TROUBLE):
            return None

    def _read(self, archive: ZipFile, name: str) -> list[Rows]:
        pieces = _pieces(archive, self._members[name])
        blocks = _blocks(pieces)
        head = next(blocks)
        sketch(self._parts, {self._members[name]: b""}, head).get_sheet_by_name(name)
        reading = _Reading(as_numbers=self._as_numbers, strings=self._strings, limits=self._limits)
        batches = [(self._shown(name, rows, marked), numbers) for rows, numbers, marked in reading.batches(blocks)]
        first, last = reading.first, reading.last + 1
        return [(_squared(rows, first, last), numbers) for rows, numbers in batches]

    def _table(self, table: Mapping[str, bytes]) -> pa.StringArray:
        """The book's table of strings, as calamine tells it."""
        count = sum(len(_STRING.findall(content)) for content in table.values())
        name = self.names[0]
        cells = [b'<c t="s"><v>%d</v></c>' % place for place in range(count)]
        rows = [
            b"<row>%b</row>" % b"".join(cells[at : at + _STRINGS_ABREAST]) for at in range(0, count, _STRINGS_ABREAST)
        ]
        sheet = sketch({**self._parts, **table}, {self._members[name]: b"".join(rows)}).get_sheet_by_name(name)
        told = chain.from_iterable(sheet.iter_rows()) if count else ()
        return text_array([str(cell) for cell in told][:count])

    def _shown(self, name: str, rows: Cells, marked: NDArray[np.int32]) -> Cells:
        """The rows with marked cells (row, column, kind, value) as calamine shows them."""
        columns = list(rows.columns)
        marked = marked[np.argsort(marked[:, 1], kind="stable")]
        bounds = np.searchsorted(marked[:, 1], np.arange(len(columns) + 1))
        for column, (start, stop) in enumerate(pairwise(bounds)):
            if start < stop:
                columns[column] = self._shown_column(name, columns[column], marked[start:stop])
        return Cells(columns)

    def _shown_column(self, name: str, column: pa.StringArray, marked: NDArray[np.int32]) -> pa.StringArray:
        places, _, kinds, values = marked.T
        shared = kinds == kernels.SHARED
        if shared.any():
            column = _replaced(column, places[shared], self._strings.take(pa.array(values[shared])))
        if not shared.all():
            others = ~shared
            raw = column.take(pa.array(places[others])).to_pylist()
            told = self._told(name, raw, kinds[others].tolist(), values[others].tolist())
            column = _replaced(column, places[others], told)
        return column

    def _told(self, name: str, raw: list[str], kinds: list[int], values: list[int]) -> pa.StringArray:
        """How calamine shows cells of such texts, kinds and styles."""
        rows = bytearray()
        for text, kind, value in zip(raw, kinds, values, strict=True):
            before, behind = _FORMS[kind]
            style = b' s="%d"' % (value - 1) if value else b""
            rows += b"<row>" + before % style + text.encode() + behind + b"</row>"
        sheet = sketch(self._parts, {self._members[name]: bytes(rows) + _END}).get_sheet_by_name(name)
        told = [cell for (cell,) in sheet.iter_rows()]
        if len(told) != len(raw) + 1:
            raise NotPlain
        return text_array(cell_texts(told[:-1]))


def plain_book(leaf: Leaf, limits: ReadLimits) -> PlainBook | None:
    """The book when its parts are plain, else None; it promises nothing about its sheets yet."""
    try:
        with calamine_errors(leaf.path_in_package):
            return PlainBook(leaf, limits)
    except (NotPlain, Invalid, *ZIP_TROUBLE):
        return None


def _parts(archive: ZipFile, limits: ReadLimits) -> tuple[dict[str, bytes], list[str], dict[str, bytes]]:
    """What a book's sketch is made of: small parts, names of worksheets, and the table of strings."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len({name.casefold() for name in names}) < len(names) or any("\\" in name for name in names):
        raise NotPlain
    sheets = [name for name in names if re.fullmatch(r"xl/worksheets/[A-Za-z0-9_]+\.xml", name)]
    needed = [
        info
        for info in infos
        if info.filename not in sheets
        and info.filename.endswith((".xml", ".rels"))
        and not info.filename.startswith(("docProps/", "xl/theme/", "xl/drawings/", "xl/worksheets/", "xl/charts/"))
    ]
    tables = [info for info in needed if info.filename.casefold().endswith("sharedstrings.xml")]
    rest = [info for info in needed if info not in tables]
    if sum(info.file_size for info in rest) > _PARTS_BYTES or sum(info.file_size for info in tables) > _STRINGS_BYTES:
        raise NotPlain
    read = archive.read
    return {info.filename: read(info) for info in rest}, sheets, {info.filename: read(info) for info in tables}


def _pieces(archive: ZipFile, member: str) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while piece := stream.read(MIB):
            yield piece


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What stands before the rows, then whole rows, block by block; reads to the end, where the checksum is."""
    coming = read_ahead(pieces)
    text = next(coming, b"")
    at = text.find(b"sheetData") - 1
    if at < 0 or not _HEAD.fullmatch(text, 0, at):
        raise NotPlain
    yield text[:at]
    rest, is_open = text[at + len("<sheetData>") :], True
    if text.startswith(b"<sheetData/>", at):
        rest, is_open = b"", False
    elif not text.startswith(b"<sheetData>", at):
        raise NotPlain
    for piece in chain((b"",), coming):
        if not is_open:
            continue
        rest += piece
        stop = rest.find(b"</sheetData>")
        is_open = stop < 0
        stop = stop if stop >= 0 else rest.rfind(b"</row>") + len("</row>")
        if stop >= len("</row>"):
            yield rest[:stop]
            rest = rest[stop:]
        elif len(rest) > _ROW_BYTES:
            raise NotPlain
    if is_open:
        raise NotPlain


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One pass over a worksheet: rows found so far and not yet given, and how far its cells reach."""

    as_numbers: NDArray[np.bool_]
    strings: pa.StringArray
    limits: ReadLimits
    first: int = SHEET_ROWS
    last: int = -1
    carried: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    parts: list[tuple[Cells, NDArray[np.int64], NDArray[np.int32]]] = field(default_factory=list)

    def batches(self, blocks: Iterator[bytes]) -> Iterator[tuple[Cells, NDArray[np.int64], NDArray[np.int32]]]:
        """Rows, their numbers and the cells that are not their own text, as many rows as one batch numbers."""
        batch = 0
        for block in blocks:
            rows, numbers, marked = self._block(block)
            while len(numbers):
                number = (int(numbers[0]) - 1) // ROWS_PER_BATCH
                if number > batch and self.parts:
                    yield self._joined()
                batch = number
                count = int(np.searchsorted(numbers, (batch + 1) * ROWS_PER_BATCH, "right"))
                cut = int(np.searchsorted(marked[:, 0], count))
                self.parts.append((rows[:count], numbers[:count], marked[:cut]))
                rows, numbers, marked = rows[count:], numbers[count:], marked[cut:] - np.array((count, 0, 0, 0))
        if self.parts:
            yield self._joined()

    def _block(self, block: bytes) -> tuple[Cells, NDArray[np.int64], NDArray[np.int32]]:
        text = np.frombuffer(block + bytes(kernels.PADDING), np.uint8)
        most = block.count(b"<c") + 1
        cells, numbers = np.empty((most, 6), np.int32), np.zeros(most, np.int64)
        count = kernels.find_cells(text, self.as_numbers, len(self.strings), self.carried, cells, numbers)
        last_row, width = self.carried.tolist()
        limits = self.limits
        if count < 0 or last_row > SHEET_ROWS or width > limits.columns or width * last_row > limits.sheet_cells:
            raise NotPlain
        if not count:
            return Cells([text_array([])]), numbers[:0], np.empty((0, 4), np.int32)
        cells = cells[:count]
        rows, columns = int(cells[-1, kernels.ROW]) + 1, cells[:, kernels.COLUMN]
        self.first, self.last = min(self.first, int(columns.min())), max(self.last, int(columns.max()))
        marked = cells[cells[:, kernels.KIND] != kernels.TEXT]
        fields = [kernels.ROW, kernels.COLUMN, kernels.KIND, kernels.VALUE]
        return _laid_out(text, cells, rows, int(columns.max()) + 1), numbers[:rows], marked[:, fields]

    def _joined(self) -> tuple[Cells, NDArray[np.int64], NDArray[np.int32]]:
        parts, self.parts = self.parts, []
        width = max(rows.width for rows, _, _ in parts)
        squared = [_squared(rows, 0, width).columns for rows, _, _ in parts]
        columns = [pa.concat_arrays(column) for column in zip(*squared, strict=True)]
        starts = np.cumsum([0, *(len(numbers) for _, numbers, _ in parts[:-1])])
        marked = [each + np.array((start, 0, 0, 0)) for start, (_, _, each) in zip(starts, parts, strict=True)]
        return Cells(columns), np.concatenate([numbers for _, numbers, _ in parts]), np.concatenate(marked)


def _laid_out(text: NDArray[np.uint8], cells: NDArray[np.int32], rows: int, width: int) -> Cells:
    """The cells of so many rows as columns."""
    if rows * width > _GRID:
        raise NotPlain
    offsets, laid = np.zeros((width, rows + 1), np.int32), np.empty(len(text), np.uint8)
    kernels.lay_out(text, cells, offsets, laid)
    data = pa.py_buffer(laid[: offsets[-1, -1]].copy())
    columns = [pa.StringArray.from_buffers(rows, pa.py_buffer(each), data) for each in offsets]
    for column in columns:
        column.validate(full=True)
    return Cells(columns)


def _squared(rows: Cells, first: int, last: int) -> Cells:
    """The rows from the first to before the last column, as wide as all others of their sheet."""
    missing = max(0, last - rows.width)
    empty = text_array([""] * len(rows)) if missing else None
    return Cells([*rows.columns[first:last], *([empty] * missing)])


def _replaced(column: pa.StringArray, places: NDArray[np.int32], texts: pa.StringArray) -> pa.StringArray:
    """The column with other texts at some places."""
    mask = np.zeros(len(column), np.bool_)
    mask[places] = True
    return pc.replace_with_mask(column, pa.array(mask), texts)
