"""The log of erasures beside the keys: whoever can restore a backup has there what must not come back with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

from fanzha.adapters.store.erasures import Erasure, erasures
from fanzha.adapters.store.locks import locked
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.units import unit_path
from fanzha.settings import Settings
from fanzha.wiring.house import House, operator

NAME = "erasures.json"


def keep_erasure_log(house: House) -> None:
    """Write every erasure that is known, of the database and of the kept log, whole or not at all."""
    folder = house.settings.keys.expanduser().absolute()
    with house.act(operator()) as connection:
        known = {each.id: each for each in erasures(connection)}
    with locked(folder / ".lock"):
        kept = _read(folder / NAME) if (folder / NAME).exists() else []
        every = sorted({**{each.id: each for each in kept}, **known}.values(), key=lambda each: (each.at, each.id))
        handle = os.open(folder / f".{NAME}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([told_erasure(each) for each in every], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        (folder / f".{NAME}").rename(folder / NAME)


def kept_erasure_log(settings: Settings) -> Sequence[Erasure]:
    """The log beside the keys; `NotFound` when there is none, because nobody then knows what must not come back."""
    path = settings.keys.expanduser().absolute() / NAME
    if not path.exists():
        raise NotFound("backup.no_erasure_log", path=path)
    return _read(path)


def told_erasure(each: Erasure) -> dict[str, str]:
    """An entry as it is printed and kept."""
    names = {"id": str(each.id), "object_kind": each.object_kind, "object_id": each.object_id}
    return names | {"unit": each.unit_path, "reason": each.reason, "at": rfc3339(each.at), "actor": each.actor_name}


def erasure_from(told: Mapping[str, str]) -> Erasure:
    """An entry of the log as it was printed; `KeyError`, `TypeError` or `ValueError` when it is none."""
    return Erasure(
        id=UUID(told["id"]),
        object_kind=told["object_kind"],
        object_id=str(UUID(told["object_id"])),
        unit_path=unit_path(told["unit"]),
        reason=told["reason"],
        at=datetime.fromisoformat(told["at"]),
        actor_name=told["actor"],
    )


def read_erasure_log(source: TextIO) -> list[Erasure]:
    """The log as it was printed or kept; `Invalid` for anything else."""
    try:
        return [erasure_from(each) for each in json.load(source)]
    except (ValueError, TypeError, KeyError):
        raise Invalid("cli.no_erasure_log") from None


def _read(path: Path) -> list[Erasure]:
    with path.open(encoding="utf-8") as file:
        return read_erasure_log(file)
