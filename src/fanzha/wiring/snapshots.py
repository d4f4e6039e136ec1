"""Snapshots of evidence on which a block rests: sealed, by the SHA-256 of what they show, in their case's folder."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_by_ref, case_for_change
from fanzha.adapters.store.roles import require
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House

LARGEST = 10 * 1024 * 1024
"""Bytes of one snapshot: a page as an image or a PDF."""


def keep_snapshot(house: House, by: Actor, ref: str, body: bytes) -> str:
    """The SHA-256 under which the snapshot now lies; the same one again is the same file."""
    require(by, "orders.draft")
    if not 0 < len(body) <= LARGEST:
        raise Invalid("web.file_too_large", limit_bytes=LARGEST)
    with house.act(by) as connection:
        case = case_for_change(connection, case_by_ref(connection, ref).id, by)
        digest = sha256(body).hexdigest()
        place = _place(house, case.id, digest)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, house.keys.wrap(body, _context(case.id, digest)))
        detail = {"sha256": digest, "bytes": len(body)}
        act = Act(
            action="evidence.kept", object_kind="case", object_id=str(case.id), unit_path=case.unit_path, detail=detail
        )
        record(connection, act, by, house.now())
    return digest


def has_snapshot(house: House, case: CaseId, digest: str) -> bool:
    """Whether the case has a snapshot of this SHA-256."""
    return len(digest) == sha256().digest_size * 2 and digest.isalnum() and _place(house, case, digest).is_file()


def _place(house: House, case: CaseId, digest: str) -> Path:
    return house.evidence / "snapshots" / str(case) / digest


def _context(case: CaseId, digest: str) -> str:
    return f"snapshot:{case}:{digest}"


def _write(place: Path, sealed: bytes) -> None:
    """Whole or not at all, and on the disk before anybody relies on it."""
    half = place.with_suffix(".half")
    with half.open("wb") as held:
        held.write(sealed)
        held.flush()
        os.fsync(held.fileno())
    half.replace(place)
