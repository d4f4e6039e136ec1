"""By which rule a report tells money apart, what the other rules would say, and what is taken for granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fanzha.adapters.documents.blocks import Block, Heading, Items, Paragraph, Table
from fanzha.adapters.documents.report_words import NOTHING, Voice, columns
from fanzha.i18n import text
from fanzha.kernel.money import yuan_text
from fanzha.tracing.follow.question import Method
from fanzha.workflows.report_case import MethodSums, Report

_STOPPED_EARLY = " *"
_CONVENTIONS = ("opening", "clock", "once", "victim", "horizon", "ends", "lies", "unseen")


def method_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 3: the rule, what the others would say, and what is taken for granted."""
    asked = report.question
    yield Heading(text=voice.say("head.method"))
    method = voice.word(f"method.{asked.method.value}")
    yield Paragraph(
        text=voice.say(
            "methods.chosen", method=method, about=text(voice.language, f"flow.method.{asked.method.value}.means")
        )
    )
    yield _methods(report, voice)
    fields = {"horizon": voice.horizon(asked.horizon_s), "floor": voice.yuan(asked.floor_fen)}
    yield Items(
        rows=[
            (voice.say(f"convention.{each}"), voice.say(f"convention.{_text_of(each, report)}", **fields))
            for each in _CONVENTIONS
            if report.is_forward or each != "lies"
        ]
    )


def _text_of(convention: str, report: Report) -> str:
    is_other = convention == "horizon" and not report.is_forward
    return f"{convention}_text{'_backward' if is_other else ''}"


def _methods(report: Report, voice: Voice) -> Table:
    forward = report.is_forward
    told = ("held", "last_seen", "left") if forward else ("before", "came")
    notes = ["methods.poison_note"] if any(each.method == Method.POISON for each in report.methods) else []
    notes += [] if forward else ["methods.conservative_note"]
    notes += ["methods.stopped"] if any(each.ended != "nothing_left" for each in report.methods) else []
    return Table(
        title=voice.say("methods.table"),
        columns=columns(
            voice, "method:1", ">started", *(f">{key}" for key in told), ">below_floor", ">disputed", ">accounts"
        ),
        rows=[_method(each, report, voice, told) for each in report.methods],
        note="".join(map(voice.say, notes)),
    )


def _method(each: MethodSums, report: Report, voice: Voice, told: Sequence[str]) -> list[str]:
    name = voice.word(f"method.{each.method}")
    mark = "\u25a0 " if each.method == report.question.method.value else ""
    name = f"{mark}{name}{'' if each.ended == 'nothing_left' else _STOPPED_EARLY}"
    if each.method == Method.POISON:
        sums = [yuan_text(each.sums.gone_fen) if key in ("left", "came") else NOTHING for key in told]
        return [name, yuan_text(each.sums.started_fen), *sums, NOTHING, NOTHING, str(each.accounts)]
    fen = {"held": each.sums.held_fen, "last_seen": each.sums.last_seen_fen, "before": each.sums.before_fen}
    fen |= {"left": each.sums.gone_fen, "came": each.sums.gone_fen}
    sums = [yuan_text(fen[key]) for key in told]
    ends = [yuan_text(each.sums.below_floor_fen), yuan_text(each.sums.disputed_fen)]
    return [name, yuan_text(each.sums.started_fen), *sums, *ends, str(each.accounts)]
