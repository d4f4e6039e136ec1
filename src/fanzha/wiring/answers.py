"""What institutions answer and push becomes evidence of the order's case: sealed rows, facts with their source.

All in the transaction that gives the message its effect; the case's ledger is computed by whoever next looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from uuid import uuid5

from fanzha.adapters.ledger.records import Told as ToldRecord
from fanzha.adapters.ledger.records import write_records
from fanzha.adapters.ledger.writing import ImportRowsWriter
from fanzha.adapters.store.case_messages import CaseMessage, is_told, keep_case_message, keep_facts, rows_told
from fanzha.adapters.store.imports import ImportedFile, ImportResult, begin_import, finish_import, import_key
from fanzha.adapters.store.institution_messages import Message
from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.mentions import note_mentions
from fanzha.adapters.store.subjects import Identifier, identifiers_of, subject_id
from fanzha.cases.subjects import CLEANERS, Mention, SubjectKind, mentions_in
from fanzha.cases.told import Fact, HolderTold, Holding
from fanzha.kernel.ids import CaseId, ImportId, SubjectId
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order, TargetKind
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import HeldAccount, Holder
from fanzha.protocol.wire import canonical
from fanzha.records.statements.words import Words, words_from
from fanzha.rulebook import load_formats
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import places
from fanzha.workflows.answer_sheets import AnswerSheet, Said, Sender, answer_sheets, place_of, said_id

BEYOND = "too_many_rows"
"""What an order says, once, when institutions tell more lines about it than `Settings.order_rows`."""


def absorb(desk: Desk, order: Order, message: Message, said: Said) -> Order:
    """What a message tells, as evidence of the order's case; told before, it changes nothing.

    Lines beyond what one order may tell stay sealed in the message, and the order says so.
    """
    if order.target.kind is not TargetKind.ACCOUNT or is_told(desk.connection, order.id, said_id(said)):
        return order
    most = desk.house.settings.order_rows
    if rows_told(desk.connection, order.id) + len(said.transactions) > most:
        keep_case_message(desk.connection, _part(order, message, said, None, 0))
        if BEYOND in order.contradicted:
            return order
        beyond = Entry(kind=EntryKind.CONTRADICTED, at=desk.now, by=HOUSE, code=BEYOND)
        return desk.keep(order, [beyond])
    sender = _sender(desk, order, message, canonical(said))
    part = kept_lists(desk, _part(order, message, said, None, len(said.transactions)), sender, said)
    if isinstance(said, Answer):
        keep_facts(desk.connection, part, _facts(desk, order, said, sender), desk.now)
    return order


def kept_lists(desk: Desk, part: CaseMessage, sender: Sender, said: Said) -> CaseMessage:
    """The message as part of its case, with the import that its lists became, when it has any."""
    import_id = ImportId(uuid5(part.order_id or part.case_id, f"{part.institution_id}:{part.said_id}"))
    sheets = answer_sheets(said, sender, str(import_id), _words())
    if sheets:
        file = ImportedFile(name=place_of(said, sender), sha256=sheets[0].outcome.leaf_sha256, size=len(sender.body))
        _import(desk, part.case_id, import_id, file, sheets)
        part = replace(part, import_id=import_id)
    keep_case_message(desk.connection, part)
    return part


def _part(order: Order, message: Message, said: Said, import_id: ImportId | None, rows: int) -> CaseMessage:
    return CaseMessage(
        message_id=message.id,
        said_id=said_id(said),
        case_id=order.case_id,
        unit_path=order.unit_path,
        order_id=order.id,
        institution_id=message.institution_id,
        import_id=import_id,
        rows=rows,
        at=message.received_at,
    )


def _sender(desk: Desk, order: Order, message: Message, body: bytes) -> Sender:
    institution = the_institution(desk.connection, message.institution_id).institution
    asked = identifiers_of(desk.connection, desk.house.keys, [order.target.subject])
    return Sender(
        institution=institution.name_zh,
        code=institution.code,
        about=order.number,
        asked=asked[order.target.subject].text,
        received_at=message.received_at,
        body=body,
    )


def _import(
    desk: Desk, case_id: CaseId, import_id: ImportId, file: ImportedFile, sheets: Sequence[AnswerSheet]
) -> None:
    """An import like that of a file: rows sealed under a key of its own, each accounted for, everybody found by it."""
    house, connection = desk.house, desk.connection
    begin_import(connection, house.keys, case_id, desk.actor, desk.now, import_id=import_id)
    key = import_key(connection, house.keys, import_id)
    with _or_nothing(desk, import_id):
        with ImportRowsWriter(places(house).rows(import_id), key) as sink:
            for each in sheets:
                sink.write(each.batch)
            digest = sink.close()
        told: list[ToldRecord] = []
        for each in sheets:
            told += [ToldRecord(each.outcome.key, account) for account in each.batch.accounts]
            told += [ToldRecord(each.outcome.key, person) for person in each.batch.persons]
        write_records(places(house).records(import_id), key, told)
        result = ImportResult(digest=digest, files=[file], sheets=[each.outcome for each in sheets])
        finish_import(connection, import_id, result, desk.actor, desk.now)
        note_mentions(connection, house.keys, import_id, _mentions(sheets), desk.now)


@contextmanager
def _or_nothing(desk: Desk, import_id: ImportId) -> Iterator[None]:
    """What fails leaves no files; killed, it leaves noise without a key, which doing it again replaces."""
    try:
        yield
    except BaseException:
        places(desk.house).remove_import(import_id)
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
