"""The folder of a simulated institution: who it is, whom it knows, its key, its journal."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fanzha.kernel.clock import from_seconds
from fanzha.protocol.fields import Address, Code, InstitutionCode, Many, Whole
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.wire import canonical, read
from fanzha.simulation.institutions.setup import Setup

MOST_PEERS = 1_000
EXCHANGE = "exchange"
"""Where an institution that works by hand finds requests and lays down answers, below its own folder."""
_PLAN, _KEY = "institution.json", "key"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another simulated institution, which money goes to."""

    code: InstitutionCode
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a process of an institution starts from; `pass_word` lets the exercise open accounts and plan payments.

    Without a centre it keeps the wall's time and waits for its messages to be fetched. `by_folder`: it is asked, and
    answers, by tables in its folder's `exchange`; without `faults` nothing goes wrong that nobody ordered.
    """

    setup: Setup
    seed: Annotated[int, Whole(0, 2**63 - 1)]
    pass_word: Code
    centre: Address | None = None
    centre_keys: Annotated[tuple[PublicKey, ...], Many(10)] = ()
    peers: Annotated[tuple[Peer, ...], Many(MOST_PEERS)] = ()
    tolerance_seconds: Annotated[int, Whole(0, 600)] = 60
    by_folder: bool = False
    faults: bool = True


def write_plan(folder: Path, plan: Plan) -> None:
    """Put a plan into its folder, for the owner's eyes only, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / _PLAN, canonical(plan))


def has_plan(folder: Path) -> bool:
    """Whether a folder is an institution's."""
    return (folder / _PLAN).exists()


def read_plan(folder: Path) -> Plan:
    """The plan of a folder."""
    return read(Plan, (folder / _PLAN).read_bytes())


def own_key(folder: Path, name: str) -> SigningKey:
    """The key by which the institution signs, made at the first start."""
    path = folder / _KEY
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, secrets.token_bytes(_KEY_BYTES))
    return SigningKey(key_id=f"{name}-1", private=path.read_bytes())


def key_since(folder: Path) -> datetime:
    """Since when the institution signs by its key."""
    return from_seconds(int((folder / _KEY).stat().st_mtime))


def public_half(key: SigningKey, since: datetime) -> PublicKey:
    """What the house is told of a key."""
    return PublicKey(key_id=key.key_id, public=key.public, since=since)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
