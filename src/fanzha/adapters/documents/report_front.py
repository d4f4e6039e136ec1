"""What a report opens with: the case in facts, the answer in one sentence, and what was asked by whom."""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.adapters.documents.blocks import Block, Cell, Facts, Figure, Figures, Heading, Paragraph, Table, Title
from fanzha.adapters.documents.report_words import Voice, columns, day, moment
from fanzha.kernel.money import yuan_text
from fanzha.workflows.report_case import MethodSums, Report

MOST_STARTS = 200


def cover(report: Report, voice: Voice) -> Iterator[Block]:
    """Title, the case in facts, and the answer before anything else."""
    head, asked = report.head, report.question
    yield Title(title=voice.say("title"), subtitle=voice.say("subtitle"), name=head.title)
    told = {
        "ref": head.ref,
        "state": voice.word(f"case_state.{head.state}"),
        "case_unit": voice.named(head.case_unit),
        "opened_at": day(head.opened_at),
        "asking_unit": voice.named(head.asking_unit),
        "asked_by": head.asked_by,
        "purpose": voice.word(f"purpose.{head.purpose}") if head.purpose else voice.say("none"),
        "as_of": moment(report.sources.as_of),
        "direction": voice.word(f"trace_direction.{asked.direction.value}"),
        "method": voice.word(f"method.{asked.method.value}"),
        "horizon": voice.horizon(asked.horizon_s),
        "floor": voice.yuan(asked.floor_fen),
    }
    yield Facts(rows=[(voice.say(f"fact.{key}"), value) for key, value in told.items()], paired=True)
    if head.is_exercise:
        yield Paragraph(text=voice.say("exercise"), style="warning")
    if voice.hidden:
        yield Paragraph(text=voice.say("masked"), style="warning")
    yield _figures(report, voice)
    yield Paragraph(text=_finding(report, voice))
    yield Facts(
        rows=[
            (voice.say("fact.fingerprint"), report.fingerprint),
            (voice.say("fact.program"), head.program),
        ]
    )


def chosen(report: Report) -> MethodSums:
    """The sums of the method that was asked for."""
    return next(each for each in report.methods if each.method == report.question.method.value)


def _figures(report: Report, voice: Voice) -> Figures:
    sums = chosen(report).sums
    first = Figure(
        label=voice.say("figure.started"),
        value=yuan_text(sums.started_fen),
        note=voice.say("figure.starts", count=len(report.starts)),
    )
    if report.is_reach:
        return Figures(figures=[first, *_bounds(report, voice)])
    if report.is_forward:
        parts = {"held": sums.held_fen, "last_seen": sums.last_seen_fen, "left": sums.gone_fen}
    else:
        parts = {"before": sums.before_fen, "came": sums.gone_fen}
    parts["rest"] = sums.below_floor_fen + sums.disputed_fen
    others = [
        Figure(
            label=voice.say(f"figure.{key}"),
            value=yuan_text(fen),
            note=voice.say("figure.share", share=voice.share(fen, sums.started_fen)) if sums.started_fen else "",
        )
        for key, fen in parts.items()
    ]
    return Figures(figures=[first, *others])


def _bounds(report: Report, voice: Voice) -> Iterator[Figure]:
    """What a reach tells: how many accounts, and what went from them to where nobody follows."""
    told = chosen(report)
    left = "left" if report.is_forward else "came"
    for key, value in (("accounts", f"{told.accounts:,}"), (left, yuan_text(told.sums.gone_fen))):
        yield Figure(label=voice.say(f"figure.{key}"), value=value, note=voice.say("figure.bound"))


def _finding(report: Report, voice: Voice) -> str:
    sums, asked = chosen(report).sums, report.question
    certain = voice.yuan(sums.held_fen + sums.last_seen_fen)
    least = voice.say("finding.at_least", least=voice.yuan(sums.at_least_fen), certain=certain)
    return (least if sums.disputed_fen else "") + voice.say(
        f"finding.{'poison_' if report.is_reach else ''}{asked.direction.value}",
        horizon=voice.horizon(asked.horizon_s),
        method=voice.word(f"method.{asked.method.value}"),
        started=voice.yuan(sums.started_fen),
        held=voice.yuan(sums.held_fen),
        last_seen=voice.yuan(sums.last_seen_fen),
        before=voice.yuan(sums.before_fen),
        left=voice.yuan(sums.gone_fen),
        below=voice.yuan(sums.below_floor_fen),
        disputed=voice.say("finding.disputed", disputed=voice.yuan(sums.disputed_fen)) if sums.disputed_fen else "",
        accounts=chosen(report).accounts,
        layers=max((each.layer for each in report.layers), default=0),
    )


def case_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 1: who asked what for, from which payments, and what the report does not prove."""
    head, asked = report.head, report.question
    yield Heading(text=voice.say("head.case"))
    yield Paragraph(
        text=voice.say(
            f"case.{'poison_' if report.is_reach else ''}{asked.direction.value}",
            unit=voice.named(head.asking_unit),
            person=head.asked_by,
            purpose=voice.word(f"purpose.{head.purpose}") if head.purpose else voice.say("none"),
            count=len(report.starts),
        )
    )
    yield _starts(report, voice)
    yield Paragraph(text=voice.say("case.proves_not"), style="warning")


def _starts(report: Report, voice: Voice) -> Table:
    rows: list[list[Cell]] = []
    for number, each in enumerate(report.starts[:MOST_STARTS], start=1):
        hop = each.hop
        told = hop.told if hop else None
        rows.append(
            [
                str(number),
                each.totals.start,
                moment(hop.at, hop.precision) if hop else "",
                voice.party(hop.payer, told.payer_name) if hop and told else "",
                voice.party(hop.payee, told.payee_name) if hop and told else "",
                yuan_text(hop.amount_fen) if hop else "",
                yuan_text(each.totals.started_fen),
            ]
        )
    rest = report.starts[MOST_STARTS:]
    missing = voice.yuan(sum(each.totals.started_fen for each in rest))
    return Table(
        title=voice.say("case.starts"),
        columns=columns(voice, "number", "id", "at", "payer:1", "payee:1", ">amount", ">traced"),
        rows=rows,
        note=voice.say("case.more_starts", count=len(rest), sum=missing) if rest else "",
    )
