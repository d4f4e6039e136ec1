"""What a backup says of itself: of which instance, from when, and every file with its hash, signed by the instance."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fanzha.adapters.store.keys import Keys, is_signed
from fanzha.adapters.store.sealing import canonical
from fanzha.kernel.clock import rfc3339, utc
from fanzha.kernel.errors import Invalid, NotFound

NAME = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`files` are paths in the backup with SHA-256 and bytes; `made_at` is wall time, `schema` the last migration."""

    instance: str
    keys: str
    made_at: datetime
    schema: str
    postgres: int
    files: Mapping[str, tuple[str, int]]

    def facts(self) -> dict[str, Any]:
        """Everything it says, which is what is signed."""
        told = {"format": FORMAT, "instance": self.instance, "keys": self.keys, "made": rfc3339(self.made_at)}
        files = {path: {"sha256": digest, "bytes": size} for path, (digest, size) in self.files.items()}
        return {**told, "schema": self.schema, "postgres": self.postgres, "files": files}


def write_manifest(folder: Path, manifest: Manifest, keys: Keys) -> None:
    """Write it last, whole or not at all: a backup without it is none."""
    facts = manifest.facts()
    key_id, signature = keys.sign(canonical(facts))
    told = {**facts, "signed_by": key_id, "signature": signature.hex()}
    fresh = folder / f".{NAME}"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(folder / NAME)


def read_manifest(folder: Path, keys: Keys) -> Manifest:
    """The backup's manifest, once its signature and every file are what they were; `Invalid` says what is wrong."""
    told = _told(folder)
    try:
        manifest = _manifest(told)
        signed_by, signature = str(told["signed_by"]), bytes.fromhex(told["signature"])
    except (KeyError, TypeError, ValueError) as garbled:
        raise Invalid("backup.manifest_garbled", folder=folder) from garbled
    if manifest.keys != keys.fingerprint():
        raise Invalid("store.other_keys", expected=manifest.keys, found=keys.fingerprint())
    public = keys.audit_public_keys().get(signed_by)
    if public is None or not is_signed(public, canonical(manifest.facts()), signature):
        raise Invalid("backup.manifest_changed", folder=folder)
    _require_files(folder, manifest)
    return manifest


def hashed_copy(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file that only we may read; its SHA-256 and bytes."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as from_, os.fdopen(handle, "wb") as to:
        while block := from_.read(_BLOCK):
            digest.update(block)
            size += len(block)
            to.write(block)
        to.flush()
        os.fsync(to.fileno())
    return digest.hexdigest(), size


def hashed(path: Path) -> tuple[str, int]:
    """SHA-256 and bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def files_below(folder: Path) -> Iterator[str]:
    """Relative paths of all files below, without those that are only being made."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix()


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / NAME).read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("backup.none_there", folder=folder) from None
    except (OSError, ValueError) as garbled:
        raise Invalid("backup.manifest_garbled", folder=folder) from garbled
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Invalid("backup.other_format", folder=folder)
    return told


def _manifest(told: Mapping[str, Any]) -> Manifest:
    files = {str(path): (str(each["sha256"]), int(each["bytes"])) for path, each in told["files"].items()}
    return Manifest(
        instance=str(told["instance"]),
        keys=str(told["keys"]),
        made_at=utc(datetime.fromisoformat(told["made"])),
        schema=str(told["schema"]),
        postgres=int(told["postgres"]),
        files=files,
    )


def _require_files(folder: Path, manifest: Manifest) -> None:
    """Every file is there as it was written, and no other: what nobody signed is not restored."""
    there = {each for each in files_below(folder) if each != NAME}
    if missing := manifest.files.keys() - there:
        raise Invalid("backup.file_missing", file=min(missing), count=len(missing))
    if strange := there - manifest.files.keys():
        raise Invalid("backup.file_strange", file=min(strange), count=len(strange))
    for path, known in manifest.files.items():
        if hashed(folder / path) != known:
            raise Invalid("backup.file_damaged", file=path)
