"""Patterns named in the traced money: what was seen, in one sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.adapters.documents.blocks import Block, Cell, Heading, Paragraph, Table
from fanzha.adapters.documents.report_words import Voice, columns, moment
from fanzha.kernel.money import yuan_text
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.report_case import Report

MOST_PATTERNS = 100


def patterns_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 6: each pattern with the account that it is about, its time, its money and its sentence."""
    yield Heading(text=voice.say("head.patterns"))
    if not report.patterns:
        yield Paragraph(text=voice.say("patterns.none"))
        return
    rest = len(report.patterns) - MOST_PATTERNS
    yield Paragraph(text=voice.say("patterns.intro"))
    yield Table(
        title=voice.say("patterns.table"),
        columns=columns(voice, "number", "pattern:2", "account", "at", ">moved", "said:5"),
        rows=[
            [str(number), *_pattern(each, voice)]
            for number, each in enumerate(report.patterns[:MOST_PATTERNS], start=1)
        ],
        note=voice.say("patterns.more", count=rest) if rest > 0 else "",
    )


def _pattern(each: NamedPattern, voice: Voice) -> list[Cell]:
    about = next((some[0] for some in each.accounts.values() if some), "")
    return [
        each.title(voice.language),
        voice.account(about),
        moment(each.first_at, each.first_precision),
        yuan_text(each.fen),
        each.said(voice.language) + ("" if each.is_conclusive else voice.say("where.inconclusive")),
    ]
