"""A package of files within files, walked to its leaves inside a scratch folder, within the limits."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Protocol
from zipfile import ZipFile, ZipInfo

from fanzha.adapters.files.contents import ZIP_TROUBLE, Kind, is_link, is_litter, kind_of, member_name, open_zip
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.kernel.errors import Invalid, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One real file of a package: its place as a person would write it, what it is, and where its bytes lie.

    `sha256` (hex) and `size` are of the unpacked bytes; `file` lasts as long as the reader that gave it.
    `alone`: it is what the person gave, not one of many, so what is wrong with it is an error and not a fault.
    """

    path_in_package: str
    sha256: str
    size: int
    kind: Kind
    file: Path
    alone: bool


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A file on disk that may hold others; `sha256` is empty while nobody has computed it."""

    file: Path
    place: str
    depth: int
    alone: bool
    sha256: str = ""


class Package:
    """Walks one given file; unpacked members lie in `scratch` under numbers, never under their own names."""

    def __init__(self, limits: ReadLimits, scratch: Path, report: Report) -> None:
        self._limits = limits
        self._scratch = scratch
        self._report = report
        self._bytes_allowed = self._bytes_left = 0
        self._numbers = count()

    def leaves(self, path: Path) -> Iterator[Leaf]:
        """Every leaf of the file at `path`, which is its own only leaf when it holds no others."""
        limits, size = self._limits, path.stat().st_size
        if size > limits.file_bytes:
            raise Invalid("files.too_big", place=path.name, limit_mib=limits.file_bytes // MIB)
        self._bytes_allowed = min(limits.package_bytes, max(limits.package_free_bytes, size * limits.ratio))
        self._bytes_left = self._bytes_allowed
        yield from self._walk(_Found(file=path, place=path.name, depth=0, alone=True))

    def _walk(self, found: _Found) -> Iterator[Leaf]:
        kind = kind_of(found.file, found.place, self._limits)
        if kind in (Kind.ZIP, Kind.GZIP, Kind.ZSTD) and found.depth >= self._limits.nesting:
            raise Invalid("files.nested_too_deep", place=found.place, limit=self._limits.nesting)
        if kind is Kind.ZIP:
            yield from self._members(found)
        elif kind in (Kind.GZIP, Kind.ZSTD):
            yield from self._walk(self._expanded(found, kind))
        else:
            yield _leaf(found, kind)

    def _members(self, found: _Found) -> Iterator[Leaf]:
        with open_zip(found.file, found.place, self._limits) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if not members:
                raise Invalid("files.empty", place=found.place)
            for info in members[: self._limits.members]:
                place = f"{found.place}/{member_name(info)}"
                if is_litter(place) or is_link(info):
                    self._report(Fault(code="files.litter", place=place, lost=False))
                    continue
                try:
                    yield from self._walk(self._unpacked(archive, info, place, found.depth + 1))
                except Invalid as error:
                    self._report(Fault.of(error))
        if len(members) > self._limits.members:
            raise Invalid("files.too_many_members", place=found.place, limit=self._limits.members)

    def _unpacked(self, archive: ZipFile, info: ZipInfo, place: str, depth: int) -> _Found:
        if info.flag_bits & 0x1:
            raise Invalid("files.encrypted", place=place)
        try:
            with archive.open(info) as source:
                file, digest = self._poured(source, info.compress_size, place)
        except ZIP_TROUBLE as error:
            raise Invalid("files.corrupted", place=place) from error
        return _Found(file=file, place=place, depth=depth, alone=False, sha256=digest)

    def _expanded(self, found: _Found, kind: Kind) -> _Found:
        try:
            with closing(_open_stream(found.file, kind)) as source:
                file, digest = self._poured(source, found.file.stat().st_size, found.place)
        except ZIP_TROUBLE as error:
            raise Invalid("files.corrupted", place=found.place) from error
        return _Found(file=file, place=found.place, depth=found.depth + 1, alone=found.alone, sha256=digest)

    def _poured(self, source: _Source, packed_bytes: int, place: str) -> tuple[Path, str]:
        """Where `source` was written, and its SHA-256; limits are judged on what comes out, not on what headers say."""
        file = self._scratch / f"{next(self._numbers):06d}"
        digest, size = hashlib.sha256(), 0
        try:
            with file.open("xb") as target:
                while part := source.read(MIB):
                    size += len(part)
                    self._check(size, packed_bytes, place)
                    self._bytes_left -= len(part)
                    digest.update(part)
                    self._write(target, part, place)
        except BaseException:
            file.unlink()
            self._bytes_left += size
            raise
        return file, digest.hexdigest()

    def _write(self, target: IO[bytes], part: bytes, place: str) -> None:
        try:
            target.write(part)
        except OSError as error:
            raise Unavailable("files.scratch_full", place=place) from error

    def _check(self, size: int, packed_bytes: int, place: str) -> None:
        limits = self._limits
        if size > limits.ratio_from_bytes and size > packed_bytes * limits.ratio:
            raise Invalid("files.bomb", place=place, limit=limits.ratio)
        if size > limits.file_bytes:
            raise Invalid("files.too_big", place=place, limit_mib=limits.file_bytes // MIB)
        if self._bytes_left < MIB:
            raise Invalid("files.package_too_big", place=place, limit_mib=self._bytes_allowed // MIB)


class _Stream(_Source, Protocol):
    def close(self) -> None: ...


def _open_stream(file: Path, kind: Kind) -> _Stream:
    if kind is Kind.GZIP:
        return gzip.open(file)
    import pyarrow  # the only zstd here until Python 3.14, and slow to import

    stream: _Stream = pyarrow.input_stream(str(file), compression="zstd")
    return stream


def _leaf(found: _Found, kind: Kind) -> Leaf:
    digest = found.sha256
    if not digest:
        with found.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size = found.file.stat().st_size
    return Leaf(path_in_package=found.place, sha256=digest, size=size, kind=kind, file=found.file, alone=found.alone)
