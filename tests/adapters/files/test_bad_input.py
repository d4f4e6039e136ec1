"""A bad file given alone is an error that names it; nothing takes long, grows or crashes."""

from __future__ import annotations

import random
import re
import resource
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanzha.adapters import files
from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.store.imports import TOO_SLOW
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.i18n.sentences import error_text
from fanzha.kernel.errors import FanzhaError, Invalid
from tests.adapters.files.reading import first_sheet, read, read_bytes
from tests.adapters.files.test_packages import TABLE, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "files.empty"),
        (b"\x00" * 5000, "files.empty"),
        (b"\xef\xbb\xbf", "files.empty"),
        (b"%PDF-1.4", "files.unsupported"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "files.encrypted"),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "files.unsupported"),
        (OLE + bytes(600) + "Workbook".encode("utf-16-le"), "files.corrupted"),
        (b"PK\x03\x04nothing", "files.corrupted"),
        (b"PK\x05\x06" + bytes(18), "files.empty"),
        (b"\x1f\x8b\x08broken", "files.corrupted"),
        (b"\x28\xb5\x2f\xfdbroken", "files.corrupted"),
        (random.Random(1).randbytes(9000), "files.not_text"),
        (b"<html><body>no table</body></html>", "files.no_table"),
        (b"<?xml version='1.0'?><a/>", "files.unsupported"),
        (b"h," * 1_000_000 + b"\n" + b"1," * 1_000_000, "files.too_many_columns"),
        (zipped({}), "files.empty"),
    ],
)
def test_a_bad_file_given_alone_is_an_error_that_names_it(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_bytes(tmp_path, content, "送来.xls")
    assert refused.value.code == code
    for language in LANGUAGES:
        assert "送来.xls" in error_text(language, refused.value)


def test_every_code_of_a_fault_has_its_sentences() -> None:
    sources = "".join(file.read_text() for file in Path(files.__file__).parent.glob("*.py"))
    codes = set(re.findall(r'"(files\.[a-z_0-9]+)"', sources))
    noted = set(re.findall(r'note\("([a-z_]+)"', sources))
    told = {key.removeprefix("errors.") for key in catalogue("zh") if key.startswith("errors.files.")}
    assert codes | {f"files.{each}" for each in noted} | {TOO_SLOW} == told


def test_an_encrypted_xls_asks_for_an_open_copy(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, "x")
    book.save(str(tmp_path / "a.xls"))
    content = (tmp_path / "a.xls").read_bytes()
    begin = content.index(b"\x09\x08\x10\x00")  # BOF, after which FILEPASS makes the book a locked one
    end = begin + 4 + 16
    locked = content[:end] + b"\x2f\x00\x06\x00\x01\x00" + bytes(4) + content[end + 10 :]
    with pytest.raises(Invalid) as refused:
        read_bytes(tmp_path, locked, "b.xls")
    assert refused.value.code == "files.encrypted"


def test_a_sparse_file_of_two_gigabytes_is_cheap(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    for size, code in ((2**31 + 1, "files.too_big"), (2**31, "files.empty")):
        with (tmp_path / "sparse.csv").open("wb") as stream:
            stream.truncate(size)
        with pytest.raises(Invalid) as refused:
            read(tmp_path / "sparse.csv")
        assert refused.value.code == code
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_maxrss - before.ru_maxrss < 50_000


def test_a_table_with_a_sea_of_nul_behind_it_is_read_in_bounded_memory(tmp_path: Path) -> None:
    with (tmp_path / "sparse.csv").open("wb") as stream:
        stream.write(TABLE)
        stream.truncate(200 * 2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read(tmp_path / "sparse.csv")
    assert len(found.only()) == 2
    assert found.only_row_faults() == [(3, "too_long")]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_rows_beyond_the_limit_are_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read_bytes(tmp_path, b"a,b\n" * 150_000, limits=ReadLimits(rows=60_000))
    assert refused.value.code == "files.too_many_rows"


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in range(30):
        first_sheet(book).append([f"9999{row}", row * 1.5, "测试·甲", True])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row in range(30):
        sheet.write(row, 0, f"9999{row}")
        sheet.write(row, 1, row * 1.5)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


SEEDS = {
    "csv": TABLE * 20,
    "utf16": TABLE.decode("gb18030").encode("utf-16") * 20,
    "quoted": b'a,"b\nc",d\n"x""y",1,2\n' * 20,
    "zip": zipped({"a.csv": TABLE, "b.zip": zipped({"c.csv": TABLE * 30})}),
    "xlsx": _xlsx(),
    "xls": _xls(),
    "html": b"<table><tr><td>a<td>b</table>" * 20,
}


def test_an_xls_whose_sectors_run_in_a_circle_does_not_take_this_process_with_it(tmp_path: Path) -> None:
    content = bytearray(_xls())
    fat = 512 * (int.from_bytes(content[0x4C:0x50], "little") + 1)
    for sector in range(128):
        at = fat + 4 * sector
        if content[at + 3] != 0xFF or content[at : at + 4] == b"\xfe\xff\xff\xff":
            content[at : at + 4] = sector.to_bytes(4, "little")
    with pytest.raises(Invalid) as refused:
        read_bytes(tmp_path, bytes(content), "circle.xls")
    assert refused.value.code == "files.corrupted"


def _survives(folder: Path, content: bytes) -> None:
    try:
        found = read_bytes(folder, content, "x.csv")
    except FanzhaError as error:
        assert error.fields["place"]
        return
    for rows in found.rows.values():
        for row in rows:
            "".join(row).encode("utf-8")


@given(content=st.binary(max_size=600))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    _survives(tmp_path, content)


@given(
    kind=st.sampled_from(sorted(SEEDS)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.floats(0.1, 1),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(SEEDS[kind])
    for where, byte in changes:
        content[int(where * len(content))] = byte
    _survives(tmp_path, bytes(content[: int(kept * len(content))] if kept < 0.95 else content))
