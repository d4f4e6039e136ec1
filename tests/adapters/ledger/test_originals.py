"""Originals come back byte for byte, or not at all."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from fanzha.adapters.ledger.originals import keep_original, open_original
from fanzha.kernel.errors import Broken, NotFound

KEY = bytes(32)
OTHER = bytes([1]) * 32


@pytest.mark.parametrize("data", [b"", "交易卡号,交易金额\n".encode("gb18030"), bytes(3_000_000)])
def test_an_original_is_kept_under_its_hash(tmp_path: Path, data: bytes) -> None:
    kept = keep_original(tmp_path, KEY, io.BytesIO(data))
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert kept.size == len(data)
    with open_original(tmp_path, KEY, kept.sha256) as again:
        assert again.read() == data


def test_keeping_the_same_bytes_again_changes_nothing(tmp_path: Path) -> None:
    first = keep_original(tmp_path, KEY, io.BytesIO(b"same"))
    assert keep_original(tmp_path, KEY, io.BytesIO(b"same")) == first
    assert len(list(tmp_path.iterdir())) == 1


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    first = keep_original(tmp_path, KEY, io.BytesIO(b"first"))
    second = keep_original(tmp_path, KEY, io.BytesIO(b"second"))
    (tmp_path / f"{second.sha256}.original").replace(tmp_path / f"{first.sha256}.original")
    with pytest.raises(Broken, match=r"ledger\.damaged"):
        open_original(tmp_path, KEY, first.sha256)


def test_without_its_key_an_original_is_gone(tmp_path: Path) -> None:
    kept = keep_original(tmp_path, KEY, io.BytesIO(b"secret"))
    with pytest.raises(Broken):
        open_original(tmp_path, OTHER, kept.sha256)
    with pytest.raises(NotFound):
        open_original(tmp_path, KEY, "0" * 64)
