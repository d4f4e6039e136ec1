"""Pictures of traces, as the console shows them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from fanzha.adapters.documents.case_picture import picture_file
from fanzha.adapters.store.picture_marks import add_mark, picture_marks
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.picture import MarksView, MethodSums, PictureQuestion, PictureView
from fanzha.apps.web.views.shown import AccountRef
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_trace import ShownTrace
from fanzha.apps.web.wired.trace import WiredTrace
from fanzha.cases.case import Case, CaseState
from fanzha.i18n import Language
from fanzha.kernel.units import Actor, covers
from fanzha.tracing.picture.drawing import Drawing
from fanzha.tracing.picture.marks import Marks, NewMark
from fanzha.tracing.picture.unrolling import Kind
from fanzha.wiring.exports import Taken, record_export
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.draw_case import draw_case

MARK = "cases.edit"


class WiredPicture(WiredTrace):
    """Pictures of traces through a case."""

    def picture(self, actor: Actor, ref: str, question: PictureQuestion) -> PictureView:
        """The picture; the same question again costs nothing."""
        methods = [question.trace.method, *([question.beside] if question.beside else [])]
        told = [self.traced(actor, ref, replace(question.trace, method=method)) for method in methods]
        shown, question = told[0].shown, replace(question, trace=told[0].question)
        drawn: PictureView = shown.answers.get(question, lambda: _drawn(question, told))
        return drawn

    def picture_svg(self, actor: Actor, ref: str, question: PictureQuestion, purpose: str, language: Language) -> str:
        """The first method's picture as a file, and the mark that it left."""
        if purpose:
            require(actor, "statements.reveal")
        told = self.traced(actor, ref, question.trace)
        drawing = self.picture(actor, ref, replace(question, beside=None)).drawing
        self._took(actor, ref, drawing, purpose)
        is_exercise = self.house.instance.birth == "exercise"
        return picture_file(drawing, told.found, language, ref, hidden=not purpose, is_exercise=is_exercise)

    def picture_taken(self, actor: Actor, ref: str, question: PictureQuestion) -> None:
        """The mark of a picture that a browser makes a file of, counted by the house."""
        require(actor, "statements.export")
        self._took(actor, ref, self.picture(actor, ref, question).drawing, "")

    def _took(self, actor: Actor, ref: str, drawing: Drawing, purpose: str) -> None:
        with opened(self.house, actor, ref, "statements.export") as (connection, case):
            taken = Taken(table="trace_picture", rows=len(drawing.nodes), purpose=purpose)
            record_export(self.house, connection, actor, case, taken)

    def marks(self, actor: Actor, ref: str, picture: str) -> MarksView:
        """What people put on a picture."""
        with opened(self.house, actor, ref) as (connection, case):
            return _marks(picture, picture_marks(connection, case.id, picture), actor, case)

    def add_mark(self, actor: Actor, ref: str, picture: str, made: NewMark) -> MarksView:
        """The same with one more."""
        with opened(self.house, actor, ref, MARK) as (connection, case):
            marks = add_mark(connection, case.id, picture, made, actor, self.house.now())
        return _marks(picture, marks, actor, case)


def _marks(picture: str, marks: Marks, actor: Actor, case: Case) -> MarksView:
    own = covers(actor.scope, case.unit_path) and case.state is not CaseState.ERASED
    return MarksView(picture=picture, marks=marks, may_mark=own and actor.may(MARK))


def _drawn(question: PictureQuestion, told: list[ShownTrace]) -> PictureView:
    drawing = draw_case([each.found for each in told], dust_fen=question.dust_fen, opened=question.opened)
    return PictureView(
        question=question,
        drawing=drawing,
        accounts=_accounts(drawing, told[0]),
        totals=tuple(_sums(each) for each in told),
        patterns=_patterns(drawing, told[0]),
        patterns_left_out=sum(told[0].traced_patterns.left_out.values()),
        patterns_cut=len(told[0].traced_patterns.cut),
    )


def _patterns(drawing: Drawing, told: ShownTrace) -> dict[str, tuple[NamedPattern, ...]]:
    """What is named about each account that is drawn by itself."""
    drawn = {node.place.name for node in drawing.nodes if node.place.kind is Kind.ACCOUNT}
    found = defaultdict[str, list[NamedPattern]](list)
    for each in told.patterns:
        for number in drawn.intersection(each.about):
            found[number].append(each)
    return {number: tuple(some) for number, some in found.items()}


def _accounts(drawing: Drawing, told: ShownTrace) -> dict[str, AccountRef]:
    """Everybody whom the picture names."""
    numbers = {node.place.name for node in drawing.nodes if node.place.kind is Kind.ACCOUNT}
    numbers |= {number for node in drawing.nodes for number, _ in node.members}
    found = ((number, told.account(number)) for number in sorted(numbers))
    return {number: account for number, account in found if account is not None}


def _sums(each: ShownTrace) -> MethodSums:
    return MethodSums(
        method=each.question.method,
        sums=each.sums,
        stop=each.found.trace.stop.name.lower(),
        cut=tuple(map(each.account, each.found.cut())),
    )
