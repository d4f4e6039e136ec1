"""Packages: nested archives, names, litter, bombs, and one bad file that must not lose the others."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import openpyxl
import pyarrow as pa
import pytest

from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.reader import FileReader
from fanzha.kernel.errors import Invalid, NotFound
from tests.adapters.files.reading import first_sheet, read

TABLE = "交易卡号,金额\n9999991234,1.00\n".encode("gb18030")
ROWS = [["交易卡号", "金额"], ["9999991234", "1.00"]]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def saved(folder: Path, members: dict[str, bytes], name: str = "feedback.zip") -> Path:
    path = folder / name
    path.write_bytes(zipped(members))
    return path


def test_archives_within_archives_are_walked_to_their_leaves(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first_sheet(book).append(["a"])
    buffer = io.BytesIO()
    book.save(buffer)
    zst = pa.compress(TABLE, codec="zstd", asbytes=True)
    inner = zipped({"明细/detail.csv": TABLE, "set.csv.zst": zst, "deeper.zip": zipped({"x.txt": TABLE})})
    path = saved(tmp_path, {"inner.zip": inner, "one.csv.gz": gzip.compress(TABLE), "book.xlsx": buffer.getvalue()})
    found = read(path)
    assert found.faults == []
    assert found.rows == {
        "feedback.zip/inner.zip/明细/detail.csv": ROWS,
        "feedback.zip/inner.zip/set.csv.zst": ROWS,
        "feedback.zip/inner.zip/deeper.zip/x.txt": ROWS,
        "feedback.zip/one.csv.gz": ROWS,
        "feedback.zip/book.xlsx#Sheet": [["a"]],
    }


def test_names_that_chinese_windows_wrote_in_gbk(tmp_path: Path) -> None:
    content = zipped({"????.csv": TABLE})
    (tmp_path / "a.zip").write_bytes(content.replace(b"????.csv", "明细.csv".encode("gbk")))
    assert list(read(tmp_path / "a.zip").rows) == ["a.zip/明细.csv"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../../tmp/evil.csv", "p.zip/tmp/evil.csv"),
        ("/etc/cron.d/evil.csv", "p.zip/etc/cron.d/evil.csv"),
        ("..\\..\\evil.csv", "p.zip/evil.csv"),
        ("C:\\Windows\\evil.csv", "p.zip/Windows/evil.csv"),
        ("a/\x1b[31mred\n.csv", "p.zip/a/[31mred.csv"),
    ],
)
def test_no_name_leads_out_of_the_scratch_folder(tmp_path: Path, name: str, shown: str) -> None:
    path = saved(tmp_path, {name: TABLE}, "p.zip")
    before = set(tmp_path.rglob("*"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with FileReader(scratch=scratch) as reader:
        (leaf,) = reader.leaves(path)
        assert leaf.path_in_package == shown
        assert scratch in leaf.file.parents
        assert leaf.file.read_bytes() == TABLE
        written = set(tmp_path.rglob("*")) - before
        assert all(each == scratch or scratch in each.parents for each in written)
    assert list(scratch.iterdir()) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    link = ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.csv", TABLE)
    found = read(tmp_path / "p.zip")
    assert found.rows == {"p.zip/good.csv": ROWS}
    assert found.codes() == {"p.zip/link.csv": "files.litter"}


def test_litter_and_foreign_kinds_are_told_and_lose_nothing(tmp_path: Path) -> None:
    members = {
        "__MACOSX/._detail.csv": b"\x00\x05\x16\x07",
        ".DS_Store": b"\x00\x00\x00\x01Bud1",
        "~$book.xlsx": b"\x05user",
        "Thumbs.db": b"\xd0\xcf\x11\xe0",
        "letter.pdf": b"%PDF-1.7\n",
        "scan.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
        "letter.docx": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "setup.exe": b"MZ\x90\x00\x03\x00\x00\x00",
        "more.rar": b"Rar!\x1a\x07\x00",
        "empty.csv": b"",
        "noise.csv": os.urandom(4000),
        "broken.xlsx": zipped({"xl/workbook.xml": b"<workbook"}),
        "broken.zip": b"PK\x03\x04 and no more",
        "good.csv": TABLE,
    }
    found = read(saved(tmp_path, members))
    assert found.rows == {"feedback.zip/good.csv": ROWS}
    assert found.codes() == {
        "feedback.zip/__MACOSX/._detail.csv": "files.litter",
        "feedback.zip/.DS_Store": "files.litter",
        "feedback.zip/~$book.xlsx": "files.litter",
        "feedback.zip/Thumbs.db": "files.litter",
        "feedback.zip/letter.pdf": "files.unsupported",
        "feedback.zip/scan.jpg": "files.unsupported",
        "feedback.zip/letter.docx": "files.unsupported",
        "feedback.zip/setup.exe": "files.unsupported",
        "feedback.zip/more.rar": "files.unsupported",
        "feedback.zip/empty.csv": "files.empty",
        "feedback.zip/noise.csv": "files.not_text",
        "feedback.zip/broken.xlsx": "files.corrupted",
        "feedback.zip/broken.zip": "files.corrupted",
    }
    assert {fault.code for fault in found.faults if not fault.lost} == {"files.litter"}


def test_a_member_whose_bytes_are_damaged_loses_only_itself(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("bad.csv", b"BADBADBAD," * 20)
        archive.writestr("good.csv", TABLE)
    path = tmp_path / "p.zip"
    path.write_bytes(buffer.getvalue().replace(b"BADBADBAD,", b"BADBADBAX,", 1))
    found = read(path)
    assert found.rows == {"p.zip/good.csv": ROWS}
    assert found.codes() == {"p.zip/bad.csv": "files.corrupted"}


def test_an_encrypted_member_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(zipped({"locked.csv": TABLE, "good.csv": TABLE}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "p.zip").write_bytes(content)
    found = read(tmp_path / "p.zip")
    assert found.rows == {"p.zip/good.csv": ROWS}
    assert found.codes() == {"p.zip/locked.csv": "files.encrypted"}


def test_a_bomb_is_stopped_while_it_inflates_whatever_its_header_says(tmp_path: Path) -> None:
    content = zipped({"bomb.csv": b"0" * (64 * 2**20), "good.csv": TABLE})
    packed = content.replace((64 * 2**20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    limits = ReadLimits(ratio_from_bytes=2**20)
    for name, data in (("honest.zip", content), ("lying.zip", packed)):
        (tmp_path / name).write_bytes(data)
        found = read(tmp_path / name, limits)
        assert found.rows == {f"{name}/good.csv": ROWS}
        assert found.codes()[f"{name}/bomb.csv"] in {"files.bomb", "files.corrupted"}
        assert all(each.stat().st_size < 4 * 2**20 for each in tmp_path.rglob("*") if each.is_file())


def test_the_whole_package_has_a_limit(tmp_path: Path) -> None:
    part = zlib.compress(os.urandom(2**20)) * 2
    path = saved(tmp_path, {f"{n}.csv": b"a,b\n" + part.hex().encode() for n in range(4)})
    found = read(path, ReadLimits(package_bytes=10 * 2**20))
    assert len(found.rows) == 2
    assert set(found.codes().values()) == {"files.package_too_big"}


def test_nesting_members_and_the_table_of_contents_have_limits(tmp_path: Path) -> None:
    deep = TABLE
    for _ in range(8):
        deep = zipped({"in.zip": deep})
    found = read(saved(tmp_path, {"deep.zip": deep, "good.csv": TABLE}))
    assert found.rows == {"feedback.zip/good.csv": ROWS}
    assert list(found.codes().values()) == ["files.nested_too_deep"]
    many = saved(tmp_path, {f"{n:02d}.csv": TABLE for n in range(12)}, "many.zip")
    with pytest.raises(Invalid) as refused:
        read(many, ReadLimits(members=10))
    assert refused.value.code == "files.too_many_members"
    found = read(saved(tmp_path, {"many.zip": many.read_bytes(), "good.csv": TABLE}), ReadLimits(members=10))
    assert len(found.rows) == 11
    assert found.codes() == {"feedback.zip/many.zip": "files.too_many_members"}
    with pytest.raises(Invalid) as refused:
        read(many, ReadLimits(directory_bytes=100))
    assert refused.value.code == "files.too_many_members"


def test_without_a_list_of_faults_anything_lost_is_an_error(tmp_path: Path) -> None:
    path = saved(tmp_path, {".DS_Store": b"x", "good.csv": TABLE, "letter.pdf": b"%PDF-1.7"})
    with FileReader() as reader, pytest.raises(Invalid) as refused:
        list(reader.leaves(path))
    assert refused.value.fields["place"] == "feedback.zip/letter.pdf"


def test_what_is_not_a_file_is_not_found(tmp_path: Path) -> None:
    with FileReader() as reader:
        for path in (tmp_path, tmp_path / "absent.csv", Path("/dev/zero")):
            with pytest.raises(NotFound):
                list(reader.leaves(path))
