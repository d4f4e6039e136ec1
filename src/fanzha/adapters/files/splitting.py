"""Plain blocks of delimited text become columns at once; whatever is not plain is left to the careful way."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fanzha.adapters.files import splitting_kernels
from fanzha.records.statements.cells import Cells

_ASCII = 128


def split_plain(raw: NDArray[np.uint8], lines: int, delimiter: str, width: int, cell_bytes: int) -> Cells | None:
    """The rows of so many whole lines in UTF-8, or None unless each has `width` cells that CSV reads in only one way.

    Cells longer than `cell_bytes` are not plain either.
    """
    if width < 2 or ord(delimiter) >= _ASCII:
        return None
    shape = (lines, width)
    starts, ends = np.empty(shape, np.int32), np.empty(shape, np.int32)
    if not splitting_kernels.find_cells(raw, ord(delimiter), starts, ends):
        return None
    offsets, laid = np.empty((width, shape[0] + 1), np.int32), np.empty(len(raw), np.uint8)
    if splitting_kernels.lay_out(raw, starts, ends, offsets, laid) > cell_bytes:
        return None
    data = pa.py_buffer(laid)
    return Cells([pa.StringArray.from_buffers(shape[0], pa.py_buffer(each), data) for each in offsets])
