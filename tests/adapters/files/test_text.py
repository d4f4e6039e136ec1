"""Text files: encodings, delimiters, quotes, row numbers, damage."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanzha.adapters.files.delimited import decide_layout
from fanzha.records.statements.sheet import ROWS_PER_BATCH
from tests.adapters.files.reading import read, read_bytes

HEADER = ["交易卡号", "交易户名", "交易金额", "摘要说明"]
ROWS = [[f"99999900000000{n:05d}", f"测试·甲{n}", f"{n}.50", "转账汇款"] for n in range(40)]
TEXT = "\r\n".join(",".join(row) for row in [HEADER, *ROWS]) + "\r\n"


@pytest.mark.parametrize(
    ("mark", "codec", "shown"),
    [
        (b"", "gb18030", "gb18030"),
        (b"", "gbk", "gb18030"),
        (b"", "utf-8", "utf-8"),
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (b"", "utf-16-le", "utf-16"),
        (b"", "utf-16-be", "utf-16"),
    ],
)
def test_every_encoding_gives_the_same_rows(tmp_path: Path, mark: bytes, codec: str, shown: str) -> None:
    found = read_bytes(tmp_path, mark + TEXT.encode(codec))
    assert found.only() == [HEADER, *ROWS]
    assert found.only_numbers() == list(range(1, 42))
    assert found.encodings == {"detail.csv": shown}
    assert found.faults == []


def test_a_long_ascii_head_does_not_decide_the_encoding(tmp_path: Path) -> None:
    content = b"9999,1.00,ok\n" * 60_000 + "9999,2.00,转账汇款\n".encode("gb18030") * 60_000
    found = read_bytes(tmp_path, content)
    assert found.encodings == {"detail.csv": "gb18030"}
    assert found.only()[-1] == ["9999", "2.00", "转账汇款"]


@pytest.mark.parametrize(("main", "strange"), [("gb18030", "utf-8"), ("utf-8", "gb18030")])
def test_lines_in_the_other_encoding_are_read_in_it(tmp_path: Path, main: str, strange: str) -> None:
    lines = [",".join(row) + "\n" for row in [HEADER, *ROWS]]
    content = b"".join(line.encode(strange if n in (7, 20) else main) for n, line in enumerate(lines, 1))
    found = read_bytes(tmp_path, content)
    assert found.only() == [HEADER, *ROWS]
    (note,) = found.faults
    assert (note.code, note.fields, note.lost) == ("files.mixed_encodings", {"rows": 2, "first": 7}, False)


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "utf-16-le"])
def test_a_line_in_no_encoding_is_a_fault_with_its_row_and_the_rest_is_read(tmp_path: Path, codec: str) -> None:
    lines = [(",".join(row) + "\n").encode(codec) for row in [HEADER, *ROWS]]
    broken = b"\x00\xd8" if codec == "utf-16-le" else b"6222\xff\xff\xff99,\xfe\xfe"
    lines[9] = broken + "\n".encode(codec)
    found = read_bytes(tmp_path, b"".join(lines))
    assert found.only() == [HEADER, *ROWS[:8], *ROWS[9:]]
    assert found.only_row_faults() == [(10, "undecodable")]
    assert found.only_numbers() == [*range(1, 10), *range(11, 42)]


@pytest.mark.parametrize(("codec", "cut"), [("gb18030", 1), ("utf-8", 1), ("utf-8", 2)])
def test_half_a_character_at_a_cells_end_keeps_the_row(tmp_path: Path, codec: str, cut: int) -> None:
    lines = [(",".join(row) + "\n").encode(codec) for row in [HEADER, *ROWS]]
    lines[3] = "999999,测试·乙,1.00,转账汇款".encode(codec)[:-cut] + b"\n"
    lines[4] = "999999,测试·乙".encode(codec)[:-cut] + ",1.00,转账\n".encode(codec)
    found = read_bytes(tmp_path, b"".join(lines))
    assert found.only()[3] == ["999999", "测试·乙", "1.00", "转账汇\ufffd"]
    assert found.only()[4] == ["999999", "测试·\ufffd", "1.00", "转账"]
    assert found.only_row_faults() == []
    assert found.codes() == {"detail.csv": "files.cut_characters"}


def test_a_file_whose_texts_are_mostly_cut_is_still_gb18030(tmp_path: Path) -> None:
    content = b"".join("9999,1.00,测试转账汇款".encode("gb18030")[:-1] + b",end\n" for _ in range(50))
    found = read_bytes(tmp_path, content)
    assert found.only()[7] == ["9999", "1.00", "测试转账汇\ufffd", "end"]


def test_nul_bytes_are_taken_out_and_told(tmp_path: Path) -> None:
    content = TEXT.encode("gb18030").replace(b"7.50", b"\x007.50\x00\x00")
    found = read_bytes(tmp_path, content)
    assert found.only() == [HEADER, *ROWS]
    (note,) = found.faults
    assert (note.code, note.fields) == ("files.nul_bytes", {"rows": 4, "first": 9})


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", ",", "\x01"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "".join(delimiter.join(row) + "\n" for row in [HEADER, *ROWS])
    assert read_bytes(tmp_path, text.encode("gb18030")).only() == [HEADER, *ROWS]


def test_tabs_glued_to_numbers_and_commas_in_amounts_do_not_deceive() -> None:
    glued = "\t9999,\t测试·甲,\t1.00,a;b|c,2024-01-02\n"
    assert decide_layout(glued * 30).delimiter == ","
    amounts = "".join(f"9999\t测试·甲\t{n},234,567.00\t{n},000.00\n" for n in range(30))
    assert decide_layout(amounts).delimiter == "\t"
    preamble = "查询结果,单位:元\n\n客户:测试·甲\n" + "a|b|c|d\n" * 10
    assert decide_layout(preamble).delimiter == "|"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_and_numbers_of_physical_lines(tmp_path: Path, end: str) -> None:
    found = read_bytes(tmp_path, end.join(["a,b", "", '"x', 'y",z', "c,d"]).encode())
    assert found.only() == [["a", "b"], ["x\ny", "z"], ["c", "d"]]
    assert found.only_numbers() == [1, 3, 5]


def test_dirt_glued_to_cells_comes_through_as_it_is(tmp_path: Path) -> None:
    lines = ["\t6222", "'6222", '="6222"', " 6222 ", '"1,234.50"', '"say ""yes"""']
    found = read_bytes(tmp_path, (",".join(lines) + "\n").encode() * 3)
    assert found.only()[0] == ["\t6222", "'6222", '="6222"', " 6222 ", "1,234.50", 'say "yes"']


def test_a_truncated_last_line_comes_through_ragged(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TEXT.encode("gb18030")[:-20])
    assert found.only()[:-1] == [HEADER, *ROWS[:-1]]
    assert len(found.only()[-1]) < len(HEADER)


@pytest.mark.parametrize("stray", [[5], [5, 9], [5, 6, 7], [40], [2, 40]])
def test_a_stray_quote_swallows_no_rows(tmp_path: Path, stray: list[int]) -> None:
    lines = [",".join(row) for row in [HEADER, *ROWS]]
    for number in stray:
        lines[number] = lines[number].replace("测试", '"测试')
    found = read_bytes(tmp_path, "\n".join(lines).encode())
    assert found.only_numbers() == list(range(1, 42))
    assert [len(row) for row in found.only()] == [4] * 41
    assert [row[0] for row in found.only()] == [row[0] for row in [HEADER, *ROWS]]
    assert found.only()[stray[0]][1].strip('"') == ROWS[stray[0] - 1][1]


def test_a_stray_quote_does_not_unquote_its_neighbours_cells(tmp_path: Path) -> None:
    lines = ['9999,"1,234.50",ok,x'] * 10
    lines[4] = '9999,"1,234.50",ok,"x'
    found = read_bytes(tmp_path, "\n".join(lines).encode())
    assert [row[1] for row in found.only()] == ["1,234.50"] * 10


def test_a_stray_quote_in_a_long_file_costs_one_row_at_most(tmp_path: Path) -> None:
    lines = [f"9999990000{n:06d},测试·甲,{n}.00,转账,2024-01-02 03:04:05" for n in range(120_000)]
    for number in (10, 50_000, 119_998):
        lines[number] = lines[number].replace("转账", '"转账')
    found = read_bytes(tmp_path, "\n".join(lines).encode("gb18030"))
    assert found.only_numbers() == list(range(1, 120_001))
    assert [row[2] for row in found.only()] == [f"{n}.00" for n in range(120_000)]


def test_a_file_of_stray_quotes_is_read_line_by_line_in_good_time(tmp_path: Path) -> None:
    content = b"".join(b'9999,"x,%d,y\n' % n for n in range(100_001))
    found = read_bytes(tmp_path, content)
    assert found.only_numbers() == list(range(1, 100_002))


def test_quoted_records_over_lines_survive_the_edges_of_blocks(tmp_path: Path) -> None:
    row = 'a,b,"first\nsecond, third",d\n'
    count = 3 * 2**20 // len(row)
    found = read_bytes(tmp_path, row.encode() * count)
    assert found.only() == [["a", "b", "first\nsecond, third", "d"]] * count
    assert found.only_numbers() == list(range(1, 2 * count, 2))


def test_rows_come_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"".join(b"%d,x\n" % n for n in range(ROWS_PER_BATCH * 2 + 5)))
    from fanzha.adapters.files.reader import FileReader

    with FileReader() as reader:
        (leaf,) = reader.leaves(path)
        (sheet,) = reader.sheets(leaf)
        assert [len(batch.rows) for batch in sheet.batches] == [ROWS_PER_BATCH, ROWS_PER_BATCH, 5]


def test_numbers_stay_exact_beside_lines_that_are_too_long(tmp_path: Path) -> None:
    lines = [b"a,b", b"c," + b"x" * 40_000, b"d," + b"y" * (9 * 2**20), b"e,f"]
    found = read_bytes(tmp_path, b"\n".join(lines))
    assert found.only() == [["a", "b"], ["e", "f"]]
    assert found.only_numbers() == [1, 4]
    assert found.only_row_faults() == [(2, "too_long"), (3, "too_long")]


def test_one_line_of_too_many_columns_is_a_fault_of_its_own(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, b"a,b\n" * 3000 + b"," * 5000 + b"\na,b\n")
    assert len(found.only()) == 3001
    assert found.only_row_faults() == [(3001, "too_many_columns")]


CELL = st.text(
    st.characters(codec="gb18030", exclude_characters="\r\n\x00", exclude_categories=("Cs", "Cc")), max_size=8
)
TABLE = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=12)


@given(table=TABLE, codec=st.sampled_from(["utf-8", "utf-16-le"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_spreadsheet_saved_is_what_is_read(tmp_path: Path, table: list[list[str]], codec: str) -> None:
    marks = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE}
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in ["row", *row]) + "\n" for row in table)
    found = read_bytes(tmp_path, marks[codec] + text.encode(codec))
    assert found.only() == [["row", *row] for row in table]


def test_a_plain_file_is_itself_the_leaf(tmp_path: Path) -> None:
    import hashlib

    from fanzha.adapters.files.reader import FileReader

    path = tmp_path / "流水.csv"
    path.write_bytes(TEXT.encode("gb18030"))
    with FileReader() as reader:
        (leaf,) = reader.leaves(path)
    assert leaf.path_in_package == "流水.csv"
    assert leaf.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert leaf.size == path.stat().st_size
    assert list(read(path).rows) == ["流水.csv"]
