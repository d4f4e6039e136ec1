"""The Parquet files of a ledger folder: which they are, whether they are what they should be, and their rows."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fanzha.adapters.ledger_folder.names import Names
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.money import MAX_FEN
from fanzha.tracing.follow.flow_index import Transfers

ACCOUNTS = "accounts.parquet"
"""The one file that is no transfers: what accounts held before their first row, and which are ends."""

ROWS_AT_ONCE = 1 << 19
MOST_FOOTER = 1 << 26
SHANGHAI_S = 8 * 3_600
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
COLUMNS = ("payer", "payee", "amount_fen", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFile:
    """A file as it lies in the folder; one that looks otherwise than before is another file.

    `footer`: a hash of the file's own table of contents; empty where it has none.
    """

    name: str
    size: int
    modified_ns: int
    footer: str


def ledger_files(folder: Path) -> list[LedgerFile]:
    """The Parquet files of a folder by name; `NotFound` when there is no folder, `Invalid` when it holds none."""
    if not folder.is_dir():
        raise NotFound("ledger_folder.no_folder", folder=folder.name)
    found = sorted(path for path in folder.glob("*.parquet") if path.is_file())
    if not any(path.name != ACCOUNTS for path in found):
        raise Invalid("ledger_folder.empty", folder=folder.name)
    return [_as_it_lies(path) for path in found]


def _as_it_lies(path: Path) -> LedgerFile:
    told = path.stat()
    return LedgerFile(name=path.name, size=told.st_size, modified_ns=told.st_mtime_ns, footer=_footer(path))


def _footer(path: Path) -> str:
    """A hash of what Parquet writes last: where every column lies, its sums and extremes."""
    try:
        with path.open("rb") as file:
            file.seek(-8, os.SEEK_END)
            length = int.from_bytes(file.read(4), "little")
            file.seek(-8 - length, os.SEEK_END)
            return hashlib.sha256(file.read(min(length, MOST_FOOTER))).hexdigest()
    except OSError:  # too short, or not to be read: what is wrong is said when its rows are read
        return ""


def read_transfers(folder: Path, names: Names, files: list[str]) -> tuple[Transfers, list[int]]:
    """The rows of these files in their order, with the numbers of their accounts; and each file's count of rows.

    `Invalid` with file, and row or column, for what is no ledger. Memory: the answer and half a million rows.
    """
    opened = [_opened(folder / name) for name in files]
    counts = [file.metadata.num_rows for file in opened]
    whole = sum(counts)
    found = Transfers(
        payer=np.empty(whole, np.int32),
        payee=np.empty(whole, np.int32),
        amount_fen=np.empty(whole, np.int64),
        at_s=np.empty(whole, np.int64),
    )
    begin = 0
    for name, file in zip(files, opened, strict=True):
        first = begin
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(COLUMNS)):
            end = begin + len(batch)
            found.payer[begin:end] = names.add(_text(batch["payer"]))
            found.payee[begin:end] = names.add(_text(batch["payee"]))
            found.amount_fen[begin:end] = _amounts(batch["amount_fen"], name, begin - first)
            found.at_s[begin:end] = _seconds(batch["at"], name, begin - first)
            begin = end
        file.close()
    return found, counts


def read_accounts(folder: Path, names: Names) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Of the accounts that `accounts.parquet` tells of: numbers, opening fen (0: not told), whether they are ends."""
    path = folder / ACCOUNTS
    if not path.exists():
        return np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.bool_)
    table = _table(path)
    told = table.schema.names
    _check(ACCOUNTS, table.schema, {"account": _is_text})
    numbers = [names.add(_text(chunk)) for chunk in table["account"].chunks]
    opening = table["opening_fen"] if "opening_fen" in told else pa.nulls(len(table), pa.int64())
    ends = table["is_end"] if "is_end" in told else pa.nulls(len(table), pa.bool_())
    for column, kind in ((opening, pa.int64()), (ends, pa.bool_())):
        if column.type != kind:
            name = "opening_fen" if column is opening else "is_end"
            raise Invalid("ledger_folder.wrong_type", file=ACCOUNTS, column=name, type=str(column.type))
    fen = opening.fill_null(0).to_numpy()
    _refuse(ACCOUNTS, (fen < 0) | (fen > MAX_FEN), 0)
    return np.concatenate([np.empty(0, np.int32), *numbers]), fen, _booleans(ends)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise Invalid("ledger_folder.no_parquet", file=path.name) from None
    wanted = {"payer": _is_text, "payee": _is_text, "amount_fen": pa.types.is_int64, "at": pa.types.is_timestamp}
    _check(path.name, file.schema_arrow, wanted)
    return file


def _table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        raise Invalid("ledger_folder.no_parquet", file=path.name) from None


def _check(file: str, schema: pa.Schema, wanted: dict[str, Any]) -> None:
    for column, is_right in wanted.items():
        if column not in schema.names:
            raise Invalid("ledger_folder.no_column", file=file, column=column, there=", ".join(schema.names))
        found = schema.field(column).type
        if not is_right(found):
            raise Invalid("ledger_folder.wrong_type", file=file, column=column, type=str(found))


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _text(column: pa.Array) -> pa.Array:
    return column.cast(pa.large_string())


def _amounts(column: pa.Array, file: str, before: int) -> NDArray[np.int64]:
    fen = _whole_numbers(column.fill_null(0))
    _refuse(file, (fen <= 0) | (fen > MAX_FEN), before)
    return fen


def _whole_numbers(column: pa.Array) -> NDArray[np.int64]:
    """A column of 64 bits as it lies in memory; `to_numpy` would load pandas first."""
    return np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column)]


def _refuse(file: str, wrong: NDArray[np.bool_], before: int) -> None:
    if wrong.any():
        raise Invalid("ledger_folder.bad_amount", file=file, row=before + int(np.argmax(wrong)) + 1)


def _seconds(column: pa.Array, file: str, before: int) -> NDArray[np.int64]:
    """Whole seconds of UTC; a time without a zone is Beijing's."""
    if column.null_count:
        raise Invalid("ledger_folder.no_time", file=file, row=before + pc.index(column.is_null(), True).as_py() + 1)
    whole = _whole_numbers(column) // _A_SECOND[column.type.unit]
    seconds: NDArray[np.int64] = whole if column.type.tz else whole - SHANGHAI_S
    return seconds


def _booleans(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = column.fill_null(False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return found
