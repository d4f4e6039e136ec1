"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import mmap
import stat
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import IO

from fanzha.adapters.files.limits import ReadLimits
from fanzha.kernel.errors import Invalid

HEAD_BYTES = 64 * 1024
ZIP_TROUBLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
"""All that the standard library raises on an archive that is not what it says (struct errors are caught within)."""


class Kind(StrEnum):
    """The kinds of file that are opened."""

    TEXT = "text"
    XLSX = "xlsx"
    XLS = "xls"
    MARKUP = "markup"
    ZIP = "zip"
    GZIP = "gzip"
    ZSTD = "zstd"


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"RIFF", "media"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "sqlite"),
    (b"{\\rtf", "rtf"),
)
"""First bytes of what people put beside statements, and what to call it."""

_OFFICE = (("word/", "docx"), ("ppt/", "pptx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "opendocument"))


def kind_of(file: Path, place: str, limits: ReadLimits) -> Kind:
    """What the file is; `Invalid` when it is empty, locked or of a kind that is not opened."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip(b"\x00"):
        raise Invalid("files.empty", place=place)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(file, place, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(file, place)
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return Kind.ZSTD
    for magic, name in _MAGIC:
        if head.startswith(magic) and not _is_statement_text(head, magic):
            raise Invalid("files.unsupported", place=place, kind=name)
    if head[257:262] == b"ustar":
        raise Invalid("files.unsupported", place=place, kind="tar")
    return _text_kind(head, place)


def _is_statement_text(head: bytes, magic: bytes) -> bool:
    """Whether letters that open a program's file (`MZ`, `RIFF`) merely begin a line of text."""
    return magic.isalnum() and b"\x00" not in head and (b"\n" in head or b"\r" in head)


def _text_kind(head: bytes, place: str) -> Kind:
    start = head.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n")[:4096].lower()
    if not start.startswith(b"<"):
        return Kind.TEXT
    if b"<html" in start or b"<table" in start or b"<!doctype html" in start:
        return Kind.MARKUP
    if b"schemas-microsoft-com:office:spreadsheet" in start:
        return Kind.MARKUP
    if start.startswith(b"<?xml"):
        raise Invalid("files.unsupported", place=place, kind="xml")
    return Kind.TEXT


def _ole_kind(file: Path, place: str) -> Kind:
    """XLS, or `Invalid` for a password-protected workbook and other compound files."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if view.find(_utf16("EncryptedPackage")) >= 0:
            raise Invalid("files.encrypted", place=place)
        if view.find(_utf16("Workbook")) >= 0 or view.find(_utf16("Book")) >= 0:
            return Kind.XLS
    raise Invalid("files.unsupported", place=place, kind="ole")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _zip_kind(file: Path, place: str, limits: ReadLimits) -> Kind:
    with open_zip(file, place, limits) as archive:
        names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    for mark, name in _OFFICE:
        if any(each.startswith(mark) for each in names) and names & {"[Content_Types].xml", "mimetype"}:
            raise Invalid("files.unsupported", place=place, kind=name)
    if "EncryptedPackage" in names:
        raise Invalid("files.encrypted", place=place)
    return Kind.ZIP


def open_zip(file: Path, place: str, limits: ReadLimits) -> zipfile.ZipFile:
    """The archive, opened for reading; `Invalid` when it is broken or its table of contents is beyond the limit."""
    with file.open("rb") as stream:
        if _directory_bytes(stream) > limits.directory_bytes:
            raise Invalid("files.too_many_members", place=place, limit=limits.members)
    try:
        return zipfile.ZipFile(file)
    except ZIP_TROUBLE as error:
        raise Invalid("files.corrupted", place=place) from error


def _directory_bytes(stream: IO[bytes]) -> int:
    """How long the archive says its table of contents is (the plain and the 64-bit record; 0 when neither is there)."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    plain, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    stated = int.from_bytes(tail[plain + 12 : plain + 16], "little") if plain >= 0 else 0
    if stated == 0xFFFFFFFF and wide >= 0:
        return int.from_bytes(tail[wide + 40 : wide + 48], "little")
    return stated


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name as its sender wrote it and safe to show: no root, drive, `..`, backslash or control character.

    Without the UTF-8 flag the standard library reads names as cp437; Chinese Windows wrote them in GBK.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        name = _as_written(info.orig_filename)
    name = "".join(each for each in name.replace("\\", "/") if each.isprintable())
    parts = [part for part in name.split("/") if part not in ("", ".", "..") and not part.endswith(":")]
    return "/".join(parts) or "?"


def _as_written(name: str) -> str:
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def is_link(info: zipfile.ZipInfo) -> bool:
    """Whether the member is a symbolic link, whose content is another file's path."""
    return stat.S_ISLNK(info.external_attr >> 16)


def is_litter(name: str) -> bool:
    """Whether an operating system or office program left the file, not a person."""
    *folders, last = name.split("/")
    litter = (".DS_Store", "Thumbs.db", "desktop.ini")
    return "__MACOSX" in folders or last in litter or last.startswith(("~$", "._", ".~lock."))
