"""What an institution said as sheets of a case's evidence: its lines, the accounts it lists, the holder it names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from fanzha.cases.file_names import OF_INSTITUTION
from fanzha.kernel.clock import micros, rfc3339
from fanzha.kernel.identifiers import account, phone
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import HeldAccount, Holder
from fanzha.protocol.messages import BankReport, Push
from fanzha.records.statements import institution_rows, texts
from fanzha.records.statements.cleaning import AccountRecord, CleanBatch, PersonRecord, Rejection, RowCounts
from fanzha.records.statements.institution_rows import FIELDS, OTHER_ACCOUNT, Books, Lay, raw_of
from fanzha.records.statements.joining import empty_rows
from fanzha.records.statements.rows import Source
from fanzha.records.statements.words import Words
from fanzha.workflows.import_statements import SheetOutcome

Said = Answer | Push | BankReport

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far an institution's clock may be ahead of ours: lines from later than that are not believed."""
ACCOUNT_FIELDS = {"number": "own_account", "card": "own_card"}
HOLDER_FIELDS = {
    "name": "name",
    "document_number": "id_number",
    "agent_name": "name",
    "agent_document_number": "id_number",
    "legal_person": "name",
}
_PROTOCOL = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who said it, about which order or incident, about which account as the case knows it, and when it came.

    `body` is the message's canonical text, by whose SHA-256 people cite it whichever way it came.
    """

    institution: str
    code: str
    about: str
    asked: str
    received_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSheet:
    """One list of a message as evidence: its account, and its rows as the import keeps them."""

    outcome: SheetOutcome
    batch: CleanBatch


def said_id(said: Said) -> str:
    """The message's own id."""
    match said:
        case Answer():
            return said.answer_id
        case Push():
            return said.push_id
    return said.report_id


def place_of(said: Said, sender: Sender) -> str:
    """The message as people cite it: the institution, the order or incident, the message."""
    return f"{OF_INSTITUTION}{sender.institution.replace('/', '-')}/{sender.about}/{said_id(said)}"


def answer_sheets(said: Said, sender: Sender, import_id: str, words: Words) -> list[AnswerSheet]:
    """The message's lists that hold anything, in one order; empty for a message that tells only what became of it."""
    lay = json.loads(sender.body)

    def source(part: str) -> Source:
        path = f"{place_of(said, sender)}/{part}"
        key = f"{sha256(sender.body).hexdigest()}:{path}"
        return Source(key=key, import_id=import_id, path=path, format_id=f"institution_{part}")

    made = []
    if said.transactions:
        made.append(_sheet(_lines(said, lay["transactions"], sender, source("transactions"), words), FIELDS))
    if isinstance(said, Answer) and said.accounts:
        made.append(_sheet(_accounts(said, lay["accounts"], sender, source("accounts"), words), ACCOUNT_FIELDS))
    if isinstance(said, Answer) and said.holder is not None:
        made.append(_sheet(_holder(said.holder, lay["holder"], source("holder"), words), HOLDER_FIELDS))
    return made


def books_of(said: Said, sender: Sender) -> Books | None:
    """Whose books the message opens; None where it names another account than the one we asked about."""
    holder = said.holder if isinstance(said, Answer) else None
    prefix = sender.asked.rpartition(":")[0]
    books = Books(
        card="",
        account="",
        name=holder.name if holder else "",
        id_number=(holder.document_number or "") if holder else "",
        prefix=f"{prefix}:" if prefix else "",
        code=sender.code,
        until_us=micros(sender.received_at + CLOCK_TOLERANCE),
    )
    if isinstance(said, BankReport):
        return replace(books, account=sender.asked)
    card, number = books.own((said.card or "") if isinstance(said, Answer) else ""), books.own(said.number or "")
    if not (card or number):
        return replace(books, account=sender.asked)
    return replace(books, card=card, account=number) if sender.asked in (card, number) else None


def _lines(said: Said, lay: Lay, sender: Sender, source: Source, words: Words) -> CleanBatch:
    books = books_of(said, sender)
    if books is not None:
        return institution_rows.batch_of(said.transactions, lay, books, source, words)
    count = len(said.transactions)
    return CleanBatch(
        rows=empty_rows(source),
        accounts=[],
        persons=[],
        rejections=[Rejection(row=at + 1, column="number", reason=OTHER_ACCOUNT) for at in range(count)],
        counts=RowCounts(rejected=count),
        raw=raw_of(lay, [OTHER_ACCOUNT] * count),
        notes={},
    )


def _accounts(said: Answer, lay: Lay, sender: Sender, source: Source, words: Words) -> CleanBatch:
    """Every account of the holder that the institution keeps, under its card and its number."""
    holder = said.holder
    prefix = sender.asked.rpartition(":")[0]
    own = f"{prefix}:" if prefix else ""

    def record(row: int, each: HeldAccount) -> AccountRecord:
        card, number = account.clean(each.card or ""), account.clean(each.number)
        return AccountRecord(
            row=row,
            card=own + card if card else "",
            account=own + number if number else "",
            name=texts.naming(words)(holder.name) if holder else "",
            id_number=texts.identity(words)(holder.document_number or "") if holder else "",
            bank=sender.institution,
            opened_on=rfc3339(each.opened_at)[:10] if each.opened_at else "",
            status=each.state,
            balance_fen=each.balance_fen,
        )

    records = [record(row, each) for row, each in enumerate(said.accounts, start=1)]
    known = [each for each in records if each.card or each.account]
    reasons = ["" if each.card or each.account else "no_own_account" for each in records]
    return CleanBatch(
        rows=empty_rows(source),
        accounts=known,
        persons=[],
        rejections=[Rejection(row=at, column="number", reason=why) for at, why in enumerate(reasons, start=1) if why],
        counts=RowCounts(accepted=len(known), rejected=len(records) - len(known)),
        raw=raw_of(lay, reasons),
        notes={},
    )


def _holder(told: Holder, lay: Mapping[str, Any], source: Source, words: Words) -> CleanBatch:
    person = PersonRecord(
        row=1,
        name=texts.naming(words)(told.name),
        id_number=texts.identity(words)(told.document_number or ""),
        phone=next(filter(None, map(phone.clean, told.phones)), ""),
        address=told.home_address or "",
        employer=told.employer or "",
    )
    return CleanBatch(
        rows=empty_rows(source),
        accounts=[],
        persons=[person],
        rejections=[],
        counts=RowCounts(accepted=1),
        raw=raw_of([lay], [""]),
        notes={},
    )


def _sheet(batch: CleanBatch, fields: Mapping[str, str]) -> AnswerSheet:
    (source,) = batch.rows.sources
    outcome = SheetOutcome(
        key=source.key,
        path=source.path,
        leaf_sha256=source.key[:64],
        encoding=_PROTOCOL,
        format_id=source.format_id,
        certainty=1.0,
        mapping={name: fields[name] for name in batch.raw.header if name in fields},
        counts=batch.counts,
        reasons=Counter(each.reason for each in batch.rejections),
    )
    return AnswerSheet(outcome=outcome, batch=batch)
