"""What a report cannot tell: statements to ask for, where the rules disagree, and what is in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from fanzha.adapters.documents.blocks import Block, Heading, Items, Paragraph, Table
from fanzha.adapters.documents.fonts import code_point
from fanzha.adapters.documents.report_words import Voice, columns
from fanzha.kernel.clock import from_days
from fanzha.kernel.money import yuan_text
from fanzha.workflows.case_ledger import Place
from fanzha.workflows.report_case import Doubts, Report
from fanzha.workflows.resting import Guess

MOST_ASKING = 200
MOST_DISPUTES = 200
MOST_NAMED = 20
MOST_GUESSES = 5


def asking_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 7: statements worth asking for, by the fen at stake."""
    yield Heading(text=voice.say("head.asking"))
    if not report.is_forward:
        yield Paragraph(text=voice.say("asking.backward"))
        return
    if not report.asking:
        why = "poison" if report.is_reach else "conservative" if report.disputes else "none"
        yield Paragraph(text=voice.say(f"asking.{why}"))
        return
    rest = report.asking[MOST_ASKING:]
    more = voice.say("asking.more", count=len(rest), sum=voice.yuan(sum(each.asking.fen for each in rest)))
    yield Paragraph(text=voice.say("asking.intro"))
    yield Table(
        title=voice.say("asking.table"),
        columns=columns(voice, "number", "account", "name:2", "bank:3", "lack:2", "days", ">traced"),
        rows=[
            [
                str(number),
                voice.account(each.account),
                voice.person(each.name),
                voice.bank(each.bank),
                voice.say(f"lack.{each.asking.lack.name.lower()}"),
                f"{_day(each.asking.first_day)} \u2013 {_day(each.asking.last_day)}",
                yuan_text(each.asking.fen),
            ]
            for number, each in enumerate(report.asking[:MOST_ASKING], start=1)
        ],
        sums=[voice.say("column.sums"), *[""] * 5, yuan_text(sum(each.asking.fen for each in report.asking))],
        note=more if rest else "",
    )


def _day(number: int) -> str:
    return from_days(number).isoformat()


def doubts_part(report: Report, voice: Voice, lacking: Sequence[str]) -> Iterator[Block]:
    """Part 8: doubts one by one, `lacking` characters among them, and where the rules disagree."""
    yield Heading(text=voice.say("head.doubts"))
    doubts = [*_doubts(report, voice), *_glyphs(lacking, voice)]
    if doubts:
        yield Items(rows=doubts)
    elif not report.disputes:
        yield Paragraph(text=voice.say("doubts.nothing"))
    if report.disputes:
        yield _disputes(report, voice)


def _doubts(report: Report, voice: Voice) -> Iterator[tuple[str, str]]:
    told = report.doubts

    item = partial(_item, voice)
    for key, (hops, fen) in {"contradicted": told.contradicted, "unseen": told.unseen}.items():
        if hops:
            yield item(key, count=hops, sum=voice.yuan(fen))
    yield from _balances(told, voice)
    for code, count in told.by_code.items():
        yield item("code", doubt=voice.word(f"doubt.{code}"), count=count)
    unsure = {each.account: None for each in report.holdings if not each.is_conclusive}
    unsure |= {each.account: None for each in report.accounts if not each.is_conclusive}
    if unsure:
        yield item("inconclusive", count=len(unsure), accounts=_named(list(unsure), voice))
    if told.cut:
        yield item("cut", count=len(told.cut), accounts=_named(told.cut, voice))
    if told.ended != "nothing_left":
        yield item("ended")
    if told.patterns_cut:
        yield item("patterns_cut", count=len(told.patterns_cut), accounts=_named(told.patterns_cut, voice))
    if told.patterns_left_out:
        yield item("patterns_left_out", count=told.patterns_left_out)


def _item(voice: Voice, key: str, **fields: object) -> tuple[str, str]:
    return voice.say(f"doubts.{key}"), voice.say(f"doubts.{key}_text", **fields)


def _balances(told: Doubts, voice: Voice) -> Iterator[tuple[str, str]]:
    """What rests on balances that no row bears out, account by account, and balances that are wrong."""
    for account, each in told.resting[:MOST_NAMED]:
        rows = _listed([_guess(guess, voice) for guess in each.guesses], MOST_GUESSES, voice)
        yield _item(voice, "resting", account=voice.account(account), sum=voice.yuan(each.fen), rows=rows)
    if len(told.resting) > MOST_NAMED:
        yield _item(voice, "resting_more", count=len(told.resting) - MOST_NAMED)
    if told.slips:
        rows = _listed([_row(slip.place, voice) for _, slip in told.slips], MOST_NAMED, voice)
        yield _item(voice, "slips", count=len(told.slips), rows=rows)


def _guess(guess: Guess, voice: Voice) -> str:
    said = voice.say(f"doubts.guess_{'came' if guess.fen > 0 else 'left'}", sum=voice.yuan(abs(guess.fen)))
    return " ".join([said, *(_row(place, voice) for place in guess.evidence[:1])])


def _row(place: Place, voice: Voice) -> str:
    return voice.say("doubts.row", file=voice.path(place.source.path), row=place.row)


def _glyphs(lacking: Sequence[str], voice: Voice) -> Iterator[tuple[str, str]]:
    if lacking:
        characters = voice.say("and_so_on").join(code_point(each) for each in lacking[:MOST_NAMED])
        if len(lacking) > MOST_NAMED:
            characters = voice.say("doubts.more", told=characters)
        yield voice.say("doubts.glyphs"), voice.say("doubts.glyphs_text", count=len(lacking), characters=characters)


def _named(accounts: Sequence[str], voice: Voice) -> str:
    return _listed(list(map(voice.account, accounts)), MOST_NAMED, voice)


def _listed(words: Sequence[str], most: int, voice: Voice) -> str:
    told = voice.say("and_so_on").join(words[:most])
    return voice.say("doubts.more", told=told) if len(words) > most else told


def _disputes(report: Report, voice: Voice) -> Table:
    number = {each.totals.start: str(at) for at, each in enumerate(report.starts, start=1)}
    rest = len(report.disputes) - MOST_DISPUTES
    note = voice.say("doubts.disputes_note")
    return Table(
        title=voice.say("doubts.disputes"),
        columns=columns(voice, "account:1", "movement:1", "start", ">low", ">high"),
        rows=[
            [
                voice.account(each.account),
                each.movement,
                number[each.start],
                yuan_text(each.low_fen),
                yuan_text(each.high_fen),
            ]
            for each in report.disputes[:MOST_DISPUTES]
        ],
        note=note + (voice.say("doubts.more_disputes", count=rest) if rest > 0 else ""),
    )
