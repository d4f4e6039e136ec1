"""Answers for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.apps.cli.output import (
    FORMULA,
    Format,
    Progress,
    Row,
    give,
    give_file,
    give_one,
    readable,
    require_place,
    writable,
)
from fanzha.kernel.errors import Invalid

ROWS: list[dict[str, object]] = [
    {"state": "测试·甲", "held_fen": 175_000_000, "at": datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "ok": True},
    {"state": "=1+1", "held_fen": -5, "at": None, "ok": False},
]
COLUMNS = ("state", "held_fen", "at", "ok")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words in English, and the headings that this page expects whatever the catalogue gains."""
    monkeypatch.setenv("FANZHA_LANG", "en")
    monkeypatch.setattr("fanzha.apps.cli.output.heading", lambda key: {"state": "State"}.get(key, key))


def written(form: Format, rows: list[dict[str, object]] = ROWS) -> str:
    """What `give` writes."""
    page = io.StringIO(newline="")
    give(rows, COLUMNS, form, page)
    return page.getvalue()


def test_json_carries_integers_and_offsets() -> None:
    first, second = json.loads(written(Format.JSON))
    assert first == {"state": "测试·甲", "held_fen": 175_000_000, "at": "2026-03-02T09:30:00+08:00", "ok": True}
    assert second["at"] is None
    assert json.loads(written(Format.JSON, [])) == []


def test_csv_keeps_numbers_and_disarms_formulas() -> None:
    header, first, second = csv.reader(io.StringIO(written(Format.CSV), newline=""))
    assert tuple(header) == COLUMNS
    assert first[1:3] == ["175000000", "2026-03-02T09:30:00+08:00"]
    assert second[:3] == ["'=1+1", "-5", ""]


@pytest.mark.parametrize("form", list(Format))
def test_what_is_refused_leaves_no_heading_behind(form: Format) -> None:
    def refused() -> Iterator[Row]:
        raise Invalid("statements.bad_import_id")
        yield {}

    page = io.StringIO(newline="")
    with pytest.raises(Invalid):
        give(refused(), COLUMNS, form, page)
    assert page.getvalue() == ""


@given(st.lists(st.text(), min_size=1))
def test_no_text_in_csv_is_a_formula(cells: list[str]) -> None:
    page = io.StringIO(newline="")
    give([{"cell": cell} for cell in cells], ["cell"], Format.CSV, page)
    back = [row[0] if row else "" for row in csv.reader(io.StringIO(page.getvalue(), newline=""))][1:]
    assert not [cell for cell in back if cell.startswith(FORMULA)]
    assert [
        cell.removeprefix("'") if kept.startswith(FORMULA) else cell for cell, kept in zip(back, cells, strict=True)
    ] == cells


def test_table_is_for_people() -> None:
    lines = written(Format.TABLE).splitlines()
    assert lines == [
        "State        held_fen  at                   ok",
        "测试·甲  1,750,000.00  2026-03-02 09:30:00  yes",
        "=1+1            -0.05                       no",
    ]


def test_one_record_in_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    record = {"state": "open", "held_fen": 5, "days": date(2026, 3, 2), "tags": ["a", "b"]}
    give_one(record, Format.JSON)
    assert json.loads(capsys.readouterr().out) == {
        "state": "open",
        "held_fen": 5,
        "days": "2026-03-02",
        "tags": ["a", "b"],
    }
    give_one(record, Format.TABLE)
    assert capsys.readouterr().out.splitlines()[1] == "held_fen  0.05"
    give_one(record, Format.CSV)
    assert capsys.readouterr().out == 'state,held_fen,days,tags\r\nopen,5,2026-03-02,"[""a"", ""b""]"\r\n'


def test_a_dash_is_standard_input_and_output(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"abc")))
    with readable("-") as file, writable("-") as out:
        out.write(file.read())
    assert capfdbinary.readouterr().out == b"abc"


def test_progress_is_silent_unless_a_person_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, seen in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr("sys.stderr", stream)
        line = Progress("Reading")
        line.show(50, 100, "a.csv")
        line.end()
        assert bool(stream.getvalue()) is seen
        assert ("50 %" in stream.getvalue()) is seen


class Terminal(io.StringIO):
    """Standard output that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_bytes_are_not_thrown_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    require_place("-", is_text=True)
    require_place("x.xlsx", is_text=False)
    with pytest.raises(Invalid, match="binary_to_terminal"):
        require_place("-", is_text=False)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    require_place("-", is_text=False)


def test_what_is_refused_leaves_no_file(tmp_path: Path) -> None:
    def refused() -> Iterator[bytes]:
        raise Invalid("documents.too_many_rows", limit=1)
        yield b""

    with pytest.raises(Invalid):
        give_file(refused(), str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()
    give_file([b"a", b"b"], str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == b"ab"
