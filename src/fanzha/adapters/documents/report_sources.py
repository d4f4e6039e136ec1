"""What a report was made of: every file with its hash, how each table of it was read, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fanzha.adapters.documents.blocks import Block, Cell, Heading, Paragraph, Table
from fanzha.adapters.documents.report_words import Voice, columns, day, moment
from fanzha.i18n.sentences import error_text
from fanzha.kernel.errors import Invalid
from fanzha.workflows.report_case import Report, ReportSources

MOST_FILES = 300
MOST_SHEETS = 500


def sources_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 2: every file with its hash, how each table of it was read, and what is missing."""
    sources = report.sources
    yield Heading(text=voice.say("head.sources"))
    yield Paragraph(text=voice.say("sources.intro"))
    more = len(sources.files) - MOST_FILES
    yield Table(
        title=voice.say("sources.files"),
        columns=columns(voice, "number", "file:3", "sha256:4", ">size", "received"),
        rows=[
            [str(number), voice.path(each.name), each.sha256, f"{each.size:,}", moment(each.at)]
            for number, each in enumerate(sources.files[:MOST_FILES], start=1)
        ],
        note=voice.say("sources.more_files", count=more) if more > 0 else "",
    )
    yield _sheets(sources, voice)
    yield Heading(text=voice.say("sources.missing"), level=2)
    yield from (Paragraph(text=each) for each in _missing(report, voice))


def _sheets(sources: ReportSources, voice: Voice) -> Table:
    rest, sheets_told = sources.sheets[MOST_SHEETS:], sources.sheets[:MOST_SHEETS]
    alone = {each.sha256 for each in sources.files[:MOST_FILES]}
    rows: list[list[Cell]] = [
        [
            str(number),
            voice.path(each.path) if each.sha256 in alone else (voice.path(each.path), each.sha256),
            voice.named(each.format_title),
            f"{day(each.first_at)} \u2013 {day(each.last_at)}" if each.first_at and each.last_at else "",
            f"{each.accepted:,}",
            f"{each.duplicates:,}",
            f"{each.rejected:,}",
        ]
        for number, each in enumerate(sheets_told, start=1)
    ]
    sums = [sum(getattr(each, name) for each in sources.sheets) for name in ("accepted", "duplicates", "rejected")]
    note = voice.say(
        "sources.more_sheets",
        count=len(rest),
        accepted=f"{sum(each.accepted for each in rest):,}",
        duplicates=f"{sum(each.duplicates for each in rest):,}",
        rejected=f"{sum(each.rejected for each in rest):,}",
    )
    return Table(
        title=voice.say("sources.sheets"),
        columns=columns(voice, "number", "sheet:5", "format:3", "period", ">accepted", ">duplicates", ">rejected"),
        rows=rows,
        sums=[voice.say("column.sums"), "", "", "", *(f"{each:,}" for each in sums)],
        note=note if rest else "",
    )


def _missing(report: Report, voice: Voice) -> Iterator[str]:
    sources, said = report.sources, 0
    for each in sources.sheets:
        if each.fault:
            key = "broke_off" if each.format_id else "not_recognised"
            why = _why(each.fault, each.fault_fields, voice)
            yield voice.say(f"sources.{key}", rows=f"{each.unread:,}", path=voice.path(each.path), why=why)
            said += 1
    for lost in sources.not_read:
        why = _why(lost.code, lost.fields, voice)
        yield voice.say("sources.not_read", path=voice.path(lost.place), why=why)
        said += 1
    for out in sources.left_out:
        names = voice.say("and_so_on").join(map(voice.path, out.files)) or voice.say("none")
        state = voice.say(f"left_out.{out.state}")
        yield voice.say("sources.left_out", state=state, files=names, at=moment(out.at))
        said += 1
    if not said:
        yield voice.say("sources.nothing_missing")
    if report.asking:
        yield voice.say("sources.no_statement", count=len(report.asking))


def _why(code: str, fields: Mapping[str, object], voice: Voice) -> str:
    """The house's own sentence for why something was not read; what it quotes of a file may be masked."""
    told = {name: voice.path(value) if isinstance(value, str) else value for name, value in fields.items()}
    return error_text(voice.language, Invalid(code, **told))
