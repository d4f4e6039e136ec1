"""The analysis report of a case as a document, in Chinese or English, in full or masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fanzha.adapters.documents.blocks import (
    Block,
    Cell,
    Document,
    Heading,
    Paragraph,
    Picture,
    Signatures,
    Table,
    Turn,
    texts,
)
from fanzha.adapters.documents.fonts import lacking
from fanzha.adapters.documents.report_doubts import asking_part, doubts_part
from fanzha.adapters.documents.report_front import case_part, cover
from fanzha.adapters.documents.report_method import method_part
from fanzha.adapters.documents.report_money import accounts_part, money_part
from fanzha.adapters.documents.report_patterns import patterns_part
from fanzha.adapters.documents.report_sources import MOST_SHEETS, sources_part
from fanzha.adapters.documents.report_words import Voice, columns, moment
from fanzha.i18n import Language
from fanzha.i18n.measures import layers_text
from fanzha.kernel.money import yuan_text
from fanzha.workflows.report_case import Report
from fanzha.workflows.trace_case import TracedHop

MOST_PLACES = 6
"""Places of evidence told of one hop; the others are counted."""
FINGERPRINT_SHOWN = 16


def report_document(report: Report, language: Language, *, svg: str, hidden: bool) -> Document:
    """The report as it is printed and signed; `svg` is its picture, `hidden` masks numbers and names."""
    voice = Voice(language=language, hidden=hidden, banks=report.head.banks)
    front = [*cover(report, voice), *case_part(report, voice), *sources_part(report, voice)]
    middle = [*method_part(report, voice), *money_part(report, voice), *accounts_part(report, voice)]
    middle += [*patterns_part(report, voice), *asking_part(report, voice)]
    annex = [*_picture(svg, voice), *_annex(report, voice)]
    unseen = lacking(texts([*front, *middle, *annex]))
    closing = [*doubts_part(report, voice, unseen), *_signatures(voice)]
    return Document(
        language=language,
        title=voice.say("heading", ref=report.head.ref),
        head=voice.say("heading", ref=report.head.ref),
        handling=voice.say("handling"),
        mark=voice.say("mark") if report.head.is_exercise else "",
        foot=voice.say("foot", short=report.fingerprint[:FINGERPRINT_SHOWN]),
        pages=voice.say("pages", page="{page}", pages="{pages}"),
        at=report.sources.as_of,
        blocks=list(_numbered([*front, *middle, *closing, *annex], voice)),
    )


def _numbered(blocks: Iterable[Block], voice: Voice) -> Iterator[Block]:
    """The blocks, each table with its number: a table that is not there leaves no gap."""
    number = 0
    for each in blocks:
        if isinstance(each, Table):
            number += 1
            yield replace(each, title=voice.say("table_title", number=number, title=each.title))
        else:
            yield each


def _signatures(voice: Voice) -> Iterator[Block]:
    yield Paragraph(text=voice.say("sign.statement"))
    yield Signatures(labels=[voice.say("sign.analyst"), voice.say("sign.reviewer")], date=voice.say("sign.date"))


def _picture(svg: str, voice: Voice) -> Iterator[Block]:
    yield Turn(landscape=True)
    yield Heading(text=voice.say("head.picture"))
    yield Picture(svg=svg, alt=voice.say("head.picture"))


def _annex(report: Report, voice: Voice) -> Iterator[Block]:
    shown = len(report.hops)
    key = "intro" if shown == report.hop_count else "largest"
    numbers = {"count": f"{report.hop_count:,}", "shown": f"{shown:,}"}
    yield Turn(landscape=True)
    yield Heading(text=voice.say("head.annex"))
    yield Paragraph(text=voice.say(f"annex.{key}", **numbers) + voice.say("annex.evidence"))
    start = {each.totals.start: str(at) for at, each in enumerate(report.starts, start=1)}
    sheet = {f"{each.sha256}:{each.path}": at for at, each in enumerate(report.sources.sheets[:MOST_SHEETS], start=1)}
    yield Table(
        title=voice.say("annex.table"),
        columns=columns(
            voice,
            "number",
            "at",
            "payer:2",
            "payee:2",
            "layer",
            ">amount",
            ">traced",
            "start",
            "became",
            "id",
            "evidence:2",
        ),
        rows=[
            [str(at), *_hop(each, report, start[each.start], voice), _places(each, sheet, voice)]
            for at, each in enumerate(report.hops, start=1)
        ],
    )


def _hop(each: TracedHop, report: Report, start: str, voice: Voice) -> list[Cell]:
    payer_name, payee_name = (each.told.payer_name, each.told.payee_name) if each.told else ("", "")
    return [
        moment(each.at, each.precision) + (" \u203b" if each.order_contradicted else ""),
        voice.party(each.payer, payer_name),
        voice.party(each.payee, payee_name),
        layers_text(voice.language, each.payee_layers if report.is_forward else each.payer_layers),
        yuan_text(each.amount_fen),
        yuan_text(each.fen),
        start,
        voice.word(f"exit.{each.exit}" if each.exit else f"became.{each.became}"),
        each.told.id if each.told else "",
    ]


def _places(each: TracedHop, sheet: Mapping[str, int], voice: Voice) -> str:
    """Rows by the number of their table in part 2; by its path where that list was cut short."""
    told = [
        f"{sheet.get(place.source.key) or voice.path(place.source.path)}:{place.row}"
        for place in each.evidence[:MOST_PLACES]
    ]
    if len(each.evidence) > MOST_PLACES:
        told.append(voice.say("annex.more_places", count=len(each.evidence)))
    return "; ".join(told)
