"""Messages of institutions as parts of a case, and the facts they told: written once, found by case, order, import."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, text

from fanzha.adapters.store.additions import added, as_rows
from fanzha.adapters.store.schema.case_messages import case_message, institution_fact
from fanzha.adapters.store.told_facts import facts_from, told
from fanzha.cases.told import Fact, FactKind, HolderTold, Holding
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, ImportId, InstitutionId, OrderId, SubjectId, uuid7
from fanzha.kernel.units import UnitPath

MOST_READ = 5_000
"""Facts that a process keeps as it read them: a round reads all of its case again."""
_KINDS: dict[FactKind, type[Any]] = {FactKind.HOLDER: HolderTold, FactKind.HOLDING: Holding}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """A message as part of a case: about which order, what import its lists became, how many lines it told.

    `said_id` is the message's own id, or that of one answer among those that a status tells again.
    """

    message_id: UUID
    said_id: str
    case_id: CaseId
    unit_path: UnitPath
    order_id: OrderId | None
    institution_id: InstitutionId
    import_id: ImportId | None
    rows: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFact:
    """A fact with its source."""

    fact: Fact
    case_id: CaseId
    order_id: OrderId
    institution_id: InstitutionId
    said_id: str


Told = Sequence[tuple[CaseMessage, Sequence[Fact]]]
"""Messages, each with the facts that it told."""
SAY = (
    f"messages AS ({added(case_message, 'messages')} ON CONFLICT DO NOTHING),"
    f" facts AS ({added(institution_fact, 'facts')})"
)
"""Adds the rows of `said_rows`."""
_SAY = text(f"WITH {SAY} SELECT 1")


def keep_said(connection: Connection, told_by: Told, now: datetime) -> None:
    """Make messages part of their cases, and write what they told; one that is part of its case stays as it is."""
    if told_by:
        connection.execute(_SAY, said_rows(told_by, now))


def said_rows(told_by: Told, now: datetime) -> dict[str, object]:
    """The parameters of `SAY`."""
    messages = [{name: getattr(each, name) for name in CaseMessage.__slots__} for each, _ in told_by]
    facts = [
        {
            "id": uuid7(now),
            "case_id": source.case_id,
            "unit_path": source.unit_path,
            "order_id": source.order_id,
            "institution_id": source.institution_id,
            "message_id": source.message_id,
            "said_id": source.said_id,
            "kind": each.kind.value,
            "subject_id": each.subject,
            "at": each.at,
            "told": told(each.told),
        }
        for source, some in told_by
        for each in some
    ]
    return {"messages": as_rows(messages), "facts": as_rows(facts)}


def messages_of_order(connection: Connection, order_id: OrderId) -> list[CaseMessage]:
    """What was said about an order, oldest first."""
    return _messages(connection, case_message.c.order_id == order_id)


def messages_of_imports(connection: Connection, imports: Collection[ImportId]) -> dict[ImportId, CaseMessage]:
    """By import: the message that it was made from; files that people gave have none."""
    found = _messages(connection, case_message.c.import_id.in_(list(imports)))
    return {each.import_id: each for each in found if each.import_id is not None}


def case_of_message(connection: Connection, institution_id: InstitutionId, said: str) -> CaseId | None:
    """The case that a message of an institution, by its own id, belongs to; None when it is in none in sight."""
    own = case_message.c
    found = connection.scalar(select(own.case_id).where(own.institution_id == institution_id, own.said_id == said))
    return None if found is None else CaseId(found)


def facts_of_order(connection: Connection, order_id: OrderId) -> list[KeptFact]:
    """What was told about an order's account and holder, oldest first."""
    return [_fact(row) for row in connection.execute(_OF_ORDER, {"order": order_id})]


def facts_of_case(connection: Connection, *case_ids: CaseId) -> list[KeptFact]:
    """What institutions told of the accounts and holders of these cases, oldest first."""
    return [_fact(row) for row in connection.execute(_OF_CASES, {"cases": list(case_ids)})]


def _messages(connection: Connection, which: ColumnElement[bool]) -> list[CaseMessage]:
    wanted = select(case_message).where(which).order_by(case_message.c.at, case_message.c.message_id)
    return [
        CaseMessage(**{name: getattr(row, name) for name in CaseMessage.__slots__})
        for row in connection.execute(wanted)
    ]


_FACTS = """
SELECT case_id, order_id, institution_id, said_id, kind, subject_id, at, CAST(told AS text) AS told
FROM institution_fact WHERE %s ORDER BY number"""
_OF_CASES = text(_FACTS % "case_id = ANY(CAST(:cases AS uuid[]))")
_OF_ORDER = text(_FACTS % "order_id = :order")


def _fact(row: Any) -> KeptFact:
    return KeptFact(
        fact=Fact(subject=SubjectId(row.subject_id), at=utc(row.at), told=_told(row.kind, row.told)),
        case_id=CaseId(row.case_id),
        order_id=OrderId(row.order_id),
        institution_id=InstitutionId(row.institution_id),
        said_id=row.said_id,
    )


@lru_cache(maxsize=MOST_READ)
def _told(kind: str, told: str) -> HolderTold | Holding:
    found: HolderTold | Holding = facts_from(_KINDS[FactKind(kind)], json.loads(told))
    return found
