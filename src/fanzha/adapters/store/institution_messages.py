"""What institutions said: each message once, as it came, sealed by a key of its own; refusals and nonces beside.

Nothing here has an effect on an order: that is the work row's, which reads the message again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.institutions import VERSION, Profile, profile_of
from fanzha.adapters.store.keys import KEY_BYTES, Keys
from fanzha.adapters.store.orders import Application
from fanzha.adapters.store.schema.institutions import (
    institution,
    institution_message,
    institution_message_case,
    institution_message_key,
    institution_refusal,
)
from fanzha.adapters.store.wakeups import wake
from fanzha.kernel.clock import micros, utc
from fanzha.kernel.errors import Conflict, Forbidden, NotFound
from fanzha.kernel.ids import CaseId, InstitutionId, uuid7
from fanzha.kernel.units import UnitPath

MessageKind = Literal["answer", "push", "report", "status"]
WORK_KIND = "institution_message"
"""The kind of work that gives a message its effect; its payload names the message."""
MOST_MARKS = 60
"""Marks a minute of refused calls under one key owner's name, or nobody's: anybody can make such calls."""
_NONCE = """
over AS (
  DELETE FROM institution_nonce WHERE (key_id, nonce) IN (
    SELECT key_id, nonce FROM institution_nonce WHERE keep_until < :wall
    ORDER BY keep_until LIMIT 10 FOR UPDATE SKIP LOCKED
  )
),
fresh AS (
  INSERT INTO institution_nonce (key_id, nonce, keep_until) VALUES (:signed_by, :nonce, :keep_until)
  ON CONFLICT DO NOTHING RETURNING nonce
)"""
"""Each nonce that is taken forgets some of those whose time is over, and waits for nobody who forgets them too."""
_TAKE_NONCE = text(f"WITH {_NONCE} SELECT EXISTS (SELECT FROM fresh)")
_KEEP = """
WITH whose AS (SELECT case_id, erased FROM application_case(CAST(:application AS uuid)))%s,
added AS (
  INSERT INTO institution_message (
    id, institution_id, kind, message_id, received_at, key_id, sha256, fingerprint, seal, body
  ) SELECT
    :id, :institution_id, :kind, :message_id, :received_at, :key_id, :sha256, :fingerprint, CAST(:seal AS jsonb), :body
  %s
  ON CONFLICT DO NOTHING RETURNING id
),
of_case AS (
  INSERT INTO institution_message_case (message_id, case_id) SELECT added.id, whose.case_id FROM added, whose
),
opened AS (
  INSERT INTO institution_message_key (message_id, wrapped_key)
  SELECT id, :wrapped_key FROM added WHERE NOT EXISTS (SELECT FROM whose WHERE erased)
),
wished AS (
  INSERT INTO work (id, kind, key, unit_path, "large", state, due_at, attempts, payload, progress, created_at)
  SELECT :work_id, :work, CAST(:id AS text), :unit, false, 'waiting', :received_at, 0, CAST(:told AS jsonb), '{}',
    :received_at
  FROM added WHERE :is_news AND NOT EXISTS (SELECT FROM whose WHERE erased) RETURNING id
)
SELECT EXISTS (SELECT FROM added) AS is_new, EXISTS (SELECT FROM wished) AS is_wished, %s AS is_fresh
"""
"""The message, the case that its application was made in, the key that opens it unless that case is erased, and the
work that gives it its effect."""
_KEEP_COLLECTED = text(_KEEP % ("", "", "true"))
_IS_FRESH = "EXISTS (SELECT FROM fresh)"
_KEEP_CALLED = text(_KEEP % (f",{_NONCE}", f"WHERE {_IS_FRESH}", _IS_FRESH))
_ONCE = bytes(12)
"""A nonce for keys that encrypt one message and nothing else, ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message that was verified: its own id, the application it is about, the bytes that came and the headers that
    sign them; what is no news, as that a bank is still at work, is kept and has no effect."""

    institution_id: InstitutionId
    kind: MessageKind
    message_id: str
    application_id: UUID | None
    key_id: str
    fingerprint: str
    body: bytes
    seal: Mapping[str, str]
    is_news: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonce:
    """What says that a call is this one and no other of the key that signed it: taken once, known for so long."""

    key_id: str
    nonce: str
    keep_until: datetime
    wall: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was kept, opened again, the newest profile of whoever sent it, and where the application belongs
    that it was asked for with."""

    id: UUID
    sender: Profile
    about: Application | None
    institution_id: InstitutionId
    kind: MessageKind
    message_id: str
    received_at: datetime
    key_id: str
    body: bytes
    seal: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message that was not taken: from whom as far as known, why, and the fingerprint of what came."""

    institution_id: InstitutionId | None
    address: str
    code: str
    place: str
    body: bytes


def keep_message(
    connection: Connection, keys: Keys, new: NewMessage, now: datetime, unit: UnitPath, nonce: Nonce | None = None
) -> bool:
    """Whether the message is new; then it is kept. `Conflict` when its id has other content, `Forbidden` when the call
    that brought it had a nonce that was seen before.

    Where it tells news, work is wished for. What comes for a case that is erased can be read by nobody from the
    beginning: only that it came is known.
    """
    message_id, key = uuid7(now), secrets.token_bytes(KEY_BYTES)
    row = {
        "id": message_id,
        "application": new.application_id,
        "institution_id": new.institution_id,
        "kind": new.kind,
        "message_id": new.message_id,
        "received_at": utc(now),
        "key_id": new.key_id,
        "sha256": sha256(new.body).hexdigest(),
        "fingerprint": new.fingerprint,
        "seal": json.dumps(dict(new.seal)),
        "body": AESGCM(key).encrypt(_ONCE, new.body, None),
        "wrapped_key": keys.wrap(key, _context(message_id)),
    }
    told = {"message": str(message_id), "institution": str(new.institution_id), "kind": new.kind}
    if new.application_id is not None:
        told["application"] = str(new.application_id)
    wish = {"work_id": uuid7(now), "work": WORK_KIND, "unit": unit, "told": json.dumps(told), "is_news": new.is_news}
    signed = {} if nonce is None else _taken(nonce)
    kept = connection.execute(_KEEP_COLLECTED if nonce is None else _KEEP_CALLED, row | wish | signed).one()
    if not kept.is_fresh:
        raise Forbidden("protocol.replayed")
    if not kept.is_new:
        _require_same(connection, new)
    if kept.is_wished:
        wake(connection, [WORK_KIND])
    return bool(kept.is_new)


def open_message(connection: Connection, keys: Keys, message_id: UUID) -> Message:
    """A message again; `NotFound` when there is none, or its key was destroyed."""
    return open_messages(connection, keys, {message_id: None})[0]


def open_messages(connection: Connection, keys: Keys, ids: Mapping[UUID, UUID | None]) -> list[Message]:
    """Messages again, in the order of their ids here, each asked for with its application; `NotFound` as for one."""
    asked = {"ids": list(ids), "applications": list(ids.values())}
    found = {row.id: row for row in connection.execute(_OPEN, asked)}
    for each in ids:
        if each not in found:
            raise NotFound("institutions.no_message", message=each)
    return [_opened(keys, found[each]) for each in ids]


_OPEN = text(f"""
SELECT said.id, said.kind, said.message_id, said.received_at, said.key_id, said.seal, said.body, own.wrapped_key,
  {VERSION}, about.order_id, about.institution_id AS asked_of, about.unit_path AS order_unit
FROM unnest(CAST(:ids AS uuid[]), CAST(:applications AS uuid[])) AS asked(id, application)
JOIN institution_message AS said ON said.id = asked.id
JOIN institution_message_key AS own ON own.message_id = said.id
CROSS JOIN LATERAL (
  SELECT * FROM institution_profile WHERE institution_id = said.institution_id ORDER BY version DESC LIMIT 1
) AS told
LEFT JOIN order_application AS about ON about.application_id = asked.application
""")


def _opened(keys: Keys, row: Row[Any]) -> Message:
    about = {"order_id": row.order_id, "institution_id": row.asked_of, "unit_path": row.order_unit}
    return Message(
        id=row.id,
        sender=profile_of(row),
        about=None if row.order_id is None else Application(**about),
        institution_id=row.institution_id,
        kind=row.kind,
        message_id=row.message_id,
        received_at=row.received_at,
        key_id=row.key_id,
        body=AESGCM(keys.unwrap(row.wrapped_key, _context(row.id))).decrypt(_ONCE, row.body, None),
        seal=row.seal,
    )


def belongs_to(connection: Connection, message_id: UUID, case_id: CaseId) -> None:
    """A message that names no application belongs to this case and dies with it; only the house itself may say so."""
    row = {"message_id": message_id, "case_id": case_id}
    connection.execute(insert(institution_message_case).values(row).on_conflict_do_nothing())


def destroy_messages(connection: Connection, case_id: CaseId) -> int:
    """Destroy the keys of what institutions said of a case: it can never be read again, that it came stays known.

    How many there were; only the house itself may.
    """
    told = select(institution_message_case.c.message_id).where(institution_message_case.c.case_id == case_id)
    dead = delete(institution_message_key).where(institution_message_key.c.message_id.in_(told))
    return connection.execute(dead).rowcount


def record_refusal(connection: Connection, refused: Refused, now: datetime) -> None:
    """Leave the mark of a message that was not taken; under one name only so many a minute, or the disk would fill."""
    if _marks_since(connection, refused.institution_id, now - timedelta(minutes=1)) >= MOST_MARKS:
        return
    row = {
        "id": uuid7(now),
        "at": utc(now),
        "institution_id": refused.institution_id,
        "address": refused.address,
        "code": refused.code,
        "place": refused.place,
        "sha256": sha256(refused.body).hexdigest(),
        "size": len(refused.body),
    }
    connection.execute(insert(institution_refusal).values(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A refusal on record; `institution` is the short name of whose key the call named, empty where nobody's."""

    at: datetime
    institution: str
    address: str
    code: str
    place: str
    sha256: str
    size: int


def refusals(connection: Connection, limit: int, institution_name: str | None = None) -> list[Mark]:
    """The newest refusals, newest first; of those under one institution's name, or with an empty one under nobody's."""
    own = institution_refusal.c
    named = func.coalesce(institution.c.name, "").label("institution")
    told = select(own.at, named, own.address, own.code, own.place, own.sha256, own.size)
    joined = told.outerjoin_from(institution_refusal, institution, institution.c.id == own.institution_id)
    if institution_name is not None:
        joined = joined.where(named == institution_name)
    return [Mark(**row._mapping) for row in connection.execute(joined.order_by(own.id.desc()).limit(limit))]


def take_nonce(connection: Connection, nonce: Nonce) -> bool:
    """Whether this key's nonce is seen for the first time; some of those whose time is over are forgotten."""
    return bool(connection.scalar(_TAKE_NONCE, _taken(nonce)))


def _taken(nonce: Nonce) -> dict[str, object]:
    times = {"keep_until": utc(nonce.keep_until), "wall": utc(nonce.wall)}
    return {"signed_by": nonce.key_id, "nonce": nonce.nonce, **times}


def _marks_since(connection: Connection, whose: InstitutionId | None, since: datetime) -> int:
    """Marks under one name since an instant, counted no further than the limit; ids sort by their time."""
    oldest = UUID(int=micros(since) // 1_000 << 80)
    own = institution_refusal.c
    some = select(own.id).where(own.id >= oldest, own.institution_id.is_not_distinct_from(whose)).limit(MOST_MARKS)
    return connection.scalar(select(func.count()).select_from(some.subquery())) or 0


def _require_same(connection: Connection, new: NewMessage) -> None:
    own = institution_message.c
    there = select(own.fingerprint).where(
        own.institution_id == new.institution_id, own.kind == new.kind, own.message_id == new.message_id
    )
    if connection.scalar(there) != new.fingerprint:
        raise Conflict("institutions.other_content", kind=new.kind)


def _context(message_id: UUID) -> str:
    return f"institution_message:{message_id}"
