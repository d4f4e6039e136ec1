"""The audit as a file of JSON lines, which anybody with the public keys can prove without a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TextIO

from sqlalchemy import Connection, select

from fanzha.adapters.store.audit import entry_of
from fanzha.adapters.store.audit_check import Head, Linked, Proof, chain_in, check_chain, is_unsealed
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.sealing import Seal, canonical, facts_of
from fanzha.kernel.clock import from_micros, micros
from fanzha.kernel.errors import Invalid

FORMAT = "fanzha.audit/1"


def export_audit(connection: Connection, public_keys: Mapping[str, bytes], out: TextIO) -> int:
    """Write the chain and its unsealed remainder; the number of entries written. Needs the house's own sight."""
    written = 0
    _write(out, {"format": FORMAT, "public_keys": {name: key.hex() for name, key in public_keys.items()}})
    for seal, linked in chain_in(connection):
        _write(out, {"seal": _told(seal)})
        for each in linked:
            facts = None if each.facts is None else dict(each.facts)
            _write(out, {"entry": facts, "id": each.entry_id, "link": each.link.hex(), "position": each.position})
            written += 1
    for row in connection.execute(select(audit_entry).where(is_unsealed()).order_by(audit_entry.c.seq)):
        _write(out, {"unsealed": facts_of(entry_of(row))})
        written += 1
    return written


def verify_export(
    lines: Iterable[str], public_keys: Mapping[str, bytes] | None = None, known: Head | None = None
) -> Proof:
    """Prove an exported file; without `public_keys` its own are used, which proves it whole but not whose it is."""
    told = _read(lines)
    header = next(told, {})
    if header.get("format") != FORMAT:
        raise Invalid("audit.not_an_export", format=FORMAT)
    unsealed: list[int] = []
    try:
        keys = public_keys or {name: bytes.fromhex(key) for name, key in header["public_keys"].items()}
        proof = check_chain(_chain(told, unsealed), keys, known)
    except (KeyError, TypeError, ValueError) as damaged:
        raise Invalid("audit.export_damaged") from damaged
    return replace(proof, unsealed=len(unsealed), unsealed_since=from_micros(min(unsealed)) if unsealed else None)


def _chain(told: Iterator[dict[str, Any]], unsealed: list[int]) -> Iterator[tuple[Seal, list[Linked]]]:
    """Seals with their entries; the times of entries outside a seal go to `unsealed`."""
    seal: Seal | None = None
    linked: list[Linked] = []
    for line in told:
        if "entry" in line:
            linked.append(_linked(line))
            continue
        if seal is not None:
            yield seal, linked
        seal, linked = (_seal(line["seal"]), []) if "seal" in line else (None, [])
        if seal is None:
            unsealed.append(line["unsealed"]["at"])
    if seal is not None:
        yield seal, linked


def _told(seal: Seal) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(seal, name) for name in Seal.__slots__}
    return {
        **{name: each.hex() if isinstance(each, bytes) else each for name, each in told.items()},
        "at": micros(seal.at),
    }


def _seal(told: dict[str, Any]) -> Seal:
    hashes = {name: bytes.fromhex(told[name]) for name in ("previous", "link", "signature")}
    return Seal(
        number=told["number"], at=from_micros(told["at"]), entries=told["entries"], key_id=told["key_id"], **hashes
    )


def _linked(line: dict[str, Any]) -> Linked:
    return Linked(position=line["position"], entry_id=line["id"], link=bytes.fromhex(line["link"]), facts=line["entry"])


def _write(out: TextIO, line: Mapping[str, object]) -> None:
    out.write(canonical(line).decode() + "\n")


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
        except ValueError as cut:
            raise Invalid("audit.export_damaged_at", line=number) from cut
        if not isinstance(told, dict):
            raise Invalid("audit.export_damaged_at", line=number)
        yield told
