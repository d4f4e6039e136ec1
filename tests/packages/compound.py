"""A minimal OLE compound file, enough to look like a password-protected workbook to any reader."""

import struct
from collections.abc import Mapping

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Version 3 compound file with the given streams, each padded beyond the mini-stream cut-off."""
    bodies = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    fat: list[int] = [_FAT]
    sectors = [b""]  # sector 0 holds the FAT
    starts: dict[str, int] = {}
    directory_start = _append(fat, sectors, b"\0" * _SECTOR * (1 + len(bodies) // 4))
    for name, body in bodies.items():
        starts[name] = _append(fat, sectors, body)
    entries = [_entry("Root Entry", kind=5, child=1, right=_FREE, start=_END, size=0)]
    for place, (name, body) in enumerate(bodies.items()):
        right = place + 2 if place + 1 < len(bodies) else _FREE
        entries.append(_entry(name, kind=2, child=_FREE, right=right, start=starts[name], size=len(body)))
    directory = b"".join(entries)
    length = _SECTOR * (1 + len(bodies) // 4)
    directory = directory.ljust(length, b"\0")
    for place in range(length // _SECTOR):
        sectors[directory_start + place] = directory[place * _SECTOR : (place + 1) * _SECTOR]
    sectors[0] = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return _header(directory_start) + b"".join(sectors)


def _append(fat: list[int], sectors: list[bytes], body: bytes) -> int:
    start, count = len(sectors), -(-len(body) // _SECTOR)
    for place in range(count):
        sectors.append(body[place * _SECTOR : (place + 1) * _SECTOR].ljust(_SECTOR, b"\0"))
        fat.append(start + place + 1 if place + 1 < count else _END)
    return start


def _entry(name: str, *, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )


def _header(directory_start: int) -> bytes:
    return (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
        + struct.pack("<IIIIIIIII", 0, 1, directory_start, 0, 4096, _END, 0, _END, 0)
        + struct.pack("<I", 0)
        + b"\xff" * (109 * 4 - 4)
    )
