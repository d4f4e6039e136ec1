"""The index of a ledger folder as it is kept beside the files: arrays that are mapped into memory, not read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.ledger_folder.names import Names
from fanzha.adapters.ledger_folder.transfer_files import LedgerFile
from fanzha.kernel.errors import Unavailable
from fanzha.tracing.follow.flow_index import FlowIndex, Transfers
from fanzha.tracing.follow.workspace import Laid

VERSION = 2
PLACE = ".fanzha-index"
_MANIFEST = "manifest.json"
_COLUMNS = ("payer", "payee", "amount_fen", "at_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kept index covers: files in the order in which they were read, with their rows; and where it lies."""

    files: tuple[LedgerFile, ...]
    rows: tuple[int, ...]
    epoch_s: int
    base: str
    rest: str


def read_manifest(folder: Path) -> Kept | None:
    """What is kept beside the files; nothing when there is none, or one of another version."""
    try:
        told = json.loads((folder / PLACE / _MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if told.pop("version", None) != VERSION:
        return None
    files = tuple(LedgerFile(**each) for each in told.pop("files"))
    return Kept(files=files, rows=tuple(told.pop("rows")), **told)


def load(folder: Path, kept: Kept) -> tuple[FlowIndex, Names]:
    """The index and its names; pages come from disk when a trace touches them."""
    base, rest = _mapped(folder / PLACE / kept.base), _mapped(folder / PLACE / kept.rest)
    index = FlowIndex(
        transfers=Transfers(**{name: base[name] for name in _COLUMNS}),
        appended=Transfers(**{name: rest[f"new_{name}"] for name in _COLUMNS}),
        epoch_s=kept.epoch_s,
        opening_fen=rest["opening_fen"],
        is_end=rest["is_end"],
        base=Laid(rest["start"], base["events"], rest["checkpoints"], base["turn"]),
        fresh=Laid(rest["new_start"], rest["new_events"], rest["new_checkpoints"], rest["new_turn"]),
    )
    return index, Names.kept(rest)


def keep(folder: Path, index: FlowIndex, names: Names, covered: Mapping[LedgerFile, int], base: str = "") -> Kept:
    """Write the index beside the files and forget the one before; `base` names a part that lies there already.

    `Unavailable` when the folder takes nothing. A reader of the old one keeps what it has mapped.
    """
    place = folder / PLACE
    kept = Kept(
        files=tuple(covered),
        rows=tuple(covered.values()),
        epoch_s=index.epoch_s,
        base=base or f"base-{uuid4().hex[:8]}",
        rest=f"rest-{uuid4().hex[:8]}",
    )
    try:
        place.mkdir(exist_ok=True)
        if not base:
            moved = {name: getattr(index.transfers, name) for name in _COLUMNS}
            _write(place / kept.base, {**moved, "events": index.base.events, "turn": index.base.turn})
        _write(place / kept.rest, _rest(index, names))
        told = json.dumps({"version": VERSION, **asdict(kept)}, indent=1)
        (place / f"{kept.rest}.json").write_text(told, "utf-8")
        (place / f"{kept.rest}.json").replace(place / _MANIFEST)
        for path in place.iterdir():
            if path.is_dir() and path.name not in (kept.base, kept.rest):
                shutil.rmtree(path, ignore_errors=True)
    except OSError as failure:
        raise Unavailable("ledger_folder.not_writable", folder=folder.name, reason=failure.strerror) from None
    return kept


def _rest(index: FlowIndex, names: Names) -> dict[str, NDArray[Any]]:
    """Everything that an append changes."""
    return {
        **{f"new_{name}": getattr(index.appended, name) for name in _COLUMNS},
        **names.arrays(),
        "opening_fen": index.opening_fen,
        "is_end": index.is_end,
        "start": index.base.start,
        "checkpoints": index.base.checkpoints,
        "new_start": index.fresh.start,
        "new_events": index.fresh.events,
        "new_checkpoints": index.fresh.checkpoints,
        "new_turn": index.fresh.turn,
    }


def _write(place: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    place.mkdir()
    for name, array in arrays.items():
        with (place / f"{name}.npy").open("wb") as file:
            np.save(file, array)
            file.flush()
            os.fsync(file.fileno())


def _mapped(place: Path) -> dict[str, NDArray[Any]]:
    """Arrays by name, mapped so that nothing written to them would reach the files."""
    return {path.stem: _map(path) for path in place.glob("*.npy")}


def _map(path: Path) -> NDArray[Any]:
    found: NDArray[Any] = np.load(path, mmap_mode="c").view(np.ndarray)
    return found
