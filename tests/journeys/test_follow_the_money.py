"""An analyst follows a victim's payment through the example's files, to the fen and with evidence."""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from examples.first_case_story import SHOP
from examples.make_first_case import FOLDER

from fanzha.i18n import catalogue
from tests.adapters.documents.pdf_text import pages
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise

PAYMENT = "99900012600000017@2026-03-17T14:06:20@98000000"
PAID_FEN = 98_000_000


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance with the example's case."""
    with lodged_exercise(tmp_path_factory.mktemp("money") / "keys", postgres) as line:
        line.run("cases", "open", "测试", "--ref", "DEMO-1", "--retention", "exercise")
        line.run("statements", "import", *map(str, sorted(FOLDER.iterdir())), "--case", "DEMO-1")
        line.run("cases", "open", "空案", "--ref", "M-2", "--retention", "exercise")
        yield line


@pytest.mark.parametrize("method", ["fifo", "lifo", "prorata", "conservative"])
def test_every_fen_is_somewhere(fanzha: CommandLine, method: str) -> None:
    told = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT, "--method", method)

    assert_valid("trace", told)
    (total,) = told["totals"]
    lying = sum(each["traced_fen"] for each in told["holdings"])
    gone = sum(total["left_fen"].values())
    assert total["started_fen"] == PAID_FEN == lying + gone + total["below_floor_fen"] + total["disputed_fen"]
    assert total["held_fen"] + total["last_seen_fen"] == lying
    assert told["hops"][0]["traced_fen"] == PAID_FEN
    assert bool(told["disputed"]) == (total["disputed_fen"] > 0) == (method == "conservative")
    unseen = {each["account"] for each in told["holdings"] if each["lies"] == "last_seen"}
    assert unseen <= {each["account"] for each in told["missing_statements"]}
    assert all(each["evidence"] for each in told["hops"] if each["id"])
    if method != "conservative":  # the rules agree on nothing that left the first account, which was not empty
        assert {each["payee_layer"] for each in told["hops"]} >= {1, 2, 3}
        assert set(total["left_fen"]) & {"cash", "merchant", "payment_company"}


@pytest.mark.parametrize("method", ["fifo", "conservative"])
def test_a_table_begins_with_where_every_fen_is(fanzha: CommandLine, method: str) -> None:
    lines = fanzha.run("trace", "--case", "DEMO-1", "--from", PAYMENT, "--method", method).stdout.splitlines()
    if method == "conservative":  # what lies there by every rule leads
        assert "at least" in lines.pop(0)
    first = lines[0]
    started, *parts = (int(re.sub(r"\D", "", each)) for each in re.findall(r"¥[\d,]+\.\d\d", first))
    assert started == PAID_FEN == sum(parts) and parts


def test_the_documented_example_is_a_trace(fanzha: CommandLine) -> None:
    example = shlex.split(catalogue("en")["cli.trace.example"])
    assert "980,000.00" in fanzha.run(*example[1:]).stdout


def test_a_start_by_its_id_is_the_same_trace(fanzha: CommandLine) -> None:
    told = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT)
    (start,) = told["question"]["from"]
    assert fanzha.json("trace", "--case", "DEMO-1", "--from", start) == told


def test_a_terminal_and_a_masked_file_show_no_number(fanzha: CommandLine) -> None:
    asked = ("trace", "--case", "DEMO-1", "--from", PAYMENT, "--rows", "hops")
    shown, held = fanzha.run(*asked).stdout, fanzha.run(*asked[:-2]).stdout
    masked = fanzha.run(*asked, "--format", "csv", "--mask").stdout
    whole = fanzha.run(*asked, "--format", "csv").stdout
    assert "99900012600000017" not in shown + held + masked
    assert "980,000.00" in shown
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert rows[0]["payer"] == "99900012600000017" and rows[0]["evidence"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["--from", "6222@2026-03-17@1"], 3),
        (["--from", "0123456789abcdef"], 3),
        (["--from", "nonsense"], 2),
        (["--from", PAYMENT, "--horizon", "x"], 2),
        (["--from", PAYMENT, "--horizon", "99999d"], 2),
        (["--from", PAYMENT, "--floor-fen", "0"], 2),
        (["--from", PAYMENT, "--from", PAYMENT], 2),
        (["--from", PAYMENT, "--method", "guess"], 2),
        ([], 2),
    ],
)
def test_what_cannot_be_asked_is_said(fanzha: CommandLine, asked: list[str], code: int) -> None:
    ended = fanzha.run("trace", "--case", "DEMO-1", *asked, code=code)
    assert ended.stderr and not ended.stdout


def test_a_case_without_files_has_nothing_to_follow(fanzha: CommandLine) -> None:
    assert "Import statements first" in fanzha.run("trace", "--case", "M-2", "--from", PAYMENT, code=3).stderr


def test_a_horizon_of_nothing_leaves_all_with_the_first_account(fanzha: CommandLine) -> None:
    told = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT, "--horizon", "0h")
    (holding,) = told["holdings"]
    assert (holding["layer"], holding["traced_fen"]) == (1, PAID_FEN)


@pytest.mark.parametrize("method", ["fifo", "lifo"])
def test_backward_is_the_other_side_of_forward(fanzha: CommandLine, method: str) -> None:
    asked = ("--method", method, "--floor-fen", "1", "--horizon", "30d")
    forward = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT, *asked)
    later = max((each for each in forward["hops"] if each["id"]), key=lambda each: str(each["at"]))

    told = fanzha.json("trace", "--case", "DEMO-1", "--from", later["id"], "--direction", "backward", *asked)

    assert_valid("trace", told)
    (total,) = told["totals"]
    assert total["started_fen"] == later["amount_fen"] == sum(total["left_fen"].values()) + total["before_fen"]
    (victim,) = [each for each in told["hops"] if each["id"] == forward["question"]["from"][0]]
    same = sum(each["traced_fen"] for each in forward["hops"] if each["id"] == later["id"])
    assert victim["traced_fen"] == same


def test_patterns_are_named_with_what_proves_them(fanzha: CommandLine) -> None:
    traced = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT)["patterns"]
    case = fanzha.json("cases", "patterns", "DEMO-1", "--victim", "99900012600000017")

    assert_valid("case_patterns", case)
    assert {each["kind"] for each in traced} >= {"pass_through", "scatter", "test_payment", "cash_run", "shared_device"}
    assert {each["id"] for each in traced} < {each["id"] for each in case["patterns"]}
    moved = {each["id"] for each in fanzha.json("statements", "movements", "--case", "DEMO-1")}
    assert all(each["movements"] and moved.issuperset(each["movements"]) for each in case["patterns"])
    assert all(each["account"] != SHOP.number for each in case["patterns"])
    assert fanzha.run("trace", "--case", "DEMO-1", "--from", PAYMENT, "--rows", "patterns").stdout.count("\n") > 5


def test_what_the_victims_paid_is_followed_by_one_word(fanzha: CommandLine) -> None:
    fanzha.run("cases", "open", "受害人", "--ref", "V-3", "--retention", "exercise")
    fanzha.run("statements", "import", *map(str, sorted(FOLDER.iterdir())), "--case", "V-3")
    assert "victim" in fanzha.run("trace", "--case", "V-3", "--from", "victims", code=3).stderr
    movements = fanzha.json("statements", "movements", "--case", "V-3")
    paid = Counter(each["payee"] for each in movements if each["payee"] and each["moving"])
    collector = next(each for each, _ in paid.most_common() if len(payers(movements, each)) > 1)
    some = sorted(payers(movements, collector))[:2]
    named = [part for each in some for part in ("--victim", each)]
    expected = fanzha.json("cases", "patterns", "V-3", *named)
    assert fanzha.json("cases", "patterns", "V-3")["victims_accounts"] == 0

    for each in some:
        fanzha.run("cases", "add", "V-3", each, "--role", "victim", "--reason", "报案笔录")

    assert fanzha.json("cases", "patterns", "V-3") == expected and expected["victims_accounts"] == 2
    assert_valid("case_patterns", expected)
    told = fanzha.json("trace", "--case", "V-3", "--from", "victims")
    starts = {
        each["id"] for each in movements if each["payer"] in some and each["payee"] not in some and each["moving"]
    }
    assert set(told["question"]["from"]) == starts
    listed = fanzha.json("cases", "victims", "V-3")
    assert_valid("victims", listed)
    assert [each["reason"] for each in listed] == ["报案笔录"] * 2 and not any(one in str(listed) for one in some)
    fanzha.run("cases", "remove", "V-3", some[0], "--role", "victim", "--reason", "误标")
    assert len(fanzha.json("cases", "victims", "V-3")) == 1
    assert len(fanzha.json("trace", "--case", "V-3", "--from", "victims")["question"]["from"]) < len(starts)


def payers(movements: list[dict[str, Any]], payee: str) -> set[str]:
    """Who paid an account."""
    return {each["payer"] for each in movements if each["payee"] == payee and each["payer"] and each["moving"]}


def export(fanzha: CommandLine, to: Path, *asked: str) -> bytes:
    """A trace of the example's payment as a file."""
    fanzha.run("trace", "--case", "DEMO-1", "--from", PAYMENT, *asked, "--output", str(to))
    return to.read_bytes()


def test_an_analyst_hands_on_the_flow_as_a_workbook(fanzha: CommandLine, tmp_path: Path) -> None:
    told = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT)
    book: Any = openpyxl.load_workbook(io.BytesIO(export(fanzha, tmp_path / "flow.xlsx", "--format", "xlsx")))
    shown = {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}
    assert len(shown["Flow"]) == len(told["hops"])
    (totals,) = shown["Totals"]
    assert totals[1] == PAID_FEN / 100 and round(sum(totals[2:]), 2) == totals[1]
    cited = {row[1] for row in shown["Source files"]}
    assert {place["sha256"] for hop in told["hops"] for place in hop["evidence"]} <= cited
    assert export(fanzha, tmp_path / "again.xlsx", "--format", "xlsx") == (tmp_path / "flow.xlsx").read_bytes()


@pytest.mark.parametrize("form", ["xlsx", "graphml", "ftm", "pdf"])
def test_a_masked_file_shows_no_number_and_who_took_one_in_full_is_on_record(
    fanzha: CommandLine, tmp_path: Path, form: str
) -> None:
    whole, masked = (export(fanzha, tmp_path / name, "--format", form, *asked) for name, asked in (
        ("whole", ()), ("masked", ("--mask",))
    ))  # fmt: skip
    if form == "xlsx":
        whole, masked = (text_of(each) for each in (whole, masked))
    if form == "pdf":
        whole, masked = ("".join("".join(pages(each)).split()).encode() for each in (whole, masked))
    assert b"99900012600000017" in whole and b"99900012600000017" not in masked


def test_an_analyst_hands_on_a_report_that_comes_out_the_same(fanzha: CommandLine, tmp_path: Path) -> None:
    told = fanzha.json("trace", "--case", "DEMO-1", "--from", PAYMENT)
    report = export(fanzha, tmp_path / "report.pdf", "--format", "pdf")
    assert export(fanzha, tmp_path / "again.pdf", "--format", "pdf") == report
    shown = pages(report)
    words = "".join("".join(shown).split())
    assert all(hop["id"] in words for hop in told["hops"] if hop["id"])
    assert all(place["sha256"] in words for hop in told["hops"] for place in hop["evidence"])
    (totals,) = told["totals"]
    for fen in (totals["started_fen"], totals["held_fen"], totals["last_seen_fen"]):
        assert f"{fen // 100:,}.{fen % 100:02d}" in words
    assert words.count("EXERCISEDATA") == len(shown)


def text_of(workbook: bytes) -> bytes:
    """Everything that is written in a workbook."""
    with ZipFile(io.BytesIO(workbook)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


def test_a_hop_of_the_csv_names_file_row_and_hash(fanzha: CommandLine, tmp_path: Path) -> None:
    told = export(fanzha, tmp_path / "hops.csv", "--rows", "hops", "--format", "csv").decode()
    rows = list(csv.DictReader(io.StringIO(told)))
    assert rows and all(len(row["evidence"].split("; ")) == len(row["evidence_sha256"].split("; ")) for row in rows)
    assert all(len(each) == 64 for row in rows for each in row["evidence_sha256"].split("; "))


def test_a_file_that_cannot_be_written_is_said(fanzha: CommandLine, tmp_path: Path) -> None:
    asked = ("trace", "--case", "DEMO-1", "--from", PAYMENT, "--format", "graphml")
    assert fanzha.run(*asked, "--output", str(tmp_path / "none" / "x.graphml"), code=3).stderr
