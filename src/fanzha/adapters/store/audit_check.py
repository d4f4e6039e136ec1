"""Prove the audit's chain with public keys only; names the first broken link and what is not yet sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from fanzha.adapters.store.audit import entry_of
from fanzha.adapters.store.keys import is_signed
from fanzha.adapters.store.schema.audit import audit_entry, audit_seal, audit_sealed
from fanzha.adapters.store.sealing import GENESIS, Seal, facts_of, next_link


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An entry in its place: what it says now (None: it is gone) and the link that was written for it."""

    position: int
    entry_id: str
    link: bytes
    facts: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where the chain breaks first; `why` names a sentence in `errors.audit`."""

    why: str
    seal: int
    position: int | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a chain, worth noting elsewhere: who knows it notices a chain cut short later."""

    number: int
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the check found: up to `head` everything is as it was written, unless there is a break."""

    seals: int
    entries: int
    head: Head | None
    first_break: Break | None
    unsealed: int = 0
    unsealed_since: datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether no link is broken."""
        return self.first_break is None


Chain = Iterable[tuple[Seal, list[Linked]]]


def verify_audit(connection: Connection, public_keys: Mapping[str, bytes], known: Head | None = None) -> Proof:
    """Prove the chain in the database and count what is not yet sealed; needs the house's own sight."""
    proof = check_chain(chain_in(connection), public_keys, known)
    rest = select(func.count(), func.min(audit_entry.c.at)).where(is_unsealed())
    unsealed, since = connection.execute(rest).one()
    return replace(proof, unsealed=unsealed, unsealed_since=since)


def check_chain(chain: Chain, public_keys: Mapping[str, bytes], known: Head | None = None) -> Proof:
    """Walk the chain to its end or its first break; `known` is a head noted earlier, which it must still contain."""
    seals = entries = 0
    head: Head | None = None
    link = GENESIS
    is_known = known is None
    for seal, linked in chain:
        broken = _broken(seal, linked, seals + 1, link, public_keys)
        if broken:
            return Proof(seals=seals, entries=entries, head=head, first_break=broken)
        seals, entries, link = seals + 1, entries + len(linked), seal.link
        head = Head(number=seal.number, link=link.hex())
        is_known = is_known or head == known
    missing = None if is_known or known is None else Break(why="head_missing", seal=known.number)
    return Proof(seals=seals, entries=entries, head=head, first_break=missing)


def chain_in(connection: Connection) -> Iterator[tuple[Seal, list[Linked]]]:
    """The chain as the database holds it, read a few thousand rows at a time."""
    wanted = (
        select(
            *(each.label(f"seal_{each.name}") for each in audit_seal.c),
            audit_sealed.c.position,
            audit_sealed.c.entry_id,
            audit_sealed.c.link.label("entry_link"),
            *audit_entry.c,
        )
        .select_from(audit_seal.outerjoin(audit_sealed).outerjoin(audit_entry))
        .order_by(audit_seal.c.number, audit_sealed.c.position)
    )
    rows = connection.execution_options(yield_per=5_000).execute(wanted)
    for _, group in groupby(rows, key=lambda row: row.seal_number):
        together = list(group)
        yield _seal(together[0]), [_linked(row) for row in together if row.position is not None]


def is_unsealed() -> ColumnElement[bool]:
    """The condition that an entry is in no seal."""
    return ~select(audit_sealed.c.entry_id).where(audit_sealed.c.entry_id == audit_entry.c.id).exists()


def _broken(
    seal: Seal, linked: list[Linked], number: int, link: bytes, public_keys: Mapping[str, bytes]
) -> Break | None:
    """Why this seal does not follow on `link` as number `number`, None when it does."""
    if seal.number != number:
        return Break(why="seal_missing", seal=number)
    if seal.previous != link:
        return Break(why="seal_unlinked", seal=number)
    for position, each in enumerate(linked):
        if each.position != position:
            return Break(why="entry_missing", seal=number, position=position)
        if each.facts is None:
            return Break(why="entry_missing", seal=number, position=position, entry_id=each.entry_id)
        link = next_link(link, each.facts)
        if each.link != link or each.facts["id"] != each.entry_id:
            return Break(why="entry_changed", seal=number, position=position, entry_id=each.entry_id)
    if seal.link != link:
        return Break(why="entry_missing", seal=number, position=len(linked))
    if seal.key_id not in public_keys:
        return Break(why="key_unknown", seal=number)
    if not is_signed(public_keys[seal.key_id], seal.message(), seal.signature):
        return Break(why="signature_wrong", seal=number)
    return None


def _seal(row: Row[*tuple[Any, ...]]) -> Seal:
    return Seal(
        number=row.seal_number,
        at=row.seal_at,
        entries=row.seal_entries,
        previous=bytes(row.seal_previous),
        link=bytes(row.seal_link),
        key_id=row.seal_key_id,
        signature=bytes(row.seal_signature),
    )


def _linked(row: Row[*tuple[Any, ...]]) -> Linked:
    facts = None if row.id is None else facts_of(entry_of(row))
    return Linked(position=row.position, entry_id=str(row.entry_id), link=bytes(row.entry_link), facts=facts)
