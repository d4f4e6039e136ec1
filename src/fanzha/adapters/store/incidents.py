"""Incidents in the database: taken once, moved by entries, never edited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from fanzha.adapters.store.additions import add_all, as_rows
from fanzha.adapters.store.among import among, any_of
from fanzha.adapters.store.audit import Act, record_all
from fanzha.adapters.store.cases import all_joined
from fanzha.adapters.store.incident_json import account_of, account_told, payment_of, payment_told, what_told
from fanzha.adapters.store.orders import counted
from fanzha.adapters.store.schema.incidents import incident, incident_entry, incident_standing
from fanzha.adapters.store.schema.orders import order_standing
from fanzha.adapters.store.unmoved import Unmoved, last_entry
from fanzha.cases.incident import (
    Incident,
    IncidentEntry,
    IncidentEntryKind,
    IncidentState,
    Source,
    What,
    told,
)
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import CaseId, SubjectId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.standing import FOR_PEOPLE

_TELLS = incident_entry.c.kind == IncidentEntryKind.PAYMENT.value
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuery:
    """Which incidents to list: of ids or of cases, naming a payee, telling a payment whether or not it was put right
    since, taken since; newest first, so many."""

    id: UUID | None = None
    ids: tuple[UUID, ...] = ()
    case_ids: tuple[CaseId, ...] = ()
    payee: SubjectId | None = None
    paid: What | None = None
    since: datetime | None = None
    limit: int = 200


def alone_with(connection: Connection, incident_id: UUID) -> None:
    """Whoever takes a report under this id takes it alone: the same form sent twice at once is one incident."""
    connection.execute(_LOCK, {"name": f"incident:{incident_id}"})


def alone_with_payees(connection: Connection, payees: Collection[SubjectId]) -> None:
    """Whoever looks for reports that name these accounts looks alone: two files sent at once see each other's rows."""
    for each in sorted(payees):  # always in one order, so that two who need several never wait for each other
        connection.execute(_LOCK, {"name": f"payee:{each}"})


def next_incident_number(connection: Connection, now: datetime) -> str:
    """The number of the year's next incident; numbers are never used again."""
    year, number = counted(connection, "incident", now)
    return f"I{year}-{number:06d}"


def keep_taken(
    connection: Connection, new: Incident, entries: Sequence[IncidentEntry], actor: Actor, now: datetime
) -> Incident:
    """The incident as it was taken, written and audited with its first entries."""
    row = {
        "id": new.id,
        "number": new.number,
        "case_id": new.case_id,
        "unit_path": new.unit_path,
        "source": new.source.value,
        "reported_at": utc(new.reported_at),
        "taken_at": utc(new.taken_at),
        "taken_by_id": new.taken_by_id,
        "taken_by": new.taken_by,
        "victim": new.victim,
        "scam_type": new.scam_type,
        "paperwork_due": utc(new.paperwork_due),
    }
    connection.execute(incident.insert(), row)
    taken = _written(connection, new, entries, now)
    stands = {
        "incident_id": new.id,
        "case_id": new.case_id,
        "unit_path": new.unit_path,
        "taken_at": utc(new.taken_at),
        "held_fen": 0,
        "recoverable_fen": 0,
        "doubtful_fen": 0,
        "gone_fen": 0,
        "waiting": 0,
    }
    connection.execute(incident_standing.insert(), {**stands, **_stands(taken)})
    first = _act(new, "incident.taken")
    record_all(connection, [first, *(_act(taken, f"incident.{each.kind.value}") for each in entries)], actor, now)
    return taken


def keep_incident_entries(
    connection: Connection, old: Incident, entries: Sequence[IncidentEntry], actor: Actor, now: datetime
) -> Incident:
    """The incident after these entries, written and audited; the caller holds the lock of its case."""
    if not covers(actor.scope, old.unit_path):
        raise Forbidden("cases.only_shared", unit=old.unit_path)
    changed = _written(connection, old, entries, now)
    if entries:
        mine = incident_standing.update().where(incident_standing.c.incident_id == old.id)
        connection.execute(mine.values(_stands(changed)))
        record_all(connection, [_act(changed, f"incident.{each.kind.value}") for each in entries], actor, now)
    return changed


def _written(connection: Connection, old: Incident, entries: Sequence[IncidentEntry], now: datetime) -> Incident:
    """The incident after these entries."""
    changed = told(old, entries)
    add_all(connection, incident_entry, [_entry_row(old, each, uuid7(now)) for each in entries])
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """How a chase stood when it last looked: held by orders, still to be had by what can be expected, stops that wait
    for a person to draft them.

    `doubtful_fen` was last seen in an account that nothing holds, and is expected to have gone on; `gone_fen` is told
    to have left to where nobody can follow it.
    """

    held_fen: int
    recoverable_fen: int
    doubtful_fen: int
    gone_fen: int
    stops_waiting: int
    looked_at: datetime | None


def keep_stakes(connection: Connection, stakes: Mapping[UUID, Stakes]) -> None:
    """What the chase found for each incident when it looked."""
    told = [
        {"incident_id": of, **{name: getattr(each, place) for name, place in _STAKES.items()}}
        for of, each in stakes.items()
    ]
    connection.execute(_KEEP_STAKES, {"stakes": as_rows(told)})


_STAKES = {each: each for each in ("held_fen", "recoverable_fen", "doubtful_fen", "gone_fen", "looked_at")}
_STAKES |= {"waiting": "stops_waiting"}
_KEEP_STAKES = text(f"""
UPDATE incident_standing SET {", ".join(f"{each} = told.{each}" for each in _STAKES)}
FROM json_populate_recordset(CAST(NULL AS incident_standing), CAST(:stakes AS json)) AS told
WHERE incident_standing.incident_id = told.incident_id
""")


def board(
    connection: Connection, states: Sequence[IncidentState], offset: int, limit: int, *, least_first: bool = False
) -> tuple[int, list[tuple[Incident, Stakes]]]:
    """How many incidents in sight stand so, and a page of them, by the fen that can still be had, most first."""
    fits = incident_standing.c.state.in_([each.value for each in states])
    total = connection.execute(select(func.count()).select_from(incident_standing).where(fits)).scalar_one()
    stake = incident_standing.c.recoverable_fen
    ranked = (stake.asc() if least_first else stake.desc(), incident_standing.c.taken_at.desc())
    rows = list(connection.execute(select(incident_standing).where(fits).order_by(*ranked).offset(offset).limit(limit)))
    found = {
        each.id: each for each in _incidents(connection, incident.c.id.in_([row.incident_id for row in rows]), limit)
    }
    return total, [(found[row.incident_id], _stakes(row)) for row in rows if row.incident_id in found]


def stakes_of(connection: Connection, incident_id: UUID) -> Stakes:
    """How the chase of an incident stood when it last looked."""
    return all_stakes(connection, [incident_id])[incident_id]


def all_stakes(connection: Connection, incident_ids: Collection[UUID]) -> dict[UUID, Stakes]:
    """The same of many, by incident."""
    wanted = select(incident_standing).where(incident_standing.c.incident_id.in_(incident_ids))
    return {row.incident_id: _stakes(row) for row in connection.execute(wanted)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What the incidents of one chase share: how many they are, what waits for a person in it."""

    incidents: int
    waiting: int


def together(connection: Connection, found: Sequence[tuple[Incident, Stakes]]) -> Mapping[UUID, Together]:
    """By incident: its chase's incidents, its orders that wait for a person and stops to draft.

    Incidents that are chased together wait for the same.
    """
    cases = all_joined(connection, {each.stands_in for each, _ in found})
    here = [each for some in cases.values() for each in some]
    case_id = order_standing.c.case_id
    waits = order_standing.c.waits_for.in_([each.value for each in FOR_PEOPLE])
    wanted = select(case_id, func.count().label("many")).where(waits, case_id.in_(here)).group_by(case_id)
    orders = {row.case_id: row.many for row in connection.execute(wanted)}
    told = incident_standing.c.case_id
    counted_in = select(told, func.count().label("many")).where(told.in_(here)).group_by(told)
    reports = {row.case_id: row.many for row in connection.execute(counted_in)}
    return {
        each.id: Together(
            incidents=sum(reports.get(one, 0) for one in cases[each.stands_in]),
            waiting=stakes.stops_waiting + sum(orders.get(one, 0) for one in cases[each.stands_in]),
        )
        for each, stakes in found
    }


def _stakes(row: Row[Any]) -> Stakes:
    return Stakes(
        held_fen=row.held_fen,
        recoverable_fen=row.recoverable_fen,
        doubtful_fen=row.doubtful_fen,
        gone_fen=row.gone_fen,
        stops_waiting=row.waiting,
        looked_at=None if row.looked_at is None else utc(row.looked_at),
    )


def _stands(of: Incident) -> dict[str, object]:
    paid = min((utc(each.at) for each in of.payments), default=None)
    return {"state": of.state.value, "lost_fen": of.lost_fen, "paid_at": paid}


def incident_numbered(connection: Connection, number: str) -> Incident:
    """The incident of that number, or of that id as text; `NotFound` when there is none in sight."""
    try:
        found = _incidents(connection, incident.c.id == UUID(number), 1)
    except ValueError:
        found = _incidents(connection, incident.c.number == number, 1)
    if not found:
        raise NotFound("incidents.not_found")
    return found[0]


def incidents(connection: Connection, query: IncidentQuery) -> list[Incident]:
    """Incidents in sight, newest first."""
    which: ColumnElement[bool] = incident.c.id.is_not(None)
    if query.id is not None:
        which &= incident.c.id == query.id
    if query.ids:
        which &= incident.c.id.in_(query.ids)
    if query.case_ids:
        which &= among(incident.c.case_id, query.case_ids)
    if query.since is not None:
        which &= incident.c.taken_at >= utc(query.since)
    if query.payee is not None:
        naming = select(incident_entry.c.incident_id).where(
            incident_entry.c.subject == query.payee, _TELLS, _stands_still()
        )
        which &= incident.c.id.in_(naming)
    if query.paid is not None:
        telling = incident_entry.c.payment.contains(what_told(query.paid))
        same = select(incident_entry.c.incident_id).where(incident_entry.c.subject == query.paid[0], _TELLS, telling)
        which &= incident.c.id.in_(same)
    return _incidents(connection, which, query.limit)


def incidents_apart(connection: Connection, cases: Collection[CaseId]) -> list[Incident]:
    """The incidents in sight that were taken in these cases, but for those of cases to which people joined another."""

    def read(moved: Sequence[Row[Any]]) -> Mapping[UUID, Incident]:
        ids = [row.id for row in moved]
        return {each.id: each for each in _incidents(connection, among(incident.c.id, ids), len(ids))}

    return _INCIDENTS.all(connection.execute(_APART, {"cases": list(cases)}).all(), read)


_INCIDENTS = Unmoved[Incident]()
_APART = text(f"""
SELECT incident.id, told.many, told.last FROM incident {last_entry("incident_entry", "incident_id", "incident")}
WHERE incident.case_id = ANY(CAST(:cases AS uuid[])) AND NOT EXISTS (
  SELECT FROM case_file AS home JOIN case_entry AS joined ON joined.value = home.ref AND joined.kind = 'joined'
  WHERE home.id = incident.case_id
)
""")


def _stands_still() -> ColumnElement[bool]:
    """Whether no later entry of its incident tells another payment instead of this entry's."""
    later = incident_entry.alias()
    wrong = later.c.payment["instead"]
    same = (wrong[each] == incident_entry.c.payment[each] for each in ("payee", "amount_fen", "at"))
    instead = select(later.c.id).where(
        later.c.incident_id == incident_entry.c.incident_id, later.c.number > incident_entry.c.number, *same
    )
    return ~instead.exists()


def shared_payees(connection: Connection, limit: int = 5) -> list[list[str]]:
    """Numbers of open incidents in sight that name one account in cases of their own, the largest set first."""
    alive = incident_standing.c.state != IncidentState.CLOSED.value
    joined = select(incident_entry.c.incident_id).where(incident_entry.c.kind == IncidentEntryKind.JOINED.value)
    numbers = func.array_agg(incident.c.number.distinct())
    wanted = (
        select(numbers.label("numbers"))
        .join(incident_entry, incident_entry.c.incident_id == incident.c.id)
        .join(incident_standing, incident_standing.c.incident_id == incident.c.id)
        .where(alive, _TELLS, _stands_still(), incident.c.id.not_in(joined))
        .group_by(incident_entry.c.subject)
        .having(func.count(incident.c.case_id.distinct()) > 1)
        .order_by(func.count(incident.c.id.distinct()).desc(), func.min(incident.c.number))
    )
    return [sorted(row.numbers) for row in connection.execute(wanted.limit(limit))]


def entries_of_incident(connection: Connection, incident_id: UUID) -> list[IncidentEntry]:
    """Everything that happened to an incident, in the order in which it was written."""
    wanted = select(incident_entry).where(incident_entry.c.incident_id == incident_id)
    return [_entry(row) for row in connection.execute(wanted.order_by(incident_entry.c.number))]


def _incidents(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Incident]:
    wanted = select(incident).where(which).order_by(incident.c.taken_at.desc(), incident.c.number.desc())
    rows = list(connection.execute(wanted.limit(limit)))
    if not rows:
        return []
    history: dict[UUID, list[IncidentEntry]] = defaultdict(list)
    for row in connection.execute(_HISTORY, {"ids": [row.id for row in rows]}):
        history[row.incident_id].append(_entry(row))
    return [told(_taken(row), history[row.id]) for row in rows]


_HISTORY = select(incident_entry).where(any_of(incident_entry.c.incident_id)).order_by(incident_entry.c.number)


def _taken(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        number=row.number,
        case_id=CaseId(row.case_id),
        unit_path=UnitPath(row.unit_path),
        source=Source(row.source),
        reported_at=utc(row.reported_at),
        taken_at=utc(row.taken_at),
        taken_by_id=None if row.taken_by_id is None else UserId(row.taken_by_id),
        taken_by=row.taken_by,
        victim=None if row.victim is None else SubjectId(row.victim),
        scam_type=row.scam_type,
        paperwork_due=utc(row.paperwork_due),
        handler=row.taken_by,
    )


def _entry_row(of: Incident, entry: IncidentEntry, entry_id: UUID) -> dict[str, object]:
    payment = entry.payment
    return {
        "id": entry_id,
        "incident_id": of.id,
        "unit_path": of.unit_path,
        "kind": entry.kind.value,
        "at": utc(entry.at),
        "actor_id": entry.by_id,
        "actor_name": entry.by_name,
        "value": entry.value,
        "subject": entry.subject if payment is None else payment.payee,
        "payment": account_told(entry.account) if payment is None else payment_told(payment),
    }


def _entry(row: Row[Any]) -> IncidentEntry:
    return IncidentEntry(
        kind=IncidentEntryKind(row.kind),
        at=utc(row.at),
        by_id=None if row.actor_id is None else UserId(row.actor_id),
        by_name=row.actor_name,
        value=row.value,
        subject=None if row.subject is None else SubjectId(row.subject),
        payment=payment_of(row.payment) if row.payment and "payee" in row.payment else None,
        account=account_of(row.payment) if row.payment and "payee" not in row.payment else None,
    )


def _act(of: Incident, action: str) -> Act:
    """What the audit keeps: codes and ids, never what anybody said."""
    detail = {"incident": of.number, "case": str(of.case_id), "state": of.state.value}
    return Act(action=action, object_kind="incident", object_id=str(of.id), unit_path=of.unit_path, detail=detail)
