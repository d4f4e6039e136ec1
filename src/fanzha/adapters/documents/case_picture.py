"""The picture of a case's trace for paper, its accounts masked or in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fanzha.adapters.documents.trace_labels import Party
from fanzha.adapters.documents.trace_svg import Titled, drawn_svg
from fanzha.i18n import Language, text
from fanzha.i18n.measures import duration
from fanzha.i18n.sums import short_money
from fanzha.kernel.identifiers import account, name
from fanzha.tracing.follow.trace import Stop
from fanzha.tracing.picture.drawing import Drawing
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.draw_case import draw_for_paper
from fanzha.workflows.trace_case import TracedCase


def paper_svg(found: TracedCase, language: Language, *, hidden: bool) -> str:
    """An SVG file for a sheet of A4 on its side, in a document that says what it is."""
    return drawn_svg(draw_for_paper(found), language, parties(found.ledger, hidden=hidden))


def picture_file(
    drawing: Drawing, found: TracedCase, language: Language, heading: str, *, hidden: bool, is_exercise: bool
) -> str:
    """A trace's picture as a file that may end up anywhere: it says itself what it is, and what it does not tell."""
    lines = [_asked(found, language), *_incomplete(found, language)]
    lines.append(text(language, f"picture.note.{'masked' if hidden else 'in_full'}"))
    lines += [text(language, "flow.graph.exercise")] if is_exercise else []
    return drawn_svg(drawing, language, parties(found.ledger, hidden=hidden), Titled(title=heading, lines=lines))


def _incomplete(found: TracedCase, language: Language) -> Iterator[str]:
    """What limits kept the trace from telling."""
    if found.trace.stop is not Stop.NOTHING_LEFT:
        yield text(language, "picture.note.stopped")
    if cut := found.cut():
        yield text(language, "picture.note.cut", count=f"{len(cut):,}")


def _asked(found: TracedCase, language: Language) -> str:
    """What was asked, in a line: the rule, the direction, how long, from how much on, and of how much."""
    asked = found.trace.question
    return text(
        language,
        "picture.note.asked",
        method=text(language, f"words.method.{asked.method}"),
        direction=text(language, f"words.trace_direction.{asked.direction}"),
        lasted=duration(language, asked.horizon_s),
        floor=short_money(language, asked.floor_fen),
        starts=f"{len(asked.starts):,}",
        amount=short_money(language, sum(each.started_fen for each in found.totals())),
    )


def parties(ledger: CaseLedger, *, hidden: bool) -> Callable[[str], Party]:
    """How a case's accounts are written: number and holder, masked or in full."""
    nodes = {number: node for node, number in enumerate(ledger.found.accounts.primary)}

    def party(number: str) -> Party:
        holder = ledger.name(nodes[number])
        return Party(account.mask(number), name.mask(holder)) if hidden else Party(number, holder)

    return party
