"""Reading a file in one call, for tests: its rows by sheet, its faults, its sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from fanzha.adapters.files.reader import Fault, FileReader, ReadLimits


@dataclass(slots=True)
class Read:
    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    row_faults: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def codes(self) -> Mapping[str, str]:
        return {fault.place: fault.code for fault in self.faults}

    def only(self) -> list[list[str]]:
        (rows,) = self.rows.values()
        return rows

    def only_numbers(self) -> list[int]:
        (numbers,) = self.numbers.values()
        return numbers

    def only_row_faults(self) -> list[tuple[int, str]]:
        (faults,) = self.row_faults.values()
        return faults


def read(path: Path, limits: ReadLimits = ReadLimits()) -> Read:
    found = Read()
    with FileReader(limits, path.parent, found.faults.append) as reader:
        for leaf in reader.leaves(path):
            for sheet in reader.sheets(leaf):
                assert sheet.path not in found.rows
                rows, numbers, faults = (found.rows, found.numbers, found.row_faults)
                rows[sheet.path], numbers[sheet.path], faults[sheet.path] = [], [], []
                found.encodings[sheet.path] = sheet.encoding
                for batch in sheet.batches:
                    assert len(batch.rows) == len(batch.numbers)
                    rows[sheet.path] += [list(row) for row in batch.rows]
                    numbers[sheet.path] += batch.numbers
                    faults[sheet.path] += batch.faults
    return found


def read_bytes(folder: Path, content: bytes, name: str = "detail.csv", limits: ReadLimits = ReadLimits()) -> Read:
    path = folder / name
    path.write_bytes(content)
    return read(path, limits)


def first_sheet(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet
