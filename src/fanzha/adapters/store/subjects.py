"""The vault: every identifier once, under a key of its own that can die (house section 4)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, TextClause, text, update

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.keys import KEY_BYTES, Keys
from fanzha.adapters.store.schema.evidence import subject
from fanzha.cases.case import Case
from fanzha.cases.subjects import MASKS, SubjectKind, guesses
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Broken, Invalid
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor

REVEALED_AT_ONCE = 200
"""Identifiers that one reveal may show: a page of a table, not a copy of the vault."""

_ONCE = bytes(12)
"""A nonce for keys that encrypt one identifier and nothing else, ever."""

_AT_ONCE = 20_000

ASK_KNOWN = "SELECT id, fingerprint, erased FROM subject_known(CAST(:ids AS bigint[]))"
"""What the vault holds of these ids, whoever sees it: where a statement does more than ask, its last words."""
_KNOWN = text(ASK_KNOWN)
_INSERT = (
    "INSERT INTO subject (id, kind, fingerprint, wrapped_key, identifier, made_at)"
    " SELECT id, kind, fingerprint, decode(key, 'hex'), decode(sealed, 'hex'), :now"
    " FROM json_to_recordset(CAST(:rows AS json))"
    " AS new (id bigint, kind text, fingerprint bigint, key text, sealed text)"
)
_ADD = text(f"{_INSERT} ON CONFLICT DO NOTHING")
_RENEW = text(
    f"{_INSERT} ON CONFLICT (id) DO UPDATE SET wrapped_key = excluded.wrapped_key, identifier = excluded.identifier,"
    " made_at = excluded.made_at WHERE subject.wrapped_key IS NULL AND subject.fingerprint = excluded.fingerprint"
)
"""Somebody who was erased and whom new evidence tells of again gets a new key; the old one stays dead.

Apart from adding: who may change a row must see it, and to see that walks through everything that cases tell.
"""


class Identifier(NamedTuple):
    """A clean identifier and its kind."""

    kind: SubjectKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """What somebody asks to see in full, in which case, and what for (a purpose code)."""

    ids: tuple[SubjectId, ...]
    case: Case
    purpose: str


def subject_id(keys: Keys, identifier: Identifier) -> SubjectId:
    """The id by which everything but the vault knows the identifier."""
    return SubjectId(keys.subject_hash(identifier.kind, identifier.text))


def subject_ids(keys: Keys, identifiers: Iterable[Identifier]) -> dict[Identifier, SubjectId]:
    """The id of each identifier."""
    return {each: subject_id(keys, each) for each in identifiers}


def guessed(keys: Keys, typed: str) -> list[SubjectId]:
    """Whom somebody may mean who types this, exact after cleaning: an account, a number, a document or a name."""
    return [subject_id(keys, Identifier(kind, clean)) for kind, clean in guesses(typed)]


Known = Sequence[Row[Any]]
"""The rows of `ASK_KNOWN`."""


def keep_subjects(
    connection: Connection, keys: Keys, ids: Mapping[Identifier, SubjectId], now: datetime, known: Known | None = None
) -> None:
    """Put identifiers into the vault that are not there yet; `Broken` when two of them have one id.

    Say first which case mentions them: the vault shows nobody what no case of theirs mentions. `known` is what it
    holds of them, where it was asked already.
    """
    _keep_ordered(connection, keys, ids, now, ((_ADD, None), (_RENEW, False)), known)
    if len(set(ids.values())) != len(ids):
        raise Broken("cases.subject_collision")


def foresee_subjects(connection: Connection, keys: Keys, ids: Mapping[Identifier, SubjectId], now: datetime) -> None:
    """Put into the vault, at once, what is new in it of everything that a transaction will tell piece by piece.

    So it never waits, with a part of them, for another that has the rest; `keep_subjects` renews what was erased.
    """
    _keep_ordered(connection, keys, ids, now, ((_ADD, None),))


_Ways = Sequence[tuple[TextClause, bool | None]]


def _keep_ordered(
    connection: Connection,
    keys: Keys,
    ids: Mapping[Identifier, SubjectId],
    now: datetime,
    ways: _Ways,
    told: Known | None = None,
) -> None:
    ordered = sorted(ids.items(), key=lambda item: item[1])  # two imports at once wait, never crosswise
    for start in range(0, len(ordered), _AT_ONCE):
        some = {each: one for one, each in ordered[start : start + _AT_ONCE]}
        fingerprints = {each: _fingerprint(keys, one) for each, one in some.items()}
        known = _known(connection, fingerprints) if told is None else _of_these(told, fingerprints)
        _keep(connection, keys, (some, fingerprints, known), now, ways)


def _keep(
    connection: Connection,
    keys: Keys,
    what: tuple[Mapping[SubjectId, Identifier], Mapping[SubjectId, int], Mapping[SubjectId, bool]],
    now: datetime,
    ways: _Ways,
) -> None:
    some, fingerprints, known = what
    for how, wanted in ways:
        rows = [
            _sealed(keys, each, told) | {"fingerprint": fingerprints[each]}
            for each, told in some.items()
            if known.get(each) is wanted
        ]
        if rows and connection.execute(how, {"rows": json.dumps(rows), "now": utc(now)}).rowcount != len(rows):
            _known(connection, fingerprints)  # somebody else was first: the same identifiers, or a collision


def _known(connection: Connection, fingerprints: Mapping[SubjectId, int]) -> dict[SubjectId, bool]:
    """Whether the key lives of each id that the vault holds; `Broken` when one belongs to another identifier."""
    return _of_these(connection.execute(_KNOWN, {"ids": list(fingerprints)}).all(), fingerprints)


def _of_these(told: Known, fingerprints: Mapping[SubjectId, int]) -> dict[SubjectId, bool]:
    here = [row for row in told if row.id in fingerprints]
    if any(fingerprints[row.id] != row.fingerprint for row in here):
        raise Broken("cases.subject_collision")
    return {SubjectId(row.id): not row.erased for row in here}


def _fingerprint(keys: Keys, identifier: Identifier) -> int:
    """A second keyed hash: the same id with another fingerprint is a collision."""
    return keys.subject_hash(f"fingerprint.{identifier.kind}", identifier.text)


def _sealed(keys: Keys, each: SubjectId, told: Identifier) -> dict[str, object]:
    key = secrets.token_bytes(KEY_BYTES)
    sealed = AESGCM(key).encrypt(_ONCE, told.text.encode(), None)
    return {"id": each, "kind": told.kind, "key": keys.wrap(key, _context(each)).hex(), "sealed": sealed.hex()}


def _context(each: SubjectId) -> str:
    return f"subject:{each}"


def masked(connection: Connection, keys: Keys, ids: Iterable[SubjectId]) -> dict[SubjectId, str]:
    """The identifiers as everybody may see them; erased ones, and those of no case in sight, are left out."""
    return {each: MASKS[found.kind](found.text) for each, found in _opened(connection, keys, ids).items()}


def reveal(
    connection: Connection, keys: Keys, wanted: Reveal, actor: Actor, now: datetime
) -> dict[SubjectId, Identifier]:
    """The identifiers in full, with an audit entry of who saw which, in which case and what for."""
    if not wanted.purpose or not 0 < len(wanted.ids) <= REVEALED_AT_ONCE:
        raise Invalid("cases.bad_reveal", limit=REVEALED_AT_ONCE)
    found = _opened(connection, keys, wanted.ids)
    act = Act(
        action="subject.revealed",
        object_kind="case",
        object_id=str(wanted.case.id),
        unit_path=wanted.case.unit_path,
        purpose=wanted.purpose,
        detail={"subjects": sorted(found)},
    )
    record(connection, act, actor, now)
    return found


def identifiers_of(connection: Connection, keys: Keys, ids: Iterable[SubjectId]) -> dict[SubjectId, Identifier]:
    """The identifiers in full, for a message that the law has somebody send; erased ones are left out.

    Nobody sees them on the way: what a person is shown goes through `masked` or `reveal`.
    """
    return _opened(connection, keys, ids)


def _opened(connection: Connection, keys: Keys, ids: Iterable[SubjectId]) -> dict[SubjectId, Identifier]:
    return {
        row.id: clear_of(keys, row.id, row.kind, row.wrapped_key, row.identifier)
        for row in connection.execute(_SEALED, {"ids": list(ids)})
    }


_SEALED = text("SELECT * FROM subject WHERE id = ANY(CAST(:ids AS bigint[])) AND wrapped_key IS NOT NULL")


def clear_of(keys: Keys, each: SubjectId, kind: str, wrapped_key: bytes, identifier: bytes) -> Identifier:
    """What the vault's row of an identifier holds, in full."""
    opened = AESGCM(keys.unwrap(wrapped_key, _context(each))).decrypt(_ONCE, identifier, None)
    return Identifier(SubjectKind(kind), opened.decode())


def destroy_subjects(connection: Connection, ids: Collection[SubjectId], at: datetime) -> None:
    """Destroy the keys of identifiers that came in before `at`; nobody can read these again."""
    dying = update(subject).where(subject.c.id.in_(list(ids)), subject.c.made_at <= utc(at))
    connection.execute(dying.values(wrapped_key=None, identifier=None))
