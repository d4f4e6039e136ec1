"""The picture of a case's trace for paper, its accounts masked or in full."""

from __future__ import annotations

from collections.abc import Callable

from fanzha.adapters.documents.trace_labels import Party
from fanzha.adapters.documents.trace_svg import Titled, drawn_svg
from fanzha.i18n import Language, text
from fanzha.i18n.measures import duration
from fanzha.i18n.sums import short_money
from fanzha.kernel.identifiers import account, name
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.draw_case import draw_for_paper
from fanzha.workflows.trace_case import TracedCase


def paper_svg(found: TracedCase, language: Language, *, hidden: bool, titled: Titled | None = None) -> str:
    """An SVG file for a sheet of A4 on its side; without `titled` it stands in a document that says what it is."""
    return drawn_svg(draw_for_paper(found), language, parties(found.ledger, hidden=hidden), titled)


def asked_line(found: TracedCase, language: Language) -> str:
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
