"""Each published number of a flow can be reckoned anew from the lines of the exported file alone."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from fanzha.adapters.documents.flow_sheets import EXITS
from fanzha.adapters.documents.flow_workbook import RECKONED, flow_workbook
from fanzha.adapters.documents.sight import Sight
from fanzha.apps.cli import trace_words
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.i18n import LANGUAGES, Language, catalogue, text
from fanzha.i18n.measures import layers_text
from fanzha.kernel.clock import SHANGHAI
from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind
from fanzha.workflows.trace_dossier import Dossier
from tests.adapters.documents.dossiers import dossier_of, small
from tests.adapters.documents.recount import Line, Recount
from tests.docs.schemas import assert_valid
from tests.tracing.follow.test_case_flow import DEEDS, Deed, statements

FULL = Sight(masked=False)
ASKED = [
    (method, direction)
    for method, direction in product(Method, Direction)
    if (method, direction) != (Method.CONSERVATIVE, Direction.BACKWARD)
]
Row = Mapping[str, Any]


def sheets(file: bytes, language: Language) -> dict[str, list[Row]]:
    """Every table of a workbook by its key: rows as dictionaries by the columns' keys."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    keys = _keys(language, "flow.sheet.")
    columns = _keys(language, "flow.column.")
    found: dict[str, list[Row]] = {}
    for name in book.sheet_names:
        if keys[name] != "front":
            heading, *rows = book.get_sheet_by_name(name).to_python()
            assert all(title in columns for title in heading)
            found[keys[name]] = [
                dict(zip((columns[str(title)] for title in heading), row, strict=True)) for row in rows
            ]
    return found


def _keys(language: Language, prefix: str) -> dict[str, str]:
    return {words: key.removeprefix(prefix) for key, words in catalogue(language).items() if key.startswith(prefix)}


def fen(yuan: object) -> int:
    """A cell of yuan as fen."""
    assert isinstance(yuan, int | float)
    return round(yuan * 100)


def moment(cell: object) -> datetime:
    """A cell that tells a second of Shanghai's clock."""
    if not isinstance(cell, datetime):  # midnight is read as a day
        assert isinstance(cell, date)
        return datetime(cell.year, cell.month, cell.day, tzinfo=SHANGHAI)
    return (cell + timedelta(milliseconds=500)).replace(microsecond=0, tzinfo=SHANGHAI)


def lines_of_workbook(told: Mapping[str, list[Row]], language: Language) -> list[Line]:
    became = {text(language, f"words.became.{each.name.lower()}"): each.name.lower() for each in HopKind}
    became[text(language, "flow.source")] = "left"
    exits = {text(language, f"words.exit.{each}"): each for each in EXITS}
    return [
        Line(
            at=moment(row["at"]),
            payer=row["payer"],
            payee=row["payee"],
            traced_fen=fen(row["traced_fen"]),
            start=row["start"],
            movement=row["movement"],
            became=became[row["became"]],
            exit=exits[row["exit"]] if row["exit"] else "",
            night_cash=text(language, "flow.mark.night_cash") in row["marks"].split("\n"),
            payee_told_until=moment(row["payee_told_until"]) if row["payee_told_until"] else None,
        )
        for row in told["hops"]
    ]


def line_of(row: Row) -> Line:
    """A hop of the JSON, or of the CSV, where every cell is text."""

    def told(key: str) -> Any:
        return row[key] or ""

    until = told("payee_told_until")
    return Line(
        at=datetime.fromisoformat(row["at"]),
        payer=told("payer"),
        payee=told("payee"),
        traced_fen=int(row["traced_fen"]),
        start=row["start"],
        movement=told("id"),
        became=row["became"],
        exit=told("exit"),
        night_cash=row["night_cash"] in (True, "True"),
        payee_told_until=datetime.fromisoformat(until) if until else None,
    )


def check_workbook(dossier: Dossier, language: Language) -> None:
    asked = dossier.traced.trace.question
    told = sheets(flow_workbook(dossier, FULL, language), language)
    is_forward = asked.direction is Direction.FORWARD
    starts = [row["start"] for row in told["totals"]]
    again = Recount(lines_of_workbook(told, language), starts, is_forward, asked.method)
    adds_up = asked.method in RECKONED
    _check_where(told, is_reach=asked.method is Method.POISON)
    told["holdings"] = [row for row in told["holdings"] if row["conclusive"]]
    _check_totals(told["totals"], again, adds_up=adds_up)
    if adds_up:
        assert {(row["account"], row["start"]): fen(row["traced_fen"]) for row in told["holdings"]} == again.lying()
    if is_forward:
        held = {(row["account"], row["start"]): row["lies"] for row in told["holdings"]}
        words = {True: text(language, "words.lies.held"), False: text(language, "words.lies.last_seen")}
        assert held == {place: words[again.held()[place]] for place in held}
        _check_accounts(told, again, adds_up=adds_up)
    layers = again.layers()
    for row in [*told["holdings"], *told["accounts"]]:
        layer = f"{row['layer']:g}" if isinstance(row["layer"], float) else row["layer"]
        assert layer == layers_text(language, sorted(layers[row["account"]]))


def _check_where(told: Mapping[str, list[Row]], *, is_reach: bool) -> None:
    """What lies, what left and what was too little to follow are all that started, but for what is disputed."""
    where: Counter[str] = Counter()
    for row in told["holdings"]:
        where[row["start"]] += fen(row["traced_fen"])
    whole = {row["start"]: fen(row["started_fen"]) - fen(row["disputed_fen"]) for row in told["totals"]}
    assert where == ({} if is_reach else {start: part for start, part in whole.items() if part})


def _check_totals(totals: list[Row], again: Recount, *, adds_up: bool) -> None:
    for row in totals:
        start = row["start"]
        left = {exit_: fen(row[f"{'left' if again.is_forward else 'came'}_{exit_}_fen"]) for exit_ in EXITS}
        assert fen(row["started_fen"]) == again.started().get(start, 0)
        assert left == {exit_: again.left().get((start, exit_), 0) for exit_ in EXITS}
        assert fen(row["below_floor_fen"]) == again.below_floor().get(start, 0)
        if adds_up:
            lying = {place: fen_ for place, fen_ in again.lying().items() if place[1] == start}
            held = sum(fen_ for place, fen_ in lying.items() if again.is_forward and again.held()[place])
            before = 0 if again.is_forward else sum(lying.values())
            assert (fen(row["held_fen"]), fen(row["before_fen"])) == (held, before)
            assert fen(row["last_seen_fen"]) == sum(lying.values()) - held - before
            assert fen(row["disputed_fen"]) == 0


def _check_accounts(told: Mapping[str, list[Row]], again: Recount, *, adds_up: bool) -> None:
    for row in told["accounts"]:
        passed = again.passed(row["account"])
        assert (fen(row["in_fen"]), fen(row["out_fen"])) == (passed.in_fen, passed.out_fen)
        assert fen(row["residue_fen"]) == passed.in_fen - passed.out_fen
        assert row["pass_through_share"] == pytest.approx(passed.out_fen / passed.in_fen, abs=1e-12)
        dwell = row["dwell"] if isinstance(row["dwell"], timedelta) else None
        assert (None if dwell is None else round(dwell.total_seconds())) == passed.dwell_s
        assert fen(row["night_cash_fen"]) == passed.night_cash_fen
        assert (moment(row["first_at"]), moment(row["last_at"])) == (passed.first_at, passed.last_at)
    for row in told["asking"] if adds_up else []:
        assert fen(row["traced_fen"]) == again.at_stake(row["account"])


def check_programs(dossier: Dossier) -> None:
    """The same of JSON and CSV."""
    asked, out, rows = dossier.traced.trace.question, io.StringIO(), io.StringIO()
    give_one(trace_words.trace_lines("TEST-1", dossier.traced, hidden=False), Format.JSON, out)
    hops = (trace_words.hop_row(hop, hidden=False) for hop in dossier.traced.hops())
    give(hops, trace_words.HOP, Format.CSV, rows)
    told = json.loads(out.getvalue())
    assert_valid("trace", told)
    lines = [line_of(row) for row in told["hops"]]
    assert lines == [line_of(row) for row in csv.DictReader(io.StringIO(rows.getvalue()))]
    again = Recount(lines, told["question"]["from"], asked.direction is Direction.FORWARD, asked.method)
    for total in told["totals"]:
        start = total["start"]
        assert total["started_fen"] == again.started().get(start, 0)
        assert total["left_fen"] == {exit_: fen_ for (from_, exit_), fen_ in again.left().items() if from_ == start}
        assert total["below_floor_fen"] == again.below_floor().get(start, 0)
    if asked.method in RECKONED:
        assert {(each["account"], each["start"]): each["traced_fen"] for each in told["holdings"]} == again.lying()


@pytest.mark.parametrize(("method", "direction"), ASKED)
@settings(max_examples=15, deadline=None)
@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3), st.integers(1, 3), st.sampled_from([120, 900, 90_000]))
@example(deeds=[], clocks=(0, 0, 0), starts=1, horizon_s=900)
def test_every_number_comes_out_again(
    method: Method, direction: Direction, deeds: list[Deed], clocks: tuple[int, ...], starts: int, horizon_s: int
) -> None:
    told = statements(deeds, clocks)
    dossier = dossier_of(told, method, direction, starts=starts, horizon_s=horizon_s, floor_fen=60)
    if dossier is not None:
        check_workbook(dossier, LANGUAGES[len(deeds) % 2])
        check_programs(dossier)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_case_comes_out_again_in_both_languages(language: Language) -> None:
    check_workbook(small(), language)
    check_programs(small())


@pytest.mark.parametrize("column", ["traced_fen", "became", "start", "payee"])
def test_a_line_that_was_changed_is_noticed(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reckoning really depends on the lines: one of them altered, and the published numbers disagree."""
    honest = sheets

    def forged(file: bytes, language: Language) -> dict[str, list[Row]]:
        told = honest(file, language)
        row = dict(told["hops"][1])
        other = {"traced_fen": row["traced_fen"] + 0.01, "became": text(language, "words.became.below_floor")}
        row[column] = other.get(column, "0")
        told["hops"][1] = row
        return told

    monkeypatch.setattr(f"{__name__}.sheets", forged)
    with pytest.raises((AssertionError, KeyError)):
        check_workbook(small(), "zh")
