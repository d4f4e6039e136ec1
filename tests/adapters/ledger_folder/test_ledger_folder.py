"""A folder of Parquet files is read once, kept, and renewed; what is no ledger is told by file, row and column."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.ledger_folder import kept_index
from fanzha.adapters.ledger_folder import ledger_folder as opening
from fanzha.adapters.ledger_folder.ledger_folder import LedgerFolder, open_ledger
from fanzha.adapters.ledger_folder.names import Names
from fanzha.adapters.ledger_folder.transfer_files import read_transfers
from fanzha.kernel.errors import FanzhaError, Invalid, NotFound
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Question

BEGIN = datetime(2026, 3, 1, 1, tzinfo=UTC)
Row = tuple[str | None, str | None, int, int]
SCHEMA = {"payer": pa.string(), "payee": pa.string(), "amount_fen": pa.int64(), "at": pa.timestamp("us", tz="UTC")}


def write(path: Path, rows: list[Row], **changed: Any) -> None:
    """A file of transfers: payer, payee, fen, minutes after the beginning; `changed` columns by name, None for none."""
    columns = {
        "payer": pa.array([row[0] for row in rows], pa.string()),
        "payee": pa.array([row[1] for row in rows], pa.string()),
        "amount_fen": pa.array([row[2] for row in rows], pa.int64()),
        "at": pa.array([BEGIN + timedelta(minutes=row[3]) for row in rows], SCHEMA["at"]),
    } | changed
    pq.write_table(pa.table({name: column for name, column in columns.items() if column is not None}), path)


def held(ledger: LedgerFolder, file: str, row: int) -> dict[str, int]:
    found = trace_forward(ledger.index, Question(starts=(ledger.transfer(file, row),), floor_fen=1)).held
    return {ledger.names[a]: fen for a, fen in zip(found.account.tolist(), found.fen.tolist(), strict=True)}


FIRST: list[Row] = [("victim", "测试·甲", 900, 0), ("测试·甲", "b", 500, 10)]


def test_new_files_are_seen_at_the_next_opening_late_rows_and_new_accounts_included(tmp_path: Path) -> None:
    write(tmp_path / "2026-03.parquet", FIRST)
    assert held(open_ledger(tmp_path), "2026-03.parquet", 1) == {"测试·甲": 400, "b": 500}

    write(tmp_path / "2026-02.parquet", [("测试·甲", "c", 300, 5), (None, "测试·甲", 10**12, 30)])
    again = open_ledger(tmp_path)
    assert held(again, "2026-03.parquet", 1) == {"测试·甲": 100, "b": 500, "c": 300}
    assert [again.place(number) for number in range(4)] == [
        ("2026-03.parquet", 1), ("2026-03.parquet", 2), ("2026-02.parquet", 1), ("2026-02.parquet", 2),
    ]  # fmt: skip
    assert held(open_ledger(tmp_path), "2026-03.parquet", 1) == held(again, "2026-03.parquet", 1)


def test_what_was_read_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.parquet", FIRST * 40)
    open_ledger(tmp_path)
    read: list[list[str]] = []
    whole = read_transfers

    def watched(folder: Path, names: Names, files: list[str]) -> Any:
        read.append(files)
        return whole(folder, names, files)

    monkeypatch.setattr(opening, "read_transfers", watched)
    write(tmp_path / "b.parquet", [("b", "c", 5, 20)])
    assert len(open_ledger(tmp_path).index.appended) == 1
    open_ledger(tmp_path)
    assert read == [["b.parquet"]]


def test_a_changed_or_vanished_file_is_believed(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", FIRST)
    write(tmp_path / "b.parquet", [("测试·甲", "c", 100, 20)])
    open_ledger(tmp_path)
    (tmp_path / "b.parquet").unlink()
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 400, "b": 500}
    write(tmp_path / "a.parquet", [FIRST[0]])
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 900}


def test_a_file_that_only_looks_unchanged_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", FIRST)
    open_ledger(tmp_path)
    before = (tmp_path / "a.parquet").stat()
    write(tmp_path / "a.parquet", [FIRST[0], ("测试·甲", "b", 700, 10)])
    os.utime(tmp_path / "a.parquet", ns=(before.st_atime_ns, before.st_mtime_ns))

    assert (tmp_path / "a.parquet").stat().st_size == before.st_size
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 200, "b": 700}


@pytest.mark.parametrize("most_parts", [1, 3, 32])
def test_a_ledger_that_grew_file_by_file_is_the_one_that_was_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_parts: int
) -> None:
    monkeypatch.setattr(kept_index, "MOST_PARTS", most_parts)
    rng = np.random.default_rng(2)
    grown, whole = tmp_path / "grown", tmp_path / "whole"
    for folder in (grown, whole):
        folder.mkdir()
    sizes = [9_000, 300, 1, 40, 200, 300]
    for file, size in enumerate(sizes):
        parties = rng.integers(0, 400 + 900 * file, (size, 2))
        minutes = rng.integers(0, 3_000, size) + 2_500 * file - (rng.random(size) < 0.1) * 2_000
        rows: list[Row] = [(f"测{a}", f"测{b}", int(fen), int(at)) for (a, b), fen, at in zip(
            parties.tolist(), rng.integers(1, 10**6, size), minutes, strict=True
        )]  # fmt: skip
        for folder in (grown, whole):
            write(folder / f"{file}.parquet", rows)
        ledger = open_ledger(grown)
    at_once, again = open_ledger(whole), open_ledger(grown)

    assert len(again.kept.parts) <= most_parts + 1 and len(again.index.appended) == sum(sizes[1:])
    told = [path.name for path in (grown / ".fanzha-index").iterdir() if path.is_dir()]
    assert sorted(told) == sorted([again.kept.base, *again.kept.parts])
    for file, size in enumerate(sizes):
        for row in range(1, size, max(1, size // 9)):
            expected = held(at_once, f"{file}.parquet", row)
            assert held(ledger, f"{file}.parquet", row) == held(again, f"{file}.parquet", row) == expected


def test_what_a_crash_left_half_written_is_not_believed_and_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.parquet", FIRST * 40)
    open_ledger(tmp_path)
    write(tmp_path / "b.parquet", [("测试·甲", "c", 100, 20)])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            open_ledger(tmp_path)

    ledger = open_ledger(tmp_path)
    assert len(ledger.index) == 81 and ledger.place(80) == ("b.parquet", 1)
    told = [path.name for path in (tmp_path / ".fanzha-index").iterdir() if path.is_dir()]
    assert sorted(told) == sorted([ledger.kept.base, *ledger.kept.parts])


def crash(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("lost", ["start.npy", "events.npy", "manifest.json"])
def test_an_index_that_was_damaged_is_made_anew(tmp_path: Path, lost: str) -> None:
    write(tmp_path / "a.parquet", FIRST)
    open_ledger(tmp_path)
    (damaged,) = (tmp_path / ".fanzha-index").rglob(lost)
    damaged.write_bytes(damaged.read_bytes()[:20])
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 400, "b": 500}
    damaged.unlink(missing_ok=True)
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 400, "b": 500}


def test_accounts_tell_what_lay_there_and_where_money_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", [*FIRST, ("b", "c", 500, 30)])
    accounts = {"account": ["测试·甲", "b", "nobody here"], "opening_fen": [500, None, 3], "is_end": [None, True, None]}
    pq.write_table(pa.table(accounts), tmp_path / "accounts.parquet")

    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 900}
    pq.write_table(pa.table({"account": ["b"], "is_end": [True]}), tmp_path / "accounts.parquet")
    assert held(open_ledger(tmp_path), "a.parquet", 1) == {"测试·甲": 400}


def test_a_time_without_a_zone_is_beijings(tmp_path: Path) -> None:
    naive = [datetime(2026, 3, 1, 9), datetime(2026, 3, 1, 9, 10)]  # noqa: DTZ001
    write(tmp_path / "a.parquet", FIRST)
    write(tmp_path / "b.parquet", FIRST, at=pa.array(naive, pa.timestamp("ms")))
    at_s = open_ledger(tmp_path).index.transfers.at_s.tolist()
    assert at_s[:2] == at_s[2:]


@pytest.mark.parametrize(
    ("changed", "code", "fields"),
    [
        ({"payee": None}, "no_column", {"column": "payee"}),
        ({"payer": pa.array([1, 2])}, "wrong_type", {"column": "payer", "type": "int64"}),
        ({"amount_fen": pa.array([1.5, 2.0])}, "wrong_type", {"column": "amount_fen", "type": "double"}),
        ({"at": pa.array(["2026-03-01", ""])}, "wrong_type", {"column": "at", "type": "string"}),
        ({"amount_fen": pa.array([5, -7])}, "bad_amount", {"row": 2}),
        ({"amount_fen": pa.array([5, 10**15 + 1])}, "bad_amount", {"row": 2}),
        ({"amount_fen": pa.array([None, 5], pa.int64())}, "bad_amount", {"row": 1}),
        ({"at": pa.array([BEGIN, None], SCHEMA["at"])}, "no_time", {"row": 2}),
    ],
)
def test_what_is_no_ledger_is_told_with_its_place(
    tmp_path: Path, changed: dict[str, Any], code: str, fields: dict[str, object]
) -> None:
    write(tmp_path / "bad.parquet", FIRST, **changed)

    with pytest.raises(Invalid) as failure:
        open_ledger(tmp_path)
    assert failure.value.code == f"ledger_folder.{code}"
    assert {"file": "bad.parquet", **fields}.items() <= failure.value.fields.items()


def test_no_folder_no_files_and_damaged_files_are_told(tmp_path: Path) -> None:
    def code(folder: Path) -> str:
        with pytest.raises(FanzhaError) as failure:
            open_ledger(folder)
        return failure.value.code

    assert code(tmp_path / "none") == "ledger_folder.no_folder"
    assert code(tmp_path) == "ledger_folder.empty"
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and then nothing")
    assert code(tmp_path) == "ledger_folder.no_parquet"


def test_a_row_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", FIRST)
    ledger = open_ledger(tmp_path)
    for file, row in (("a.parquet", 3), ("a.parquet", 0), ("b.parquet", 1)):
        with pytest.raises(NotFound):
            ledger.transfer(file, row)


@given(
    columns=st.lists(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=30), max_size=4),
    spare=st.sampled_from([0, 1, 50]),
)
@settings(deadline=None, max_examples=60)
def test_names_are_numbered_by_their_first_appearance_and_found_again(
    columns: list[list[str | None]], spare: int
) -> None:
    names, told = Names.none(), [text for column in columns for text in column]
    numbers = [names.add(pa.array(column, pa.large_string())).tolist() for column in columns]
    expected = {text: number for number, text in enumerate(dict.fromkeys(text for text in told if text))}

    assert [each for column in numbers for each in column] == [expected.get(text, -1) if text else -1 for text in told]
    written = {name: array.copy() for name, array in names.arrays(spare).items()}
    again = Names.kept({name: array.copy() for name, array in written.items()}, len(names))
    assert again.number("nobody has so long a name") == -1
    new = [f"nobody had the name {number}" for number in range(3)]
    again.add(pa.array(new, pa.large_string()))
    once_more = Names.kept(written, len(names))
    once_more.take(*again.since(len(names)).values())
    for each in (again, once_more):
        assert [each[number] for number in range(len(each))] == [*expected, *new]
        assert all(each.number(text) == number for number, text in enumerate([*expected, *new]))


def test_many_names_keep_their_numbers_while_the_table_grows() -> None:
    names = Names.none()
    texts = [f"99{number:07}" for number in range(30_000)]
    for begin in range(0, len(texts), 700):
        names.add(pa.array(texts[: begin + 700][-1_400:], pa.large_string()))
    assert [names[number] for number in range(len(names))] == texts
    assert names.add(pa.array(texts, pa.large_string())).tolist() == np.arange(len(texts)).tolist()
