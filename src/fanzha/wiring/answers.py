"""What institutions answer and push becomes evidence of the order's case: sealed rows, facts with their source.

All in the transaction that gives the message its effect; the case's ledger is computed by whoever next looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import cast
from uuid import uuid5

from fanzha.adapters.ledger.records import Told as ToldRecord
from fanzha.adapters.ledger.records import write_records
from fanzha.adapters.ledger.sealed import new_key
from fanzha.adapters.ledger.writing import ImportRowsWriter
from fanzha.adapters.store.case_messages import CaseMessage
from fanzha.adapters.store.imports import ImportedFile, ImportResult
from fanzha.adapters.store.institution_messages import Message
from fanzha.adapters.store.mentions import Mentioned
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.adapters.store.told_imports import AllTold, ToldImport, keep_told
from fanzha.cases.case import Case
from fanzha.cases.subjects import CLEANERS, Mention, SubjectKind, mentions_in
from fanzha.cases.told import Fact, HolderTold, Holding
from fanzha.kernel.errors import invariant
from fanzha.kernel.ids import ImportId, SubjectId
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order, TargetKind
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import HeldAccount, Holder
from fanzha.protocol.wire import text_of_read
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.records.statements.words import Words, words_from
from fanzha.rulebook import load_formats
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.hearing import Hearing
from fanzha.wiring.held_ledgers import FRESH, Fresh
from fanzha.wiring.ledgers import places
from fanzha.workflows.answer_sheets import AnswerSheet, Said, Sender, answer_sheets, place_of, said_id

BEYOND = "too_many_rows"
"""What an order says, once, when institutions tell more lines about it than `Settings.order_rows`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a message becomes of its case: the lists that are its import, and the facts that it told."""

    part: CaseMessage
    case: Case
    place: str = ""
    size: int = 0
    sheets: Sequence[AnswerSheet] = ()
    facts: Sequence[Fact] = ()


def learned(hearing: Hearing, order: Order, message: Message, said: Said) -> Learned | None:
    """What a message tells, as evidence of the order's case; None where it was told before.

    Lines beyond what one order may tell stay sealed in the message, and the order says so.
    """
    told = hearing.told[order.id]
    if order.target.kind is not TargetKind.ACCOUNT or said_id(said) in told:
        return None
    desk, case, rows = hearing.desk, hearing.cases[order.case_id], len(said.transactions)
    if sum(told.values()) + rows > desk.house.settings.order_rows:
        told[said_id(said)] = 0
        if BEYOND not in order.contradicted:
            hearing.keep(order, [Entry(kind=EntryKind.CONTRADICTED, at=desk.now, by=HOUSE, code=BEYOND)])
        return Learned(part=_part(order, message, said, 0), case=case)
    told[said_id(said)] = rows
    sender = _sender(hearing, order, message, text_of_read(said))
    facts = _facts(desk, order, said, sender) if isinstance(said, Answer) else ()
    return of_lists(_part(order, message, said, rows), case, sender, said, facts)


def of_lists(part: CaseMessage, case: Case, sender: Sender, said: Said, facts: Sequence[Fact] = ()) -> Learned:
    """The message as part of its case, with the import that its lists become, when it has any."""
    import_id = ImportId(uuid5(part.order_id or part.case_id, f"{part.institution_id}:{part.said_id}"))
    sheets = answer_sheets(said, sender, str(import_id), _words())
    if sheets:
        part = replace(part, import_id=import_id)
    place = place_of(said, sender)
    return Learned(part=part, case=case, place=place, size=len(sender.body), sheets=sheets, facts=facts)


def mentioned_in(said: Said, sender: Sender) -> set[Mention]:
    """Everybody whom the lists of a message tell of."""
    return _mentions(answer_sheets(said, sender, "", _words()))


def keep_learned(desk: Desk, some: Sequence[Learned]) -> None:
    """Everything of several messages at once: imports like those of files, messages as parts of cases, facts."""
    if not some:
        return
    listed = [each for each in some if each.part.import_id is not None]
    with _or_nothing(desk, [each.part.import_id for each in listed if each.part.import_id is not None]):
        told = AllTold(
            imports=[_sealed(desk, each) for each in listed],
            mentions={_where(each): _mentions(each.sheets) for each in listed},
            said=[(each.part, each.facts) for each in some],
        )
        keep_told(desk.connection, desk.house.keys, told, desk.actor, desk.now)


def _where(told: Learned) -> Mentioned:
    import_id, case = told.part.import_id, told.case
    invariant(import_id is not None, "cases.import_not_found")
    return Mentioned(import_id=cast("ImportId", import_id), case_id=case.id, unit_path=case.unit_path)


def _part(order: Order, message: Message, said: Said, rows: int) -> CaseMessage:
    return CaseMessage(
        message_id=message.id,
        said_id=said_id(said),
        case_id=order.case_id,
        unit_path=order.unit_path,
        order_id=order.id,
        institution_id=message.institution_id,
        import_id=None,
        rows=rows,
        at=message.received_at,
    )


def _sender(hearing: Hearing, order: Order, message: Message, body: bytes) -> Sender:
    told = message.sender.institution
    return Sender(
        institution=told.name_zh,
        code=told.code,
        about=order.number,
        asked=hearing.clear[order.target.subject].text,
        received_at=message.received_at,
        body=body,
    )


def _sealed(desk: Desk, told: Learned) -> ToldImport:
    """Its rows sealed under a key of their own, each accounted for, beside what they tell of accounts and people."""
    import_id, key = _where(told).import_id, new_key()
    with ImportRowsWriter(places(desk.house).rows(import_id), key) as sink:
        for each in told.sheets:
            sink.write(each.batch)
        digest = sink.close()
    records: list[ToldRecord] = []
    for each in told.sheets:
        records += [ToldRecord(each.outcome.key, account) for account in each.batch.accounts]
        records += [ToldRecord(each.outcome.key, person) for person in each.batch.persons]
    if records:  # most tell lines alone, and the account of their sheets says so (`told_in_lines`)
        write_records(places(desk.house).records(import_id), key, records)
    rows = tuple(each.batch.rows for each in told.sheets)
    accounts = tuple((source, one) for source, one in records if isinstance(one, AccountRecord))
    FRESH.put((import_id, digest.sha256), Fresh(rows=rows, accounts=accounts))
    file = ImportedFile(name=told.place, sha256=told.sheets[0].outcome.leaf_sha256, size=told.size)
    result = ImportResult(digest=digest, files=[file], sheets=[each.outcome for each in told.sheets])
    return ToldImport(id=import_id, case=told.case, key=key, result=result)


@contextmanager
def _or_nothing(desk: Desk, imports: Sequence[ImportId]) -> Iterator[None]:
    """What fails leaves no files; killed, it leaves noise without a key, which doing it again replaces."""
    try:
        yield
    except BaseException:
        for each in imports:
            places(desk.house).remove_import(each)
        raise


def _mentions(sheets: Sequence[AnswerSheet]) -> set[Mention]:
    return {
        mention for each in sheets for mention in mentions_in(each.batch.rows, each.batch.accounts, each.batch.persons)
    }


@cache
def _words() -> Words:
    return words_from(load_formats()["words"])


def _facts(desk: Desk, order: Order, answer: Answer, sender: Sender) -> list[Fact]:
    """What the answer tells of the account itself, of its holder, and of the holder's other accounts here."""
    at, found = answer.answered_at, []
    if answer.holder is not None:
        found.append(Fact(subject=order.target.subject, at=at, told=_holder(desk, order, answer.holder)))
    told = Holding(
        balance_fen=answer.balance_fen,
        available_fen=answer.available_fen,
        held_fen=answer.frozen_fen if answer.held_fen is None else answer.held_fen,
        others_fen=_sum([each.amount_fen for each in answer.prior_freezes]),
    )
    if told != Holding():
        found.append(Fact(subject=order.target.subject, at=at, told=told))
    prefix = sender.asked.rpartition(":")[0]
    for each in answer.accounts:
        number = CLEANERS[SubjectKind.ACCOUNT](each.card or each.number)
        if number:
            spelled = f"{prefix}:{number}" if prefix else number
            found.append(Fact(subject=_id(desk, SubjectKind.ACCOUNT, spelled), at=at, told=_holding(each)))
    return found


def _holding(told: HeldAccount) -> Holding:
    return Holding(
        balance_fen=told.balance_fen,
        available_fen=told.available_fen,
        others_fen=_sum([each.amount_fen for each in told.measures]),
        state=told.state,
    )


def _holder(desk: Desk, order: Order, told: Holder) -> HolderTold:
    name = _id(desk, SubjectKind.NAME, CLEANERS[SubjectKind.NAME](told.name))
    document = CLEANERS[SubjectKind.DOCUMENT](told.document_number or "")
    return HolderTold(
        name=name,
        document=_id(desk, SubjectKind.DOCUMENT, document) if document else None,
        document_type=told.document_type or "",
        holder_class=told.holder_class.value,
        agrees=None if order.target.holder is None else order.target.holder == name,
    )


def _id(desk: Desk, kind: SubjectKind, text: str) -> SubjectId:
    return subject_id(desk.house.keys, Identifier(kind, text))


def _sum(told: Sequence[int | None]) -> int | None:
    known = [each for each in told if each is not None]
    return sum(known) if known else None
