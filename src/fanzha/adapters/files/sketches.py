"""Small copies of a workbook, with a worksheet of our own, that calamine answers questions on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from fanzha.kernel.errors import Invalid

SHEET_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def sketch(parts: Mapping[str, bytes], sheets: Mapping[str, bytes], head: bytes = SHEET_HEAD) -> CalamineWorkbook:
    """A book of the given parts, and of worksheets with the given rows."""
    copy = BytesIO()
    with ZipFile(copy, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, rows in sheets.items():
            archive.writestr(name, head + b"<sheetData>" + rows + b"</sheetData></worksheet>")
    copy.seek(0)
    return CalamineWorkbook.from_filelike(copy)


@contextmanager
def calamine_errors(place: str) -> Iterator[None]:
    """Tell calamine's errors, and its panics on broken books, as `Invalid` at a place."""
    try:
        yield
    except PasswordError as error:
        raise Invalid("files.encrypted", place=place) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Invalid("files.corrupted", place=place) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic is not an Exception, nor importable
            raise
        raise Invalid("files.corrupted", place=place) from error
