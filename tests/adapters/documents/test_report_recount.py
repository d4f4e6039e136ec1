"""Every number of a report can be reckoned anew from the exported lines of the flow alone."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.adapters.documents.blocks import Cell, Document, Figures, Paragraph, Table, texts
from fanzha.adapters.documents.case_picture import paper_svg
from fanzha.adapters.documents.flow_sheets import FlowSheets
from fanzha.adapters.documents.flow_workbook import RECKONED, front
from fanzha.adapters.documents.report import report_document
from fanzha.adapters.documents.sight import Sight
from fanzha.adapters.documents.workbook import Told as Exactly
from fanzha.apps.cli import trace_words
from fanzha.apps.cli.output import Format, give
from fanzha.i18n import LANGUAGES, Language, text
from fanzha.i18n.measures import duration, layers_text
from fanzha.records.statements.rows import Flag, Precision
from fanzha.tracing.follow.question import Direction, Method
from fanzha.workflows.report_case import Report
from fanzha.workflows.trace_case import TracedCase
from fanzha.workflows.trace_dossier import Dossier
from tests.adapters.documents.dossiers import LAST, MULE, VICTIM, dossier_of, small
from tests.adapters.documents.recount import Recount
from tests.adapters.documents.reports import (
    fen,
    others_of,
    report_of,
    rows_of_table,
    sums_of_table,
    titles_of,
    unnumbered,
)
from tests.adapters.documents.test_flow_recount import ASKED, line_of
from tests.tracing.follow.test_case_flow import DEEDS, A, B, C, Deed, statements
from tests.tracing.movements.telling import Told, got, paid

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
Row = Mapping[str, Cell]
FULL = Sight(masked=False)


def recount(found: TracedCase) -> Recount:
    """The lines that leave as CSV, and nothing else."""
    out = io.StringIO()
    give((trace_words.hop_row(hop, hidden=False) for hop in found.hops()), trace_words.HOP, Format.CSV, out)
    lines = [line_of(row) for row in csv.DictReader(io.StringIO(out.getvalue()))]
    asked = found.trace.question
    return Recount(lines, found.starts(), asked.direction is Direction.FORWARD, asked.method)


class Page:
    """A report's tables, asked by the keys of its catalogue."""

    def __init__(self, document: Document, report: Report, language: Language) -> None:
        self.document, self.language = document, language
        self.start = {str(number): each.totals.start for number, each in enumerate(report.starts, start=1)}

    def rows(self, title: str) -> list[Row]:
        return rows_of_table(self.document, title, self.language)

    def sums(self, title: str) -> list[Cell]:
        return list(sums_of_table(self.document, title, self.language))

    def cell(self, row: Row, key: str) -> Cell:
        return row[text(self.language, f"report.column.{key}")]

    def fen(self, row: Row, key: str) -> int:
        return fen(self.cell(row, key))

    def account(self, row: Row) -> str:
        cell = self.cell(row, "account")
        return (cell if isinstance(cell, str) else cell[0]).replace(" ", "")


def check(dossier: Dossier, language: Language) -> None:
    """All tables of one report against the lines."""
    report = report_of(dossier)
    page = Page(report_document(report, language, svg=SVG, hidden=False), report, language)
    again = recount(dossier.traced)
    adds_up = dossier.traced.trace.question.method in RECKONED
    check_totals(page, again, adds_up=adds_up)
    check_exits(page, again)
    check_layers(page, again, adds_up=adds_up)
    if again.is_forward:
        check_accounts(page, again, adds_up=adds_up)
    for found in (dossier.traced, *others_of(dossier.traced)):
        check_method(page, found)
    assert len(page.rows("annex.table")) == len(again.lines)
    traced = [page.fen(row, "traced") for row in page.rows("annex.table")]
    assert traced == [line.traced_fen for line in again.lines]


def check_totals(page: Page, again: Recount, *, adds_up: bool) -> None:
    parts = ("held", "last_seen", "left") if again.is_forward else ("before", "came")
    wanted = {start: reckoned(again, start) for start in again.starts}
    for row in page.rows("where.totals"):
        start = page.cell(row, "start")
        assert isinstance(start, str)
        keys = ("started", *parts, "below_floor") if adds_up else ("started", parts[-1])
        assert {key: page.fen(row, key) for key in keys} == {key: wanted[start][key] for key in keys}
    sums = [fen(each) for each in page.sums("where.totals")[2:]]
    assert sums[0] == sum(each["started"] for each in wanted.values())
    figures = next(each for each in page.document.blocks if isinstance(each, Figures)).figures
    told_sums = [fen(each.value) for each in figures]
    if adds_up:
        assert told_sums[0] == sum(told_sums[1:]) == sums[0] == sum(sums[1:])


def reckoned(again: Recount, start: str) -> dict[str, int]:
    """One start's parts by the lines."""
    lying = {place: part for place, part in again.lying().items() if place[1] == start}
    held = sum(part for place, part in lying.items() if again.is_forward and again.held()[place])
    left = sum(part for (from_, _), part in again.left().items() if from_ == start)
    rest = sum(lying.values()) - held
    told = {"started": again.started().get(start, 0), "held": held, "last_seen": rest, "before": rest}
    return told | {"left": left, "came": left, "below_floor": again.below_floor().get(start, 0)}


def check_exits(page: Page, again: Recount) -> None:
    gone: Counter[str] = Counter()
    for (_, way), part in again.left().items():
        gone[text(page.language, f"words.exit.{way}")] += part
    assert {page.cell(row, "exit"): page.fen(row, "traced") for row in page.rows("where.exits")} == dict(gone)


def check_layers(page: Page, again: Recount, *, adds_up: bool) -> None:
    layers, (steps, lies) = again.layers(), again.steps()
    arrived, left, below, lying = (Counter[int]() for _ in range(4))
    for line, layer, part in steps:
        arrived[layer + 1] += part if line.became == "followed" else 0
        left[layer] += part if line.became == "left" else 0
        below[layer] += part if line.became == "below_floor" else 0
    for (layer, _), part in lies.items():
        lying[layer] += part
    reached = Counter(layer for mine in layers.values() for layer in mine)
    for row in page.rows("where.layers"):
        number = int(str(page.cell(row, "layer")))
        assert page.fen(row, "arrived") == arrived[number]
        assert page.cell(row, "accounts") == str(reached[number])
        assert page.fen(row, "left" if again.is_forward else "came") == left[number]
        assert page.fen(row, "below_floor") == below[number]
        assert not adds_up or page.fen(row, "lying") == lying[number]
    if adds_up:
        held = {(page.account(row), page.start[str(page.cell(row, "start"))]): row for row in page.rows("where.held")}
        assert {place: page.fen(row, "traced") for place, row in held.items()} == again.lying()
        for (account, _), row in held.items():
            assert page.cell(row, "layer") == layers_text(page.language, sorted(layers[account]))


def check_accounts(page: Page, again: Recount, *, adds_up: bool) -> None:
    for row in page.rows("accounts.table"):
        passed = again.passed(page.account(row))
        told = [page.fen(row, key) for key in ("in", "out", "residue")]
        assert told == [passed.in_fen, passed.out_fen, passed.in_fen - passed.out_fen]
        assert page.cell(row, "dwell") == ("" if passed.dwell_s is None else duration(page.language, passed.dwell_s))
        night = page.cell(row, "night_cash")
        assert (fen(night) if night else 0) == passed.night_cash_fen
    for row in page.rows("asking.table") if adds_up else []:
        assert page.fen(row, "traced") == again.at_stake(page.account(row))


def check_method(page: Page, found: TracedCase) -> None:
    """The row of a method against that method's own lines."""
    again, method = recount(found), found.trace.question.method
    name = text(page.language, f"words.method.{method}")
    row = next(row for row in page.rows("methods.table") if name in str(page.cell(row, "method")))
    parts = ["started", "left" if again.is_forward else "came"]
    if method in RECKONED:
        parts += ["below_floor", *(("held", "last_seen") if again.is_forward else ("before",))]
    wanted = [reckoned(again, start) for start in again.starts]
    assert {key: page.fen(row, key) for key in parts} == {key: sum(each[key] for each in wanted) for key in parts}


def deed(at: int, payer: str, payee: str, fen: int) -> Deed:
    return Deed(at=at, payer=payer, payee=payee, fen=fen, is_reversed=False, is_missing=False, hides_balance=False)


COMES_BACK = [deed(1, C, A, 219), deed(4, A, C, 80), deed(6, B, C, 76), deed(343, C, B, 398), deed(422, B, A, 125)]
"""A payment made of the second layer's money and then of the first's, which arrive and go on in that order."""


@pytest.mark.parametrize(("method", "direction"), ASKED)
@settings(max_examples=8, deadline=None)
@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3), st.integers(1, 3), st.sampled_from([120, 900, 90_000]))
@example(deeds=[], clocks=(0, 0, 0), starts=1, horizon_s=900)
@example(deeds=COMES_BACK, clocks=(4, -34, -27), starts=3, horizon_s=90_000)
def test_every_number_of_a_report_comes_out_again(
    method: Method, direction: Direction, deeds: list[Deed], clocks: tuple[int, ...], starts: int, horizon_s: int
) -> None:
    dossier = dossier_of(statements(deeds, clocks), method, direction, starts=starts, horizon_s=horizon_s, floor_fen=60)
    if dossier is not None:
        check(dossier, LANGUAGES[len(deeds) % 2])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_case_comes_out_again_in_both_languages(language: Language) -> None:
    check(small(), language)


def test_a_number_that_was_changed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Page.rows

    def forged(page: Page, title: str) -> list[Row]:
        rows = honest(page, title)
        key = text(page.language, "report.column.traced")
        return [{**row, key: "0.01"} if key in row else row for row in rows]

    monkeypatch.setattr(Page, "rows", forged)
    with pytest.raises(AssertionError):
        check(small(), "zh")


BOUND: Sequence[Told] = [
    got("乙行", MULE, LAST, 90_000_000, 0, serial="B0", balance=90_000_000),
    got("乙行", MULE, VICTIM, 1_000_000, 3_600, serial="B1", balance=91_000_000, other_name="测试·甲"),
    paid("乙行", MULE, "", 90_000_000, 7_200, serial="B2", balance=1_000_000, flags=Flag.CASH),
]
"""10,000 yuan to a mule, whose 900,000 of other money leave as cash an hour later."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("direction", Direction)
def test_an_upper_bound_says_of_no_money_where_it_is(language: Language, direction: Direction) -> None:
    dossier = dossier_of(BOUND, Method.POISON, direction, starts=2)
    assert dossier is not None
    report = report_of(dossier)
    document = report_document(report, language, svg=SVG, hidden=False)
    shown = [each.label for each in next(each for each in document.blocks if isinstance(each, Figures)).figures]
    told = "left" if direction is Direction.FORWARD else "came"
    assert shown == [text(language, f"report.figure.{key}") for key in ("started", "accounts", told)]
    titles = {
        unnumbered(each): [column.head for column in each.columns]
        for each in document.blocks
        if isinstance(each, Table)
    }
    lying = {
        text(language, f"report.column.{key}") for key in ("held", "last_seen", "before", "lying", "residue", "in")
    }
    compared = text(language, "report.methods.table")
    assert not any(lying & set(heads) for title, heads in titles.items() if title != compared)
    assert not titles_of("where.held", language) & set(titles)
    said = [each.text for each in document.blocks if isinstance(each, Paragraph)]
    assert text(language, f"report.where.no_held_poison{'' if direction is Direction.FORWARD else '_backward'}") in said
    assert text(language, "report.where.no_held") not in said
    assert text(language, "report.asking.none") not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_masked_report_says_that_it_tells_places_of_evidence(language: Language) -> None:
    dossier = small()
    document = report_document(report_of(dossier), language, svg=SVG, hidden=True)
    page = [each for each in texts(document.blocks) if dossier.files[0].sha256 in each]
    assert page, "files are told with their hashes, masked or not"
    assert {"zh": "校验值与行号照列", "en": "Hashes of files and numbers of rows are told"}[language] in text(
        language, "report.masked"
    )


@pytest.mark.parametrize("method", [Method.FIFO, Method.POISON])
@pytest.mark.parametrize("language", LANGUAGES)
def test_backward_the_paper_says_where_money_came_from(method: Method, language: Language) -> None:
    dossier = small(method, Direction.BACKWARD)
    blocks = report_document(report_of(dossier), language, svg=SVG, hidden=False).blocks
    told = {*texts(blocks), *(unnumbered(each) for each in blocks if isinstance(each, Table))}
    for key in ("totals", "held", "exits", "no_exits", "no_held", "no_held_poison"):
        assert text(language, f"report.where.{key}") not in told
    assert text(language, "report.where.totals_backward") in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_stopped_or_returned_by_an_upper_bound_and_nobody_has_checked_yet(language: Language) -> None:
    told = "\n".join(texts(report_document(report_of(small(Method.POISON)), language, svg=SVG, hidden=False).blocks))
    assert {"zh": "不能据以止付、冻结或者核算返还", "en": "nothing may be stopped, frozen or reckoned"}[
        language
    ] in told
    assert "\u25a1" in text(language, "report.sign.statement") and text(language, "report.sign.statement") in told


def test_of_a_payment_whose_day_alone_is_told_no_midnight_is_printed() -> None:
    paid_on = paid("甲行", VICTIM, MULE, 5_000_000, 0, serial="A1", balance=0, precision=Precision.DAY)
    dossier = dossier_of([paid_on])
    assert dossier is not None
    document = report_document(report_of(dossier), "en", svg=SVG, hidden=False)
    for title in ("case.starts", "annex.table"):
        (told,) = rows_of_table(document, title, "en")
        assert told[text("en", "report.column.at")] == "2025-07-01"
    sheets = FlowSheets(dossier=dossier, sight=FULL, language="en").all()
    (row,) = next(list(each.rows) for each in sheets if each.key == "hops")
    assert row["at"] == Exactly(at=dossier.traced.hop(0).at, precision="day")
    assert not any("2025-07-01 00:00" in said for _, said in front(dossier, FULL, "en"))


def test_what_came_on_a_day_alone_lies_there_since_that_day() -> None:
    rows = [
        paid("甲行", VICTIM, MULE, 5_000_000, 0, serial="A1", balance=0, precision=Precision.DAY),
        got("乙行", MULE, VICTIM, 5_000_000, 0, serial="B1", balance=5_000_000, precision=Precision.DAY),
        paid("乙行", MULE, LAST, 3_000_000, 86_400 + 3_605, serial="B2", balance=2_000_000),
        paid("甲行", VICTIM, LAST, 700_000, 2 * 86_400, serial="A2", balance=0, precision=Precision.MINUTE),
    ]
    dossier = dossier_of(rows, starts=3)
    assert dossier is not None
    document = report_document(report_of(dossier), "en", svg=SVG, hidden=False)
    told = {row[text("en", "report.column.last_at")] for row in rows_of_table(document, "where.held", "en")}
    assert told == {"2025-07-01", "2025-07-02 01:00:05", "2025-07-03 00:00"}
    tables = {each.key: list(each.rows) for each in FlowSheets(dossier=dossier, sight=FULL, language="en").all()}
    exact = {
        (key, row["account"], name): cell.precision
        for key in ("holdings", "asking", "accounts")
        for row in tables[key]
        for name in ("first_at", "last_at")
        for cell in [row[name]]
        if isinstance(cell, Exactly)
    }
    assert {at: exact[at] for at in exact if at[1] == MULE} == {
        ("holdings", MULE, "first_at"): "day",
        ("holdings", MULE, "last_at"): "day",
        ("accounts", MULE, "first_at"): "day",
        ("accounts", MULE, "last_at"): "second",
        **{("asking", MULE, name): "day" for name in ("first_at", "last_at") if ("asking", MULE, name) in exact},
    }
    assert exact["asking", LAST, "last_at"] == "minute"
    svg = paper_svg(dossier.traced, "en", hidden=False)
    assert "07-01" in svg and "07-01 00:00" not in svg and "07-02 01:00" in svg


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", [Method.FIFO, Method.CONSERVATIVE, Method.POISON])
def test_tables_are_numbered_without_a_gap_and_as_the_annex_refers_to_them(language: Language, method: Method) -> None:
    dossier = dossier_of(BOUND, method, Direction.FORWARD, starts=1)
    assert dossier is not None
    document = report_document(report_of(dossier), language, svg=SVG, hidden=False)
    tables = [each for each in document.blocks if isinstance(each, Table)]
    assert [int("".join(filter(str.isdigit, each.title.split(unnumbered(each))[0]))) for each in tables] == list(
        range(1, len(tables) + 1)
    )
    known = [text(language, f"report.{key}") for key in ("case.starts", "sources.files", "sources.sheets")]
    assert [unnumbered(each) for each in tables[:3]] == known, "the annex speaks of tables 1 and 3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_conservative_report_lists_what_every_rule_finds_where(language: Language) -> None:
    dossier = dossier_of(BOUND, Method.CONSERVATIVE, Direction.FORWARD, starts=1)
    assert dossier is not None
    document = report_document(report_of(dossier), language, svg=SVG, hidden=False)
    least, most = (text(language, f"report.column.{key}") for key in ("low", "high"))
    told = [(fen(row[least]), fen(row[most])) for row in rows_of_table(document, "where.bounds", language)]
    rules = [trace_of(dossier, method) for method in (Method.FIFO, Method.LIFO, Method.PRORATA)]
    assert told == [(min(rules), max(rules))]
    said = [each.text for each in document.blocks if isinstance(each, Paragraph)]
    assert text(language, "report.asking.none") not in said and text(language, "report.asking.conservative") in said


def trace_of(dossier: Dossier, method: Method) -> int:
    """All that lies in accounts by one rule."""
    (found,) = [each for each in others_of(dossier.traced) if each.trace.question.method is method]
    return sum(each.fen for each in found.holdings())
