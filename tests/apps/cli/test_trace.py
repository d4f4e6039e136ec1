"""`fanzha trace --ledger DIR` answers in every form, and says what it cannot do."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanzha.apps.cli.main import run
from tests.adapters.documents.test_graphml import read
from tests.docs.schemas import assert_valid

VICTIM, MULE, LAST = "9999990000000000017", "9999990000000000025", "9999990000000000033"
START = f"{VICTIM}@2026-03-01T09:12:05@5000000"
AT = datetime(2026, 3, 1, 1, 12, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    rows = [(VICTIM, MULE, 5_000_000, 0), (MULE, LAST, 3_000_000, 5), (MULE, None, 5_000, 6), (MULE, None, 900_000, 9)]
    columns = {
        "payer": [row[0] for row in rows],
        "payee": [row[1] for row in rows],
        "amount_fen": [row[2] for row in rows],
        "at": [AT + timedelta(minutes=row[3]) for row in rows],
    }
    pq.write_table(pa.table(columns), tmp_path / "2026-03.parquet")
    return str(tmp_path)


def test_an_answer_tells_where_every_fen_is(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "--ledger", folder, "--from", START, "--horizon", "24h", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert_valid("ledger_trace", told)
    assert (told["traced_fen"], told["held_fen"], told["left_fen"]) == (5_000_000, 4_095_000, 900_000)
    assert told["below_floor_fen"] == 5_000 and told["after_horizon_fen"] == 0
    assert [(each["account"], each["held_fen"]) for each in told["held"]] == [(LAST, 3_000_000), (MULE, 1_095_000)]
    assert [(each["file"], each["row"], each["kind"]) for each in told["hops"]] == [
        ("2026-03.parquet", 1, "followed"),
        ("2026-03.parquet", 2, "followed"),
        ("2026-03.parquet", 3, "below_floor"),
        ("2026-03.parquet", 4, "left"),
    ]


def test_a_payment_may_be_named_by_file_and_row(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "--ledger", folder, "--from", "2026-03.parquet:1", "--rows", "hops", "--format", "csv"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))

    assert [(row["payer"], row["traced_fen"], row["row"]) for row in rows[:2]] == [
        (VICTIM, "5000000", "1"),
        (MULE, "3000000", "2"),
    ]


def test_a_table_masks_account_numbers(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "--ledger", folder, "--from", START]) == 0
    shown = capsys.readouterr().out

    assert "30,000.00" in shown and LAST not in shown and LAST[-4:] in shown


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["--from", f"{LAST}@2026-03-01@7"], 3),
        (["--from", "2026-03.parquet:9"], 3),
        (["--from", "nonsense"], 2),
        (["--from", f"{MULE}@yesterday@7"], 2),
        (["--from", START, "--from", START], 2),
        (["--from", START, "--method", "guess"], 2),
        (["--from", START, "--horizon", "soon"], 2),
        (["--from", START, "--horizon", "999999h"], 2),
        (["--from", START, "--floor-fen", "0"], 2),
        (["--from", START, "--rows", "columns"], 2),
    ],
)
def test_what_cannot_be_asked_is_told(
    folder: str, asked: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trace", "--ledger", folder, *asked]) == code
    assert capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (f"9999990000000000041{START[19:]}", "账簿中没有这个账号"),
        (START.replace("09:12:05", "09:13:05"), "不在所写的时间。最近的是：2026-03-01T09:12:05 (2026-03.parquet:1)"),
        (START.replace("5000000", "5000001"), "没有这一金额的转账"),
    ],
)
def test_what_a_start_lacks_is_said_without_its_number(
    folder: str, start: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trace", "--ledger", folder, "--from", start]) == 3
    error = capsys.readouterr().err
    assert said in error and start[:19] not in error


def test_a_folder_that_is_not_there_is_told() -> None:
    assert run(["trace", "--ledger", "/nowhere/at/all", "--from", START]) == 3


@pytest.mark.parametrize("asked", [("--method", "conservative"), ("--direction", "backward")])
def test_every_rule_and_direction_accounts_for_every_fen(
    folder: str, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    assert run(["trace", "--ledger", folder, "--from", START, *asked, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert_valid("ledger_trace", told)
    assert told["traced_fen"] == 5_000_000 == told["held_fen"] + told["left_fen"] + told["below_floor_fen"]
    assert told["disputed_fen"] == 0


def test_a_ledger_is_given_as_a_graph(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.graphml"
    assert run(["trace", "--ledger", folder, "--from", START, "--format", "graphml", "--output", str(file)]) == 0
    about, nodes, edges = read(file.read_text("utf-8"))

    assert about["method"] == "fifo"
    assert {(each["label"], each.get("layer"), each.get("held_fen")) for each in nodes.values()} == {
        (VICTIM, None, 0),
        (MULE, 1, 1_095_000),
        (LAST, 2, 3_000_000),
        ("nobody", None, None),
    }
    assert [(each["traced_fen"], each["became"], each["file"], each["row"]) for _, _, each in edges] == [
        (5_000_000, "followed", "2026-03.parquet", 1),
        (3_000_000, "followed", "2026-03.parquet", 2),
        (5_000, "below_floor", "2026-03.parquet", 3),
        (900_000, "left", "2026-03.parquet", 4),
    ]


def test_a_masked_graph_of_a_ledger_shows_no_number(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.graphml"
    asked = ["trace", "--ledger", folder, "--from", START, "--format", "graphml", "--mask", "--output", str(file)]
    assert run(asked) == 0
    assert MULE not in file.read_text("utf-8")


@pytest.mark.parametrize("form", ["xlsx", "ftm"])
def test_what_a_ledger_cannot_be_given_as_is_told(folder: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "--ledger", folder, "--from", START, "--format", form]) == 2
    assert form in capsys.readouterr().err
