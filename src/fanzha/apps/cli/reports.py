"""`fanzha reports …`: what a victim, a bank or a chat wrote, read for what an order needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.failures import DOES_NOT_HOLD, sentence
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, Row, give, give_one, readable, shown, worded
from fanzha.apps.web.views.report_files import TakenFile, TakenReport
from fanzha.i18n import catalogue
from fanzha.kernel.clock import SHANGHAI, WallClock
from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account
from fanzha.kernel.money import yuan_text
from fanzha.kernel.units import Actor
from fanzha.records.reports.findings import Account, Moment, Payment, Reading, Words
from fanzha.records.reports.read import MOST_CHARACTERS, read_words
from fanzha.records.reports.telling import told
from fanzha.wiring.house import House
from fanzha.wiring.report_words import live_reader
from fanzha.wiring.standing_in import standing_in_for

app = noun("reports")

COLUMNS = ("reading", "value", "certainty", "place", "read", "reasons")
TAKEN = ("line", "key", "outcome", "number", "message")
TAKEN_HEADS = {
    "line": "file_line", "key": "report_key", "outcome": "report_outcome", "number": "incident_number",
    "message": "report_message",
}  # fmt: skip
_BYTES_A_CHARACTER = 4


@command(app, "reports.read")
def read(
    file: Annotated[str, argument("reports.read.file", "FILE|-")],
    at: Annotated[str, option("reports.read.at", "--at", metavar="TIME")] = "",
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """Print what was read: a line a finding for people, the whole reading as JSON for programs."""
    text = _text_of(file)
    words = read_words(text, live_reader(), _told_at(at))
    if form is Format.JSON:
        give_one(told(words), form)
    else:
        give(_rows(text, words), COLUMNS, form)


@command(app, "reports.take")
def take(
    file: Annotated[str, argument("reports.take.file", "FILE|-")],
    login: Annotated[str, option("orders.as_login", "--as", metavar="LOGIN")] = "",
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """Take a report a line: each line has its result, in its own transaction; ends with 8 when one was rejected."""
    with opened_house() as house:
        actor = standing_in_for(house, login)
        found = _taken(house, actor, file)
    rows = [row for report in found.reports for row in _told_of(report)]
    if not rows:
        raise Invalid("reports.no_rows", place=file)
    for each in found.left_out:
        typer.echo(sentence(each), err=True)
    give(worded(rows, form, outcome="report_outcome"), TAKEN, form, heads=TAKEN_HEADS)
    if any(each["outcome"] == "rejected" for each in rows):
        raise typer.Exit(DOES_NOT_HOLD)


def _taken(house: House, actor: Actor, file: str) -> TakenFile:
    from fanzha.apps.web.wired.report_files import taken_of_file, taken_of_lines

    if file != "-":
        return taken_of_file(house, actor, Path(file))
    with readable(file) as source:
        return TakenFile(name=file, reports=[*taken_of_lines(house, actor, source)])


def _told_of(report: TakenReport) -> Iterator[Row]:
    """A line a row of the file: a row's result is its report's, which may have several."""
    told = {"key": report.key, "outcome": report.outcome, "number": report.number}
    why = {"code": ",".join(each.code for each in report.told), "message": " ".join(map(sentence, report.told))}
    yield from ({"line": line, **told, **why} for line in report.lines)


def _text_of(file: str) -> str:
    with readable(file) as source:
        raw = source.read(MOST_CHARACTERS * _BYTES_A_CHARACTER + 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _told_at(text: str) -> datetime:
    """When it was told: now, unless the command says otherwise; a time without a zone is Shanghai's."""
    if not text:
        return WallClock().now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("reports.bad_time", time=text) from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _rows(text: str, words: Words) -> Iterator[Row]:
    for payment in words.payments:
        yield _row(text, f"payment_{payment.role}", _payment(payment), payment)
    for amount in words.amounts:
        yield _row(text, "amount", f"{_money(amount.fen, amount.currency)} {_word('amount_role', amount.role)}", amount)
    for each in words.accounts:
        yield _row(text, "account", f"{_number(each)} {_word('side', each.side)}", each)
    for bank in words.banks:
        yield _row(text, "bank", f"{bank.name} {_word('side', bank.side)}", bank)
    for name in words.names:
        yield _row(text, "name", f"{name.name} {_word('side', name.side)}", name)
    for moment in words.moments:
        yield _row(text, "moment", _time(moment), moment)
    for contact in words.contacts:
        yield _row(text, contact.kind, contact.value, contact)
    for kind in words.scam_types:
        title = next(each.title[chosen()] for each in live_reader().types if each.code == kind.code)
        heard = dict.fromkeys(text[each.start : each.end] for each in kind.words)
        yield _line("scam_type", f"{kind.code} {title} {kind.points}", kind.certainty, reasons=" ".join(heard))
    for doubt in words.doubts:
        yield _row(text, "doubt", _word("report_doubt", doubt.code), doubt)


def _row(text: str, kind: str, value: str, reading: Reading) -> Row:
    reasons = "; ".join(_word("reading_reason", each) for each in reading.reasons)
    place = f"{reading.start}-{reading.end}"
    return _line(kind, value, reading.certainty, place, text[reading.start : reading.end], reasons)


def _line(kind: str, value: str, certainty: str, place: str = "", read: str = "", reasons: str = "") -> Row:
    return {
        "reading": _word("reading", kind),
        "value": value,
        "certainty": _word("certainty", certainty),
        "place": place,
        "read": read,
        "reasons": reasons,
    }


def _payment(payment: Payment) -> str:
    """`50,000.00 → 张三 6222 … 中国建设银行 2026-11-22 10:00 手机银行`."""
    parts = [
        payment.payee_name and payment.payee_name.name,
        payment.payee and _number(payment.payee),
        payment.payee_bank and payment.payee_bank.name,
        payment.moment and _time(payment.moment),
        payment.channel and _word("pay_channel", payment.channel.kind),
    ]
    rest = " ".join(each for each in parts if each)
    return f"{_money(payment.amount.fen, payment.amount.currency)} → {rest}".rstrip(" →")


def _money(fen: int, currency: str) -> str:
    return yuan_text(fen) if currency == "CNY" else f"{yuan_text(fen)} {currency}"


def _number(found: Account) -> str:
    return account.show(found.number)


def _time(moment: Moment) -> str:
    exact = shown("at", moment.at)
    return f"{exact} ({_word('fineness', moment.fineness)})"


def _word(section: str, code: str) -> str:
    return catalogue(chosen())[f"words.{section}.{code}"]
