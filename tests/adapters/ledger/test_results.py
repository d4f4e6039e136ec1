"""Arrays and texts come back as they were."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from fanzha.adapters.ledger.results import read_arrays, write_arrays
from fanzha.kernel.errors import Broken

KEY = bytes(32)
DTYPES = st.sampled_from(["int8", "uint8", "int32", "int64", "uint64", "uint16", "float64", "bool"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=9))
)
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=9)


@settings(deadline=None, max_examples=60)
@given(values=st.dictionaries(st.text("abc_", min_size=1), ARRAYS | TEXTS, max_size=6))
def test_values_come_back(values: dict[str, NDArray[np.generic] | list[str]]) -> None:
    with TemporaryDirectory() as folder:
        write_arrays(Path(folder) / "result", KEY, values)
        found = read_arrays(Path(folder) / "result", KEY)
    assert list(found) == list(values)
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            again = found[name]
            assert isinstance(again, np.ndarray)
            assert again.dtype == value.dtype
            np.testing.assert_array_equal(again, value)
        else:
            assert found[name] == value


def test_a_damaged_result_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result"
    write_arrays(path, KEY, {"fen": np.arange(1000)})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Broken, match=r"ledger\.damaged"):
        read_arrays(path, KEY)
