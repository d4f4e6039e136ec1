"""A folder of Parquet files opened to be traced: new files are seen at the next opening."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from fanzha.adapters.ledger_folder.kept_index import Kept, Loaded, alone, keep, keep_more, load, read_manifest
from fanzha.adapters.ledger_folder.names import Names
from fanzha.adapters.ledger_folder.transfer_files import (
    ACCOUNTS,
    LedgerFile,
    ledger_files,
    read_accounts,
    read_transfers,
)
from fanzha.kernel.errors import NotFound
from fanzha.tracing.follow.flow_index import FlowIndex, build_index, compact

COMPACT_BEYOND = 1 / 8
"""Appended rows for each row of the base beyond which everything is laid out anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LedgerFolder:
    """A ledger: its index, the account number of each of its accounts, and where each transfer lies."""

    index: FlowIndex
    names: Names
    kept: Kept

    def transfer(self, file: str, row: int) -> int:
        """The number of the transfer in a row (from 1) of a file; `NotFound` when there is none."""
        before = 0
        for each, rows in zip(self.kept.files, self.kept.rows, strict=True):
            if each.name == file and 1 <= row <= rows:
                return before + row - 1
            before += rows
        raise NotFound("ledger_folder.no_such_row", file=file, row=row)

    def place(self, transfer: int) -> tuple[str, int]:
        """File and row (from 1) of a transfer."""
        ends = list(accumulate(self.kept.rows))
        file = bisect_right(ends, transfer)
        return self.kept.files[file].name, transfer - (ends[file - 1] if file else 0) + 1


def open_ledger(folder: Path) -> LedgerFolder:
    """The ledger in a folder; read once, kept beside the files, and renewed when files were added or changed.

    `NotFound`, `Invalid` as `ledger_files` and `read_transfers`; `Unavailable` when nothing can be kept there.
    """
    files = ledger_files(folder)
    known = _known(folder, files)
    if known is not None and len(known.kept.files) == len(files):
        return LedgerFolder(index=known.index(), names=known.names, kept=known.kept)
    with alone(folder):
        known = _known(folder, files)  # another process may have read the new files meanwhile
        if known is None:
            return _read_all(folder, files)
        return _read_more(folder, known, [each for each in files if each not in known.kept.files])


def _known(folder: Path, files: list[LedgerFile]) -> Loaded | None:
    """What is kept, unless it tells of other files than those that are there, or was damaged."""
    kept = read_manifest(folder)
    if kept is None or not _only_added(kept, files):
        return None
    try:
        return load(folder, kept)
    except (OSError, KeyError, ValueError):  # damaged, or renewed and cleared by another process meanwhile
        return None


def _only_added(kept: Kept, files: list[LedgerFile]) -> bool:
    """Whether all files that were read are there as they were, and what is new are transfers."""
    return set(kept.files) <= set(files) and all(each in kept.files or each.name != ACCOUNTS for each in files)


def _read_all(folder: Path, files: list[LedgerFile]) -> LedgerFolder:
    names = Names.none()
    moved = [each for each in files if each.name != ACCOUNTS]
    transfers, counts = read_transfers(folder, names, [each.name for each in moved])
    known, fen, ends = read_accounts(folder, names)
    opening, is_end = np.zeros(len(names), np.int64), np.zeros(len(names), np.bool_)
    opening[known], is_end[known] = fen, ends
    index = build_index(transfers, len(names), opening_fen=opening, is_end=is_end)
    others = tuple(each for each in files if each.name == ACCOUNTS)
    covered = dict(zip(moved, counts, strict=True)) | dict.fromkeys(others, 0)
    return LedgerFolder(index=index, names=names, kept=keep(folder, index, names, covered))


def _read_more(folder: Path, known: Loaded, new: list[LedgerFile]) -> LedgerFolder:
    names = known.names
    more, counts = read_transfers(folder, names, [each.name for each in new])
    longer, covered = known.index(more), dict(zip(new, counts, strict=True))
    if len(longer.appended) > COMPACT_BEYOND * len(longer.transfers):
        longer = compact(longer)
        whole = dict(zip(known.kept.files, known.kept.rows, strict=True)) | covered
        return LedgerFolder(index=longer, names=names, kept=keep(folder, longer, names, whole))
    return LedgerFolder(index=longer, names=names, kept=keep_more(folder, known, more, covered))
