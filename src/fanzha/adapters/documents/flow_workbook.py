"""The flow of money as a workbook: what a case's analyst hands on, and what is annexed to a return decision."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fanzha.adapters.documents.flow_sheets import FlowSheets
from fanzha.adapters.documents.report_words import moment
from fanzha.adapters.documents.sight import Sight
from fanzha.adapters.documents.workbook import MOST_ROWS, Book
from fanzha.i18n import Language, text
from fanzha.kernel.money import yuan_text
from fanzha.tracing.follow.question import HOUR_S, Method
from fanzha.workflows.trace_case import TracedHop
from fanzha.workflows.trace_dossier import Dossier

RECKONED = frozenset({Method.FIFO, Method.LIFO, Method.PRORATA})
"""Rules by which every fen of a start is in exactly one line at any time: what lies where can be added up."""


def flow_workbook(dossier: Dossier, sight: Sight, language: Language, most_rows: int = MOST_ROWS) -> bytes:
    """A traced case as XLSX; `Invalid` when it has more hops than a sheet has rows."""
    title = text(language, "flow.title", case=dossier.case.ref)
    dated = dossier.last_import_at or dossier.case.opened_at
    book = Book(language=language, foot=title, dated=dated, most_rows=most_rows)
    book.add_page("front", front(dossier, sight, language))
    for sheet in FlowSheets(dossier=dossier, sight=sight, language=language).all():
        book.add(sheet)
    return book.finished()


def front(dossier: Dossier, sight: Sight, language: Language) -> Iterator[tuple[str, str]]:
    """What was asked, by which rule, what the rule means and cannot say, and how to check every number."""
    traced, asked = dossier.traced, dossier.traced.trace.question

    def line(key: str, said: str) -> tuple[str, str]:
        return text(language, f"flow.label.{key}"), said

    def say(key: str, **fields: object) -> str:
        return text(language, f"flow.{key}", **fields)

    yield line("title", say("title", case=dossier.case.ref))
    if dossier.is_exercise:
        yield line("exercise", say("exercise"))
    yield line("case", f"{dossier.case.ref} {dossier.case.title}")
    yield line("shown", say("masked" if sight.masked else "in_full"))
    for number, start in enumerate(_starting_hops(dossier), start=1):
        yield line("start", _start(number, start, sight, language))
    yield line("direction", text(language, f"words.trace_direction.{asked.direction}"))
    yield line("method", text(language, f"words.method.{asked.method}"))
    yield line("means", say(f"method.{asked.method}.means"))
    yield line("limits", say(f"method.{asked.method}.limits"))
    yield line("horizon", say("horizon", hours=_hours(asked.horizon_s)))
    yield line("floor", say("floor", yuan=yuan_text(asked.floor_fen)))
    yield line("ended", say(f"ended.{traced.trace.stop.name.lower()}"))
    if cut := traced.cut():
        yield line("cut", say("cut", accounts=say("comma").join(map(sight.account, cut))))
    if dossier.last_import_at:
        yield line("imported", say("imported", at=moment(dossier.last_import_at), files=len(dossier.files)))
    for key in ("times", "unseen", "places"):
        yield line(key, say(f"note.{key}"))
    if asked.method in RECKONED:
        yield line("recount", say(f"note.recount_{asked.direction}"))


def _starting_hops(dossier: Dossier) -> Iterator[TracedHop]:
    """Of each starting payment the hop of its own money, in the order asked."""
    traced, hops = dossier.traced, dossier.traced.trace.hops
    firsts = np.flatnonzero(np.array(traced.trace.question.starts)[hops.label] == hops.transfer)
    found = {hop.start: hop for hop in map(traced.hop, firsts.tolist())}
    return (found[start] for start in traced.starts() if start in found)


def _start(number: int, hop: TracedHop, sight: Sight, language: Language) -> str:
    return text(
        language,
        "flow.start",
        number=number,
        at=moment(hop.at, hop.precision),
        payer=sight.account(hop.payer),
        payee=sight.account(hop.payee),
        yuan=yuan_text(hop.amount_fen),
        id=hop.start,
    )


def _hours(seconds: int) -> str:
    return f"{seconds / HOUR_S:g}"
