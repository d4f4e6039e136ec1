"""A sealed file gives back exactly what went in, or refuses."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.ledger import sealed
from fanzha.adapters.ledger.sealed import SealedWriter, new_key, open_sealed
from fanzha.kernel.errors import Broken, NotFound

KEY = bytes(range(32))
HEADER = 40
SMALL_FRAME = 64


@pytest.fixture
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames so small that a test meets every boundary."""
    monkeypatch.setattr(sealed, "FRAME", SMALL_FRAME)


def write(folder: Path, data: bytes, *, pieces: int = 1) -> Path:
    with SealedWriter(folder, KEY) as out:
        step = max(1, -(-len(data) // pieces))
        for start in range(0, len(data), step):
            out.write(data[start : start + step])
        return out.publish("evidence").path


def read(path: Path, key: bytes = KEY) -> bytes:
    with open_sealed(path, key) as source:
        return source.read()


@pytest.mark.parametrize("size", [0, 1, SMALL_FRAME - 1, SMALL_FRAME, SMALL_FRAME + 1, 3 * SMALL_FRAME, 1000])
@pytest.mark.parametrize("pieces", [1, 3, 7])
@pytest.mark.usefixtures("small_frames")
def test_any_size_comes_back(tmp_path: Path, size: int, pieces: int) -> None:
    data = bytes(each % 251 for each in range(size))
    path = write(tmp_path, data, pieces=pieces)
    assert read(path) == data
    assert path.stat().st_size == HEADER + size + 16 * max(1, -(-size // SMALL_FRAME))


@pytest.mark.parametrize("size", [sealed.FRAME - 1, sealed.FRAME, sealed.FRAME + 1, 2 * sealed.FRAME])
def test_real_frame_boundaries_come_back(tmp_path: Path, size: int) -> None:
    data = bytes(size - 1) + b"!"
    assert read(write(tmp_path, data)) == data


@settings(deadline=None, max_examples=60)
@given(
    data=st.binary(max_size=400),
    moves=st.lists(st.tuples(st.integers(0, 420), st.integers(0, 200)), max_size=8),
)
def test_reading_anywhere_gives_what_lies_there(data: bytes, moves: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(sealed, "FRAME", SMALL_FRAME)
        plain = io.BytesIO(data)
        with open_sealed(write(Path(folder), data), KEY) as source:
            for place, size in moves:
                assert source.seek(place) == plain.seek(place)
                assert source.read(size) == plain.read(size)
            assert source.seek(-min(5, len(data)), io.SEEK_END) == plain.seek(-min(5, len(data)), io.SEEK_END)
            assert source.read() == plain.read()


@pytest.mark.usefixtures("small_frames")
def test_every_flipped_byte_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path, b"synthetic evidence " * 9)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        with pytest.raises(Broken, match=r"ledger\.damaged"):
            read(path)


@pytest.mark.usefixtures("small_frames")
def test_every_shorter_or_longer_file_is_refused_at_opening(tmp_path: Path) -> None:
    path = write(tmp_path, b"synthetic evidence " * 9)
    whole = path.read_bytes()
    for changed in [
        *(whole[:end] for end in range(len(whole))),
        whole + b"\0",
        whole + whole[-20:],
        whole + bytes(200),
    ]:
        path.write_bytes(changed)
        with pytest.raises(Broken, match=r"ledger\.damaged"):
            open_sealed(path, KEY)


@pytest.mark.usefixtures("small_frames")
def test_frames_in_another_order_are_seen(tmp_path: Path) -> None:
    path = write(tmp_path, bytes(range(4 * SMALL_FRAME)))
    whole = path.read_bytes()
    framed = SMALL_FRAME + 16
    first, second = whole[HEADER : HEADER + framed], whole[HEADER + framed : HEADER + 2 * framed]
    path.write_bytes(whole[:HEADER] + second + first + whole[HEADER + 2 * framed :])
    with pytest.raises(Broken, match=r"ledger\.damaged"):
        read(path)


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, b"secret")
    with pytest.raises(Broken, match=r"ledger\.damaged"):
        open_sealed(path, new_key())


def test_the_same_bytes_never_look_the_same(tmp_path: Path) -> None:
    first = write(tmp_path / "a", b"same").read_bytes()
    second = write(tmp_path / "b", b"same").read_bytes()
    assert first[HEADER:] != second[HEADER:]
    assert b"same" not in first


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"ledger\.missing"):
        open_sealed(tmp_path / "nothing", KEY)


def test_what_is_not_published_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), SealedWriter(tmp_path, KEY) as out:
        out.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_failed_rewrite_leaves_the_old_file(tmp_path: Path) -> None:
    path = write(tmp_path, b"old")
    with pytest.raises(RuntimeError), SealedWriter(tmp_path, KEY) as out:
        out.write(b"new")
        raise RuntimeError
    assert read(path) == b"old"
    assert write(tmp_path, b"new") == path
    assert read(path) == b"new"


def test_the_digest_is_of_the_file_on_disk(tmp_path: Path) -> None:
    from hashlib import sha256

    with SealedWriter(tmp_path, KEY) as out:
        out.write(b"x" * 100)
        told = out.publish("evidence")
    assert told.sha256 == sha256(told.path.read_bytes()).hexdigest()
    assert told.size == told.path.stat().st_size
    assert told.path.stat().st_mode & 0o077 == 0
