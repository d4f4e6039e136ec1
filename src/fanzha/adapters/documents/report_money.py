"""Where the money went: by start, by layer, where it lies, how it left, and how fast it passed."""

from __future__ import annotations

from collections.abc import Iterator

from fanzha.adapters.documents.blocks import Block, Heading, Paragraph, Table
from fanzha.adapters.documents.report_front import MOST_STARTS
from fanzha.adapters.documents.report_words import Voice, columns, moment
from fanzha.i18n.measures import duration, layers_text
from fanzha.kernel.money import yuan_text
from fanzha.tracing.picture.layering import LayerSums
from fanzha.workflows.report_case import AccountFacts, Report
from fanzha.workflows.trace_case import Holding
from fanzha.workflows.trace_sums import Totals

MOST_HELD = 200
MOST_ACCOUNTS = 200


def money_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 4: totals to the fen, layers, where it lies now and how it left."""
    forward = report.is_forward
    yield Heading(text=voice.say("head.where" if forward else "head.whence"))
    yield _totals(report, voice)
    yield _layers(report, voice)
    unheld = "no_held_poison" if report.is_reach else "no_held_certain" if report.bounds else "no_held"
    if report.bounds:
        yield _bounds(report, voice)
    yield _held(report, voice) if report.holdings else Paragraph(text=_said(unheld, report, voice))
    yield _exits(report, voice) if report.exits else Paragraph(text=_said("no_exits", report, voice))


def _said(key: str, report: Report, voice: Voice) -> str:
    """A sentence of part 4, which asks backward where money came from and not where it went."""
    return voice.say(f"where.{key}{'' if report.is_forward else '_backward'}")


def _totals(report: Report, voice: Voice) -> Table:
    told: tuple[str, ...] = ("started", "left" if report.is_forward else "came")
    if not report.is_reach:
        lying = ("held", "last_seen") if report.is_forward else ("before",)
        told = (told[0], *lying, told[1], "below_floor", "disputed")
    listed = [each.totals for each in report.starts]
    return Table(
        title=_said("totals", report, voice),
        columns=columns(voice, "number", "start:1", *(f">{key}" for key in told)),
        rows=[
            [str(number), each.start, *map(yuan_text, _parts(each, told))]
            for number, each in enumerate(listed[:MOST_STARTS], start=1)
        ],
        sums=[
            voice.say("column.sums"),
            "",
            *(yuan_text(sum(part)) for part in zip(*(_parts(each, told) for each in listed), strict=True)),
        ],
    )


def _parts(each: Totals, told: tuple[str, ...]) -> list[int]:
    left = each.gone_fen
    fen = {
        "started": each.started_fen,
        "held": each.held_fen,
        "last_seen": each.last_seen_fen,
        "before": each.before_fen,
        "left": left,
        "came": left,
        "below_floor": each.below_floor_fen,
        "disputed": each.disputed_fen,
    }
    return [fen[key] for key in told]


def _layers(report: Report, voice: Voice) -> Table:
    forward = report.is_forward
    lying = [] if report.is_reach else [">lying:2"]
    left = ">left:2" if forward else ">came:2"
    note = voice.say("where.layers_note" if forward else "where.layers_note_backward")
    return Table(
        title=voice.say("where.layers"),
        columns=columns(voice, "layer:1", ">accounts:1", ">arrived:2", *lying, left, ">below_floor:2"),
        rows=[[str(each.layer), str(each.accounts), *map(yuan_text, _passed(each, report))] for each in report.layers],
        note=note + (voice.say("where.layers_note_poison") if report.is_reach else ""),
    )


def _passed(each: LayerSums, report: Report) -> list[int]:
    lying = [] if report.is_reach else [each.lying_fen]
    return [each.arrived_fen, *lying, each.left_fen, each.below_floor_fen]


def _held(report: Report, voice: Voice) -> Table:
    rest = report.holdings[MOST_HELD:]
    number = {each.totals.start: str(at) for at, each in enumerate(report.starts, start=1)}
    more = voice.say("where.more_held", count=len(rest), sum=voice.yuan(sum(each.fen for each in rest)))
    last_at = "last_at" if report.is_forward else "last_left_at"
    return Table(
        title=_said("held", report, voice),
        columns=columns(voice, "account", "name:2", "bank:3", "layer", "start", "lies", last_at, ">traced"),
        rows=[
            [
                voice.account(each.account),
                voice.person(each.name),
                voice.bank(each.bank),
                layers_text(voice.language, each.layers),
                number[each.start],
                voice.word(f"lies.{each.lies.value}") + _unsure(each, voice),
                moment(each.last_at, each.last_precision),
                yuan_text(each.fen),
            ]
            for each in report.holdings[:MOST_HELD]
        ],
        sums=[voice.say("column.sums"), *[""] * 6, yuan_text(sum(each.fen for each in report.holdings))],
        note=more if rest else "",
    )


def _bounds(report: Report, voice: Voice) -> Table:
    """What lay in each account by every rule, of all starts together."""
    rest = report.bounds[MOST_HELD:]
    more = voice.say("where.more_held", count=len(rest), sum=voice.yuan(sum(each.low_fen for each in rest)))
    return Table(
        title=voice.say("where.bounds"),
        columns=columns(voice, "account", "name:2", "bank:2", "lies", ">low", ">high"),
        rows=[
            [
                voice.account(each.account),
                voice.person(each.name),
                voice.bank(each.bank),
                "" if each.has_statement else voice.word("lies.last_seen") + voice.say("where.no_statement"),
                yuan_text(each.low_fen),
                yuan_text(each.high_fen),
            ]
            for each in report.bounds[:MOST_HELD]
        ],
        sums=[voice.say("column.sums"), *[""] * 3, yuan_text(sum(each.low_fen for each in report.bounds)), ""],
        note=voice.say("where.bounds_note") + (more if rest else ""),
    )


def _unsure(each: Holding, voice: Voice) -> str:
    """Why it is not sure, where it is not: nobody has the account's statement, or what it held at first is unknown."""
    if each.is_conclusive:
        return ""
    return voice.say("where.inconclusive" if each.has_statement else "where.no_statement")


def _exits(report: Report, voice: Voice) -> Table:
    started = 0 if report.is_reach else sum(each.totals.started_fen for each in report.starts)
    return Table(
        title=_said("exits", report, voice),
        columns=columns(voice, "exit:2", ">traced:1", ">share:1"),
        rows=[
            [voice.word(f"exit.{code}"), yuan_text(fen), voice.share(fen, started)]
            for code, fen in report.exits.items()
        ],
        sums=[voice.say("column.sums"), yuan_text(sum(report.exits.values())), ""],
    )


def accounts_part(report: Report, voice: Voice) -> Iterator[Block]:
    """Part 5: the fast facts of each account, most fen first."""
    yield Heading(text=voice.say("head.accounts"))
    if not report.is_forward:
        yield Paragraph(text=voice.say("accounts.backward"))
        return
    if report.is_reach:
        yield Paragraph(text=voice.say("accounts.poison"))
        return
    if report.disputes:
        yield Paragraph(text=voice.say("accounts.conservative"))
    if not report.accounts:
        return
    rest = report.accounts[MOST_ACCOUNTS:]
    more = voice.say("accounts.more", count=len(rest), sum=voice.yuan(sum(each.passage.in_fen for each in rest)))
    yield Paragraph(text=voice.say("accounts.intro"), style="note")
    yield Table(
        title=voice.say("accounts.table"),
        columns=columns(
            voice, "account", "name:1", "layer", ">in", ">out", ">residue", ">through", ">dwell", ">night_cash"
        ),
        rows=[_account(each, voice) for each in report.accounts[:MOST_ACCOUNTS]],
        note=more if rest else "",
    )


def _account(each: AccountFacts, voice: Voice) -> list[str]:
    told = each.passage
    return [
        voice.account(each.account),
        voice.person(each.name),
        layers_text(voice.language, each.layers),
        yuan_text(told.in_fen),
        yuan_text(told.out_fen),
        yuan_text(told.residue_fen),
        voice.share(told.out_fen, told.in_fen),
        "" if told.dwell_s is None else duration(voice.language, told.dwell_s),
        yuan_text(told.night_cash_fen) if told.night_cash_fen else "",
    ]
