"""Plain blocks taken apart as columns read exactly as CSV's rules read them."""

import csv
import io

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.adapters.files.splitting import split_plain
from fanzha.records.statements.cells import Cells

LINES = st.lists(
    st.lists(st.sampled_from(["a", '"', '""', "测试", ",", " ", "'", "\t", "1.00", '"1,234.00"']), max_size=6).map(
        "".join
    ),
    min_size=1,
    max_size=4,
)


def taken_apart(text: str, delimiter: str, width: int, cell_bytes: int) -> Cells | None:
    raw = np.frombuffer(text.encode(), np.uint8)
    return split_plain(raw, text.count("\n"), delimiter, width, cell_bytes)


def as_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="\n")))


@given(lines=LINES, width=st.integers(2, 4))
@example(lines=['a,"b"c', "d,e"], width=2)
@example(lines=['a,"b', 'c",d'], width=2)
@example(lines=['a,b"', 'c,"d"'], width=2)
@example(lines=["", "a,b"], width=2)
@settings(deadline=None)
def test_plain_rows_are_what_csv_reads(lines: list[str], width: int) -> None:
    text = "".join(f"{line}\n" for line in lines)

    found = taken_apart(text, ",", width, 100)

    if found is not None:
        assert [*found] == as_csv(text)
        assert found.width == width


def test_everyday_lines_are_plain() -> None:
    text = '甲,"1,234.00",\n乙,2,"b"\n'

    found = taken_apart(text, ",", 3, 100)

    assert found is not None
    assert [*found] == [["甲", "1,234.00", ""], ["乙", "2", "b"]]
    assert found[1] == ["乙", "2", "b"]
    assert [*found[1:]] == [["乙", "2", "b"]]


def test_what_is_not_plain_is_left_to_the_careful_way() -> None:
    for text in ("a,b,c\n", "a\n", 'a,"b""c"\n', 'a,"b\n', "a,b", "a,b\n\n", f"a,{'b' * 101}\n"):
        assert taken_apart(text, ",", 2, 100) is None, text
    assert taken_apart("a，b\n", "，", 2, 100) is None
