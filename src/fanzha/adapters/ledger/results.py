"""Named arrays and text lists ⇄ one sealed Arrow file: what a computation found, kept beside its evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fanzha.adapters.ledger.sealed import Sealed, SealedWriter, open_sealed

Value = NDArray[np.generic] | Sequence[str]
"""A numeric or boolean array of any shape, or a list of texts."""

SMALL_BYTES = 1 << 20
"""What is no larger is packed and unpacked at once and in this thread: arrow's pool of threads costs more than that."""

_SHAPES = b"fanzha.shapes"
_ALONE = pa.ipc.IpcReadOptions(use_threads=False)


def write_arrays(path: Path, key: bytes, values: Mapping[str, Value]) -> Sealed:
    """Seal the named values as one Arrow file of one row, a list a name; replaces what lay there."""
    shapes: dict[str, object] = {}
    columns = []
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            shapes[name] = [value.dtype.str, list(value.shape)]
            flat = value.reshape(-1)
            cells = pa.array(flat.view(np.uint8) if flat.dtype == np.bool_ else flat)
        else:
            cells = pa.array(value, pa.large_string())
        columns.append(pa.LargeListArray.from_arrays(pa.array([0, len(cells)], pa.int64()), cells))
    batch = pa.RecordBatch.from_arrays(columns, names=list(values))
    batch = batch.replace_schema_metadata({_SHAPES: json.dumps(shapes)})
    with SealedWriter(path.parent, key) as out:
        if batch.nbytes <= SMALL_BYTES:
            gathered = pa.BufferOutputStream()
            _write(gathered, batch, pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False))
            out.write(gathered.getvalue())
        else:
            _write(pa.PythonFile(out, "w"), batch, pa.ipc.IpcWriteOptions(compression="lz4"))
        return out.publish(path.name)


def _write(where: pa.NativeFile, batch: pa.RecordBatch, options: pa.ipc.IpcWriteOptions) -> None:
    with pa.ipc.new_file(where, batch.schema, options=options) as file:
        file.write_batch(batch)


def read_arrays(path: Path, key: bytes) -> dict[str, NDArray[np.generic] | list[str]]:
    """The values as they were written: arrays with their dtype and shape (read-only), texts as lists."""
    with open_sealed(path, key) as source:
        if source.size() <= SMALL_BYTES:
            batch = pa.ipc.open_file(pa.BufferReader(source.read()), options=_ALONE).get_batch(0)
        else:
            batch = pa.ipc.open_file(pa.PythonFile(source, "r")).get_batch(0)
    shapes = json.loads(batch.schema.metadata[_SHAPES])
    found: dict[str, NDArray[np.generic] | list[str]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if name in shapes:
            dtype, shape = shapes[name]
            found[name] = column.values.to_numpy().view(np.dtype(dtype)).reshape(shape)
        else:
            found[name] = column.values.to_pylist()
    return found
