"""An order's paper in words: title, number, what is asked and why, the facts, who answers for it, the receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fanzha.i18n import Language
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import fen
from fanzha.workflows.order_facts import Form, OrderFacts
from fanzha.workflows.order_rows import FREEZING, TO_PERSONS, Lines, rows_of
from fanzha.workflows.order_words import PaperWords

RECEIPTS: Mapping[Form, str] = {
    **dict.fromkeys((Form.STOP_APPLY, Form.STOP_EXTEND), "stop"),
    **dict.fromkeys((Form.FREEZE_APPLY, Form.FREEZE_WAITING, Form.FREEZE_RENEW), "freeze"),
    **dict.fromkeys((Form.STOP_LIFT, Form.FREEZE_RELEASE, Form.FREEZE_LIFT, Form.BLOCK_LIFT), "end"),
    **dict.fromkeys((Form.QUERY_DETAILS, Form.QUERY_HOLDER, Form.QUERY_ACCOUNTS), "query"),
    **dict.fromkeys((Form.MONITOR_APPLY, Form.MONITOR_LIFT), "monitor"),
    Form.BLOCK_APPLY: "block",
}
"""What an institution fills in and sends back, by form; papers to persons have none."""

TEMPLATE = 2
"""Which papers these are: a change after which any form is set to other bytes gives the next number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A label and the lines beside it."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """As what somebody signs, who that is, and when they signed; without a time the line is signed by hand."""

    capacity: str
    name: str
    signed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The page that comes back: what it is, to whom, what it confirms, about what, and blanks to fill in."""

    title: str
    addressee: str
    confirms: str
    rows: tuple[PaperRow, ...]
    seal: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaper:
    """A paper ready to be set; `at` is the only time in the file, `file_name` holds no personal data."""

    language: Language
    organ: str
    title: str
    number: str
    addressee: str
    opening: tuple[str, ...]
    rows: tuple[PaperRow, ...]
    closing: tuple[str, ...]
    signatures_title: str
    signatures: tuple[SignatureLine, ...]
    by_hand: str
    seal: str
    issued: str
    receipt: Receipt | None
    mark: str
    copy: str
    unseen: str
    foot: str
    pages: str
    at: datetime
    file_name: str


def order_paper(facts: OrderFacts, language: Language = "zh", *, is_draft: bool = False) -> OrderPaper:
    """The paper of these facts; `Invalid` where one that the form must state is missing or contradicts another.

    The Chinese paper has effect; the English one is a copy for reading and says so, as a draft does on each page.
    """
    words = PaperWords(language=language)
    told = _sound(facts, words)
    number = words.number(facts.number, facts.form)
    blanks = _blanks(facts, words)
    foot = "foot_person" if facts.form in TO_PERSONS else "foot"
    return OrderPaper(
        language=language,
        organ=facts.organ,
        title=words.form(facts.form, "title"),
        number=number,
        addressee=words.say("addressee", name=facts.addressee),
        opening=_paragraphs(words.form(facts.form, "opening", **blanks)),
        rows=tuple(_rows(told, words)),
        closing=_paragraphs(words.form(facts.form, "closing", **blanks)),
        signatures_title=words.say("signatures"),
        signatures=tuple(_signatures(facts, words)),
        by_hand=words.say("by_hand"),
        seal=words.say("seal"),
        issued=words.day(facts.issued_at),
        receipt=_receipt(facts, told, number, words),
        mark=words.say("mark") if facts.is_exercise else "",
        copy=words.say("draft_copy") if is_draft else "" if language == "zh" else words.say("reading_copy"),
        unseen="",
        foot=words.say(foot, order=facts.order, application=facts.application_id, law=facts.law),
        pages=words.say("pages", page="{page}", pages="{pages}"),
        at=facts.issued_at,
        file_name=file_name(facts, is_draft=is_draft),
    )


def file_name(facts: OrderFacts, *, is_draft: bool = False) -> str:
    """Under which name a paper leaves: the order's number and the form, nothing of anybody."""
    return f"{facts.order}-{facts.form.value}{'-draft' if is_draft else ''}.pdf"


def require_sound(facts: OrderFacts) -> None:
    """`Invalid` as `order_paper`, for whoever needs no paper yet."""
    _sound(facts, PaperWords(language="zh"))


_Told = Sequence[tuple[str, Lines]]


def _sound(facts: OrderFacts, words: PaperWords) -> _Told:
    """What the table of the form states."""
    form = facts.form.value
    if not facts.officers and facts.form not in TO_PERSONS:
        raise Invalid("papers.missing", form=form, fact="officers")
    for amount in (facts.amount_fen, facts.left_fen, facts.payment.amount_fen if facts.payment else None):
        if amount is not None and fen(amount) <= 0:
            raise Invalid("papers.contradiction", form=form, fact="amount")
    if facts.since and facts.until and facts.until <= facts.since:
        raise Invalid("papers.contradiction", form=form, fact="term")
    if facts.form in FREEZING and facts.case_filed_at is None:
        raise Invalid("papers.missing", form=form, fact="filed")
    return list(rows_of(facts, words))


def _rows(told: _Told, words: PaperWords) -> Iterator[PaperRow]:
    return (PaperRow(label=words.say(f"label.{label}"), lines=lines) for label, lines in told)


def _blanks(facts: OrderFacts, words: PaperWords) -> Mapping[str, Any]:
    """What the sentences of a form may be filled with."""
    return {
        "case": facts.case_title,
        "case_number": facts.case_number,
        "filed": words.day(facts.case_filed_at) if facts.case_filed_at else "",
        "hours": facts.hours or "",
        "measure": facts.measure,
        "contact": facts.contact,
        "basis": words.say(f"basis.{facts.channel.kind}") if facts.channel else "",
    }


def _paragraphs(told: str) -> tuple[str, ...]:
    return tuple(each for each in told.split("\n") if each)


def _signatures(facts: OrderFacts, words: PaperWords) -> Iterator[SignatureLine]:
    """Everybody who answers for the paper; a paper to a person names the organ alone."""
    if facts.form in TO_PERSONS:
        return
    for each in facts.officers:
        name = words.say("officer", name=each.name, police_id=each.police_id)
        signed = words.say("signed", at=words.moment(each.signed_at)) if each.signed_at else ""
        yield SignatureLine(
            capacity=words.say(f"capacity.{each.capacity}"),
            name=words.say("officer_for", officer=name, name=each.for_name) if each.for_name else name,
            signed=signed,
        )


def _receipt(facts: OrderFacts, told: _Told, number: str, words: PaperWords) -> Receipt | None:
    kind = RECEIPTS.get(facts.form)
    if kind is None:
        return None
    return Receipt(
        title=words.say("receipt.title", title=words.form(facts.form, "title")),
        addressee=words.say("addressee", name=facts.organ),
        confirms=words.say("receipt.confirms", number=number),
        rows=tuple(_receipt_rows(told, kind, words)),
        seal=words.say("receipt.seal"),
        date=words.say("receipt.date"),
    )


def _receipt_rows(told: _Told, kind: str, words: PaperWords) -> Iterator[PaperRow]:
    """What the paper is about, so that a receipt is of one order only, and the blanks."""
    yield from _rows([(label, lines) for label, lines in told if label in ABOUT], words)
    yield PaperRow(label=words.say("receipt.result"), lines=(words.say("receipt.choices"),))
    yield from (PaperRow(label=words.say(f"receipt.{each}"), lines=("",)) for each in BLANKS[kind])


ABOUT = frozenset({"holder", "account", "channel"})
BLANKS: Mapping[str, tuple[str, ...]] = {
    "stop": ("stopped_at", "balance", "ends_at", "failure", "clerk", "telephone"),
    "freeze": ("frozen_at", "frozen", "balance", "prior", "ends_on", "failure", "clerk", "telephone"),
    "end": ("ended_at", "failure", "clerk", "telephone"),
    "query": ("attached", "failure", "clerk", "telephone"),
    "monitor": ("since", "failure", "clerk", "telephone"),
    "block": ("blocked_at", "failure", "clerk", "telephone"),
}
"""The blanks of each receipt, in their order."""
