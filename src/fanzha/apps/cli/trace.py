"""`fanzha trace`: where a victim's money went, to the fen, by a stated rule: through a case, or over a whole ledger."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from fanzha.adapters.documents.graphml import graphml
from fanzha.adapters.documents.sight import Sight
from fanzha.apps.cli import ledger_trace_words, trace_words
from fanzha.apps.cli.commands import command, option, verb
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, give_file, give_one, require_place, text_to, worded
from fanzha.apps.cli.pattern_words import give_patterns
from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.question import Direction, Method, Question, horizon_seconds
from fanzha.wiring.house import operator
from fanzha.wiring.ledger_graphs import ledger_graph
from fanzha.wiring.ledger_traces import opened_ledger, starting_transfers, trace_ledger
from fanzha.wiring.reports import report_pdf
from fanzha.wiring.trace_files import FlowFile, flow_file
from fanzha.wiring.tracing import marked, traced, traced_dossier
from fanzha.workflows.asked_trace import Asked

app = verb()

FILES = frozenset(each.value for each in FlowFile)


class Form(StrEnum):
    """The shapes of a trace: for people, for programs, and files that others open."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    GRAPHML = "graphml"
    FTM = "ftm"
    PDF = "pdf"


class Rows(StrEnum):
    """Which table of a trace is given; JSON has both."""

    HELD = "held"
    HOPS = "hops"
    PATTERNS = "patterns"


@command(app, "trace")
def trace(  # noqa: PLR0913  # every parameter is an option of the command
    starts: Annotated[list[str], option("trace.from", "--from", metavar="PAYMENT|ACCOUNT@TIME@FEN")],
    case: Annotated[str, option("words.case", "--case", metavar="CASE")] = "",
    ledger: Annotated[str, option("trace.ledger", "--ledger", metavar="DIR")] = "",
    method: Annotated[Method, option("trace.method", "--method")] = Method.FIFO,
    direction: Annotated[Direction, option("trace.direction", "--direction")] = Direction.FORWARD,
    horizon: Annotated[str, option("trace.horizon", "--horizon", metavar="72h")] = "72h",
    floor_fen: Annotated[int, option("trace.floor_fen", "--floor-fen", metavar="FEN")] = 10_000,
    rows: Annotated[Rows, option("trace.rows", "--rows")] = Rows.HELD,
    purpose: Annotated[str, option("statements.movements.purpose", "--purpose")] = "case_work",
    mask: Annotated[bool, option("statements.movements.mask", "--mask")] = False,
    form: Annotated[Form, option("trace.format", "--format")] = Form.TABLE,
    output: Annotated[str, option("trace.output", "--output", metavar="FILE")] = "-",
) -> None:
    """Follow payments; on a terminal masked, in files in full and, for a case, on record."""
    if bool(case) == bool(ledger):
        raise Invalid("trace.case_or_ledger")
    asked = Asked(
        starts=tuple(starts),
        method=method,
        direction=direction,
        horizon_s=horizon_seconds(horizon),
        floor_fen=floor_fen,
    )
    hidden = mask or form is Form.TABLE or not purpose
    if ledger:
        _give_ledger(ledger, asked, hidden, rows, form, output)
    elif form is Form.PDF:
        _give_report(case, asked, "" if hidden else purpose, output)
    elif form in FILES:
        _give_case_file(case, asked, "" if hidden else purpose, FlowFile(form), output)
    else:
        _give_case(case, asked, "" if hidden else purpose, rows, Format(form), output)


def _give_case(case: str, asked: Asked, purpose: str, rows: Rows, form: Format, output: str) -> None:
    with opened_house() as house:
        found = traced(house, operator(), case, asked, purpose)
    hidden, plainly = not purpose, form is not Format.JSON
    with text_to(output) as to:
        if form is Format.JSON:
            give_one(trace_words.trace_lines(case, found, hidden=hidden), form, to)
        elif rows is Rows.PATTERNS:
            give_patterns(found.patterns(), hidden, form, to)
        elif rows is Rows.HELD:
            if form is Format.TABLE:
                to.writelines(f"{each}\n" for each in trace_words.sums(found, hidden=hidden))
            held = (trace_words.holding_row(each, hidden) for each in found.holdings())
            columns: Sequence[str] = trace_words.HOLDING_IN_TABLE if form is Format.TABLE else trace_words.HOLDING
            give(map(trace_words.spoken, held) if form is Format.TABLE else held, columns, form, to, {"name": "holder"})
        else:
            hops = (trace_words.hop_row(each, hidden=hidden, plainly=plainly) for each in found.hops())
            columns = trace_words.HOP_IN_TABLE if form is Format.TABLE else trace_words.HOP
            give(map(trace_words.spoken, hops) if form is Format.TABLE else hops, columns, form, to)


def _give_case_file(case: str, asked: Asked, purpose: str, kind: FlowFile, output: str) -> None:
    require_place(output, is_text=kind is not FlowFile.XLSX)
    with opened_house() as house:
        taken, dossier = traced_dossier(house, operator(), case, asked, purpose)
        pieces = flow_file(house, dossier, kind, chosen(), masked=not purpose)
        give_file(marked(house, operator(), taken, pieces), output)


def _give_report(case: str, asked: Asked, purpose: str, output: str) -> None:
    require_place(output, is_text=False)
    with opened_house() as house:
        give_file([report_pdf(house, operator(), case, asked, purpose, chosen())], output)


def _give_ledger(folder: str, asked: Asked, hidden: bool, rows: Rows, form: Form, output: str) -> None:
    if rows is Rows.PATTERNS:
        raise Invalid("trace.patterns_of_ledger")
    if form in (Form.XLSX, Form.FTM, Form.PDF):
        raise Invalid("ledger_folder.no_such_file", form=form.value)
    opened = opened_ledger(folder)
    question = Question(
        starts=starting_transfers(opened, list(asked.starts)),
        method=asked.method,
        direction=asked.direction,
        horizon_s=asked.horizon_s,
        floor_fen=asked.floor_fen,
    )
    found, words = trace_ledger(opened, question), ledger_trace_words
    if form is Form.GRAPHML:
        give_file((line.encode() for line in graphml(ledger_graph(found, Sight(masked=hidden)))), output)
        return
    with text_to(output) as to:
        if form is Form.JSON:
            give_one(words.ledger_trace_lines(found, len(asked.starts), hidden), Format.JSON, to)
        else:
            told = words.held_rows(found, hidden) if rows is Rows.HELD else words.hop_rows(found, hidden)
            give(worded(told, Format(form), kind="became"), words.COLUMNS[rows], Format(form), to)
