"""A report's words read for the form: suggestions with the places they rest on; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.report_words import ReadContact, ReadPayment, ReadType, ReadWords, WordsPiece
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.kernel.units import Actor
from fanzha.orders.order import TargetKind
from fanzha.records.reports.findings import Contact, Payment, Reading, Role, Side, Words
from fanzha.records.reports.read import read_words
from fanzha.registers.institutions import Institution, named_like
from fanzha.wiring.report_words import live_reader
from fanzha.wiring.sparing import is_public

BLOCKABLE: Mapping[str, TargetKind] = {
    "phone": TargetKind.PHONE,
    "link": TargetKind.SITE,
    "domain": TargetKind.SITE,
    "app": TargetKind.APP,
}
"""What an institution can be asked to block, by the kind of contact."""
OFFERED = (Role.PAID, Role.ASKED, Role.SUM, Role.LOSS)
"""Movements of money that may be a payment of the report; money that came back is not."""
YUAN = "CNY"
MOST_TYPES = 3
Spans = Iterator[tuple[int, int, str]]


class WiredReportWords(HouseParts):
    """Reading a report's words."""

    def read_report(self, actor: Actor, text: str, told_at: datetime | None) -> ReadWords:
        """What the words tell; times that they count from now count from `told_at`."""
        require(actor, "cases.open")
        with self.house.act(actor) as connection:
            known = [each.institution for each in every_institution(connection)]
        return _shown(text, _read(text, told_at or self.house.now()), known)


def _read(text: str, told_at: datetime) -> Words:
    """What the words tell, without the numbers, sites and apps that serve everybody: scams only borrow their names."""
    words = read_words(text, live_reader(), told_at)
    theirs = (each for each in words.contacts if not _is_public(each, told_at))
    return replace(words, contacts=tuple(theirs))


def _is_public(contact: Contact, told_at: datetime) -> bool:
    target = BLOCKABLE.get(contact.kind)
    value = f"http://{contact.value}/" if contact.kind == "domain" else contact.value
    return target is not None and is_public(target, value, told_at)


def contacts_in(text: str, told_at: datetime) -> list[tuple[ReadContact, str]]:
    """The contacts that a kept report names, each once, with the sentence around its first mention."""
    words = _read(text, told_at)
    found: dict[tuple[str, str], tuple[ReadContact, str]] = {}
    for number, each in enumerate(words.contacts):
        if each.kind in BLOCKABLE:
            around = text[max(0, each.start - AROUND) : each.end + AROUND].strip()
            found.setdefault((BLOCKABLE[each.kind], each.value), (_contact(number, each), around))
    return list(found.values())


AROUND = 120
"""Characters before and behind a contact that tell what it was used for."""


def _shown(text: str, words: Words, known: Sequence[Institution]) -> ReadWords:
    payments = [each for each in words.payments if each.role in OFFERED and each.amount.currency == YUAN]
    victims = {f"n{number}": each.name for number, each in enumerate(words.names) if each.side is Side.PAYER}
    types = words.scam_types[:MOST_TYPES]
    return ReadWords(
        pieces=list(_pieces(text, _spans(words, payments))),
        payments=[_payment(f"p{number}", each, known) for number, each in enumerate(payments)],
        contacts=[_contact(number, each) for number, each in enumerate(words.contacts)],
        types=[
            ReadType(
                mark=f"t{number}",
                code=each.code,
                certainty=each.certainty.value,
                words=list(dict.fromkeys(text[word.start : word.end] for word in each.words)),
            )
            for number, each in enumerate(types)
        ],
        victim=dict(list(victims.items())[:1]),
        doubts=list(dict.fromkeys(each.code for each in words.doubts)),
    )


def _payment(mark: str, told: Payment, known: Sequence[Institution]) -> ReadPayment:
    issuer = "" if told.payee is None else told.payee.issuer
    bank_id = told.payee_bank.id if told.payee_bank is not None else issuer
    bank = told.payee_bank.name if told.payee_bank is not None else live_reader().banks.titles.get(issuer, "")
    fits = next((each for each in known if bank_id and each.name == bank_id), None) or named_like(known, bank)
    return ReadPayment(
        mark=mark,
        role=told.role.value,
        certainty=told.certainty.value,
        amount_fen=told.amount.fen,
        payee="" if told.payee is None else told.payee.number,
        payee_name="" if told.payee_name is None else told.payee_name.name,
        bank=bank,
        institution=None if fits is None else Choice(code=fits.name, zh=fits.name_zh, en=fits.name_en),
        by_digits=told.payee_bank is None and bool(bank),
        at=None if told.moment is None else told.moment.at,
        fineness="" if told.moment is None else told.moment.fineness.value,
        payer="" if told.payer is None else told.payer.number,
        doubts=[each for each in (() if told.payee is None else told.payee.reasons) if each in DOUBTED],
    )


DOUBTED = frozenset({"luhn_fails"})
"""Reasons that a person must look at before an account is stopped."""


def _contact(number: int, each: Contact) -> ReadContact:
    target = BLOCKABLE.get(each.kind)
    return ReadContact(mark=f"c{number}", kind=each.kind, value=each.value, target="" if target is None else target)


def _spans(words: Words, payments: Sequence[Payment]) -> Spans:
    """Where each suggestion was read."""
    for number, each in enumerate(payments):
        of: Iterable[Reading | None] = (each.amount, each.payee, each.payee_name, each.payee_bank, each.moment)
        for part in (*of, each.payer):
            if part is not None:
                yield part.start, part.end, f"p{number}"
    for number, contact in enumerate(words.contacts):
        yield contact.start, contact.end, f"c{number}"
    for number, kind in enumerate(words.scam_types[:MOST_TYPES]):
        for word in kind.words:
            yield word.start, word.end, f"t{number}"
    for number, name in enumerate(words.names):
        if name.side is Side.PAYER:
            yield name.start, name.end, f"n{number}"


def _pieces(text: str, spans: Spans) -> Iterator[WordsPiece]:
    """The text cut where a suggestion's place begins or ends."""
    told = [(start, end, mark) for start, end, mark in spans if start < end]
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for start, end, mark in told:
        opens.setdefault(start, []).append(mark)
        closes.setdefault(end, []).append(mark)
    cuts = sorted({0, len(text), *opens, *closes})
    open_now: list[str] = []
    for start, end in pairwise(cuts):
        for mark in closes.get(start, ()):
            open_now.remove(mark)
        open_now += opens.get(start, ())
        yield WordsPiece(text=text[start:end], of=tuple(dict.fromkeys(open_now)))
