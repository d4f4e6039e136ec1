"""The audit's chain: a sealer links new entries each second and signs the end of what it linked.

Entries are inserted unchained, because one head row would stop every other transaction (a quarter of the speed,
`performance.md`). Each leaves a note in `audit_unsealed`; the sealer takes the notes it can see, so an entry whose
transaction ends late is sealed late and never missed, whatever its number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ARRAY, Connection, Engine, Uuid, any_, bindparam, select, text

from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.audit import Entry, entry_of
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.audit import audit_entry, audit_seal, audit_sealed, audit_unsealed
from fanzha.adapters.store.unit_of_work import system_unit_of_work
from fanzha.kernel.clock import micros, utc

GENESIS = sha256(b"fanzha.audit").digest()
"""What the first entry is linked to."""

MAX_ENTRIES = 10_000
"""Entries a seal takes at most; the rest is taken by the next."""

_LOCK = 0x7365616C  # "seal"
_MAY_SEAL = text(
    "SELECT CASE WHEN EXISTS (SELECT FROM audit_unsealed) THEN pg_try_advisory_xact_lock(:key) ELSE false END"
)
"""Whether anything waits and nobody else seals: one small statement in a quiet second."""

_WAITING = select(audit_unsealed.c.entry_id).order_by(audit_unsealed.c.entry_id).limit(MAX_ENTRIES)
_MEANT = bindparam("ids", type_=ARRAY(Uuid))
_ENTRIES = select(audit_entry).where(audit_entry.c.id == any_(_MEANT)).order_by(audit_entry.c.seq)
_SEALED = audit_unsealed.delete().where(audit_unsealed.c.entry_id == any_(_MEANT))
"""The notes are read first, by themselves: joined to all entries there ever were, each second walks through them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A signed end of the chain: `link` is the hash over everything up to the last of its entries, `at` wall time."""

    number: int
    at: datetime
    entries: int
    previous: bytes
    link: bytes
    key_id: str
    signature: bytes

    def message(self) -> bytes:
        """What is signed."""
        told = {"number": self.number, "at": micros(self.at), "entries": self.entries}
        return canonical({**told, "previous": self.previous.hex(), "link": self.link.hex()})


def seal_audit(engine: Engine, keys: Keys, wall: datetime) -> int:
    """Seal everything that is waiting; the number of entries sealed."""
    sealed = 0
    while True:
        with system_unit_of_work(engine, wall) as connection:
            made = seal_next(connection, keys, wall)
        sealed += made.entries if made else 0
        if made is None or made.entries < MAX_ENTRIES:
            return sealed


def seal_next(connection: Connection, keys: Keys, wall: datetime) -> Seal | None:
    """Link and sign the entries that wait, in the order they were written; None when none do or another one seals."""
    if not connection.scalar(_MAY_SEAL, {"key": _LOCK}):
        return None
    waiting = list(connection.scalars(_WAITING))
    if not waiting:
        return None
    entries = [entry_of(row) for row in connection.execute(_ENTRIES, {"ids": waiting})]
    last = connection.execute(select(audit_seal).order_by(audit_seal.c.number.desc()).limit(1)).one_or_none()
    number, previous = (last.number + 1, bytes(last.link)) if last else (1, GENESIS)
    link, rows = _linked(entries, number, previous)
    bare = Seal(number=number, at=utc(wall), entries=len(rows), previous=previous, link=link, key_id="", signature=b"")
    seal = _signed(keys, bare)
    connection.execute(audit_seal.insert(), {name: getattr(seal, name) for name in Seal.__slots__})
    add_all(connection, audit_sealed, rows)
    connection.execute(_SEALED, {"ids": waiting})
    return seal


def next_link(previous: bytes, entry: Mapping[str, object]) -> bytes:
    """The link of an entry: a hash over the link before it and everything the entry says."""
    return sha256(previous + sha256(canonical(entry)).digest()).digest()


def facts_of(entry: Entry) -> dict[str, object]:
    """Everything an entry says, as the chain and an export carry it."""
    return {
        "id": str(entry.id),
        "seq": entry.seq,
        "at": micros(entry.at),
        "actor_id": None if entry.actor_id is None else str(entry.actor_id),
        "actor_name": entry.actor_name,
        "action": entry.act.action,
        "object_kind": entry.act.object_kind,
        "object_id": entry.act.object_id,
        "unit_path": entry.act.unit_path,
        "purpose": entry.act.purpose,
        "detail": dict(entry.act.detail),
    }


def canonical(facts: Mapping[str, object]) -> bytes:
    """One byte string for one set of facts: JSON with sorted keys, no spaces, no floats."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _linked(entries: list[Entry], number: int, previous: bytes) -> tuple[bytes, list[dict[str, object]]]:
    """The last link, and a row for each entry in its place."""
    rows: list[dict[str, object]] = []
    link = previous
    for position, entry in enumerate(entries):
        link = next_link(link, facts_of(entry))
        rows.append({"seal": number, "position": position, "entry_id": entry.id, "link": link})
    return link, rows


def _signed(keys: Keys, seal: Seal) -> Seal:
    key_id, signature = keys.sign(seal.message())
    return replace(seal, key_id=key_id, signature=signature)
