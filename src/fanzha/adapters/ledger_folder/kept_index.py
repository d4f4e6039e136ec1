"""The index of a ledger folder as it is kept beside the files: arrays that are mapped into memory, not read."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.ledger_folder.names import Names
from fanzha.adapters.ledger_folder.transfer_files import LedgerFile
from fanzha.kernel.errors import Unavailable
from fanzha.tracing.follow.flow_index import FlowIndex, Transfers, append, laid_out
from fanzha.tracing.follow.workspace import Laid

VERSION = 4
PLACE = ".fanzha-index"
MOST_PARTS = 32
"""Parts that were added one by one; the next one is written together with them."""

_MANIFEST, _LOCK = "manifest.json", "lock"
_COLUMNS = ("payer", "payee", "amount_fen", "at_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a kept index covers: files in the order in which they were read, with their rows; and where it lies.

    `base` holds everything laid out; each of `parts` only the rows that were added at one opening, and new names.
    """

    files: tuple[LedgerFile, ...]
    rows: tuple[int, ...]
    epoch_s: int
    accounts: int
    base: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A kept index as it lies there: its base, which has room for further accounts, the rows added since, the names."""

    base: Mapping[str, NDArray[Any]]
    added: tuple[Transfers, ...]
    names: Names
    kept: Kept

    def index(self, *more: Transfers) -> FlowIndex:
        """The index of everything that was kept, and of more rows with numbers of these names."""
        base, accounts = self.base, len(self.names)
        start = _as_long(base["start"], accounts + 1, base["start"][-1])
        transfers = Transfers(**{name: base[name] for name in _COLUMNS})
        found = FlowIndex(
            transfers=transfers,
            appended=Transfers.none(),
            epoch_s=self.kept.epoch_s,
            opening_fen=_as_long(base["opening_fen"], accounts, 0),
            is_end=_as_long(base["is_end"], accounts, False),
            base=Laid(start, base["events"], base["checkpoints"], base["turn"]),
            fresh=laid_out(Transfers.none(), accounts, self.kept.epoch_s, len(transfers)),
        )
        rows = Transfers.joined([*self.added, *more])
        return append(found, rows, in_place=True) if len(rows) else found


def read_manifest(folder: Path) -> Kept | None:
    """What is kept beside the files; nothing when there is none, or one of another version."""
    try:
        told = json.loads((folder / PLACE / _MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if told.pop("version", None) != VERSION:
        return None
    files = tuple(LedgerFile(**each) for each in told.pop("files"))
    return Kept(files=files, rows=tuple(told.pop("rows")), parts=tuple(told.pop("parts")), **told)


def load(folder: Path, kept: Kept) -> Loaded:
    """What is kept; pages come from disk when touched. `OSError`, `ValueError` or `KeyError` when it is damaged."""
    base = _mapped(folder / PLACE / kept.base)
    names, added = Names.kept(base, kept.accounts), []
    for part in kept.parts:
        arrays = _mapped(folder / PLACE / part)
        names.take(arrays["name_offsets"], arrays["name_bytes"])
        added.append(Transfers(**{name: arrays[name] for name in _COLUMNS}))
    return Loaded(base=base, added=tuple(added), names=names, kept=kept)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While nobody else changes what is kept; `Unavailable` when the folder takes nothing."""
    place = folder / PLACE
    try:
        place.mkdir(exist_ok=True)
        lock = (place / _LOCK).open("wb")
    except OSError as failure:
        raise Unavailable("ledger_folder.not_writable", folder=folder.name, reason=failure.strerror) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep(folder: Path, index: FlowIndex, names: Names, covered: Mapping[LedgerFile, int]) -> Kept:
    """Write a whole index, nothing appended, beside the files and forget the one before.

    `Unavailable` when the folder takes nothing. A reader of the old one keeps what it has mapped.
    """
    kept = Kept(
        files=tuple(covered),
        rows=tuple(covered.values()),
        epoch_s=index.epoch_s,
        accounts=len(names),
        base=f"base-{uuid4().hex[:8]}",
    )
    spare = len(names) // 8 + 1_024
    laid: dict[str, NDArray[Any]] = {
        "events": index.base.events,
        "checkpoints": index.base.checkpoints,
        "turn": index.base.turn,
    }
    roomy: dict[str, NDArray[Any]] = {
        "start": _as_long(index.base.start, len(names) + 1 + spare, index.base.start[-1]),
        "opening_fen": _as_long(index.opening_fen, len(names) + spare, 0),
        "is_end": _as_long(index.is_end, len(names) + spare, False),
    }
    return _commit(folder, kept, kept.base, {**_columns(index.transfers), **laid, **roomy, **names.arrays(spare)})


def keep_more(folder: Path, known: Loaded, more: Transfers, covered: Mapping[LedgerFile, int]) -> Kept:
    """Write what was added beside what is kept already; errors as `keep`."""
    is_many = len(known.kept.parts) >= MOST_PARTS
    rows = Transfers.joined([*known.added, more]) if is_many else more
    first = known.kept.accounts if is_many else len(known.names) - known.names.added
    part = f"part-{uuid4().hex[:8]}"
    kept = replace(
        known.kept,
        files=(*known.kept.files, *covered),
        rows=(*known.kept.rows, *covered.values()),
        parts=(part,) if is_many else (*known.kept.parts, part),
    )
    return _commit(folder, kept, part, {**_columns(rows), **known.names.since(first)})


def _columns(rows: Transfers) -> dict[str, NDArray[Any]]:
    return {name: getattr(rows, name) for name in _COLUMNS}


def _commit(folder: Path, kept: Kept, part: str, arrays: Mapping[str, NDArray[Any]]) -> Kept:
    """Write one part, then the manifest that names it; what no manifest names any more is cleared away."""
    place = folder / PLACE
    try:
        place.mkdir(exist_ok=True)
        _write(place / part, arrays)
        told = json.dumps({"version": VERSION, **asdict(kept)}, indent=1)
        with (place / f"{part}.json").open("w", encoding="utf-8") as file:
            file.write(told)
            file.flush()
            os.fsync(file.fileno())
        (place / f"{part}.json").replace(place / _MANIFEST)
        _sync(place)
        for path in place.iterdir():
            if path.is_dir() and path.name not in (kept.base, *kept.parts):
                shutil.rmtree(path, ignore_errors=True)
    except OSError as failure:
        raise Unavailable("ledger_folder.not_writable", folder=folder.name, reason=failure.strerror) from None
    return kept


def _write(place: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    place.mkdir()
    for name, array in arrays.items():
        with (place / f"{name}.npy").open("wb") as file:
            np.save(file, array)
            file.flush()
            os.fsync(file.fileno())
    _sync(place)


def _sync(place: Path) -> None:
    """Let the disk know which files a folder holds."""
    number = os.open(place, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _mapped(place: Path) -> dict[str, NDArray[Any]]:
    """Arrays by name, mapped so that nothing written to them would reach the files."""
    return {path.stem: _map(path) for path in place.glob("*.npy")}


def _map(path: Path) -> NDArray[Any]:
    found: NDArray[Any] = np.load(path, mmap_mode="c").view(np.ndarray)
    return found


def _as_long(array: NDArray[Any], length: int, fill: object) -> NDArray[Any]:
    """The first entries of an array, or all of them and then what fills it up."""
    if len(array) >= length:
        return array[:length]
    return np.concatenate([array, np.full(length - len(array), fill, array.dtype)])
