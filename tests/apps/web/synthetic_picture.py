"""A made-up picture of a trace, small or as large as one picture draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fanzha.adapters.documents.trace_labels import Party
from fanzha.adapters.documents.trace_svg import drawn_svg
from fanzha.apps.web.views.picture import MarksView, MethodSums, PictureQuestion, PictureView
from fanzha.apps.web.views.shown import AccountRef, Masked
from fanzha.i18n import Language
from fanzha.kernel.units import Actor
from fanzha.tracing.picture.marks import Mark, NewMark, marks_of, require_fitting
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.unrolling import Kind
from tests.apps.web.synthetic_pattern import named_pattern
from tests.apps.web.synthetic_trace import SUMS
from tests.tracing.picture.traces import mule_tree


def drawn(question: PictureQuestion, accounts: int, payments: int) -> PictureView:
    """So many payments among so many accounts, the same every time."""
    methods = [question.trace.method, *([question.beside] if question.beside else [])]
    sides = [mule_tree(accounts, payments, method, at) for at, method in enumerate(methods)]
    drawing = picture(sides, dust_fen=question.dust_fen, opened=question.opened)
    names = {node.place.name for node in drawing.nodes if node.place.kind is Kind.ACCOUNT}
    names |= {name for node in drawing.nodes for name, _ in node.members}
    return PictureView(
        question=question,
        drawing=drawing,
        accounts={name: _party(name) for name in names},
        totals=tuple(MethodSums(method=method, sums=SUMS, stop="nothing_left", cut=()) for method in methods),
        patterns={name: (named_pattern(name),) for name in sorted(names)[1::7]},
    )


def _party(name: str) -> AccountRef:
    number = int(name[1:]) if name[1:].isdigit() else 999_999
    return AccountRef(
        key=f"{number:016x}",
        number=Masked(f"9999 **** **** {number % 10_000:04d}", f"n{number}"),
        name=Masked("测**", f"h{number}"),
        has_statement=number % 2 == 0,
    )


@dataclass
class SyntheticPicture:
    """Whatever is asked, a picture as large as the case."""

    amount: int = 10_000
    marked: list[Mark] = field(default_factory=list)
    taken_places: list[int] = field(default_factory=list)

    def picture(self, actor: Actor, ref: str, question: PictureQuestion) -> PictureView:
        return drawn(question, accounts=max(min(self.amount // 5, 2_000), 8), payments=min(self.amount, 5_000))

    def picture_svg(self, actor: Actor, ref: str, question: PictureQuestion, purpose: str, language: Language) -> str:
        view = self.picture(actor, ref, question)
        return drawn_svg(view.drawing, language, lambda number: Party(str(view.accounts[number].number)))

    def picture_taken(self, actor: Actor, ref: str, question: PictureQuestion) -> None:
        self.taken_places.append(len(self.picture(actor, ref, question).drawing.nodes))

    def marks(self, actor: Actor, ref: str, picture: str) -> MarksView:
        return MarksView(picture=picture, marks=marks_of(self.marked), may_mark=actor.may("cases.edit"))

    def add_mark(self, actor: Actor, ref: str, picture: str, made: NewMark) -> MarksView:
        require_fitting(marks_of(self.marked), made)
        at = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
        self.marked.append(Mark(entry=made.after + 1, by=actor.name, at=at, made=made))
        return self.marks(actor, ref, picture)
