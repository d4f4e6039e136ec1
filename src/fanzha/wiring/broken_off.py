"""Imports whose process died: found by their lapsed leases, ended as interrupted, and their files cleared away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from fcntl import LOCK_EX
from os import close
from pathlib import Path

from sqlalchemy import Connection

from fanzha.adapters.store.import_leases import Lease, a_lapsed_lease, end_lease, take_case
from fanzha.adapters.store.imports import INTERRUPTED, Import, fail_import, import_of
from fanzha.adapters.store.locks import hold, is_free, locked
from fanzha.adapters.store.reconciliations import kept_reconciliations
from fanzha.adapters.store.unit_of_work import act_as, worker
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places

IMPORT_LEASE = timedelta(seconds=30)
"""So long an import stands as running after its process died: thirty beats, far beyond a busy machine's delays."""

_LOCK = ".lock"


def interrupted() -> Unavailable:
    """What is told of an import that was not brought to its end."""
    return Unavailable(INTERRUPTED)


def clear_broken_off(house: House) -> None:
    """End every import whose lease lapsed, and throw away what it and other killed processes left."""
    while ended := _end_lapsed(house):
        _clear_case(house, ended)
    _clear_scratch(house)


def _end_lapsed(house: House) -> Import | None:
    with house.act_as_house() as connection:
        lapsed = a_lapsed_lease(connection, house.wall.now())
        if lapsed is None:
            return None
        return give_up(house, connection, lapsed, interrupted())


def give_up(house: House, connection: Connection, lease: Lease, error: FanzhaError) -> Import:
    """End an import that its process will not end; from here on the transaction is one of the import's unit."""
    actor = worker(lease.unit_path)
    act_as(connection, actor, house.now())
    end_lease(connection, lease.import_id)
    ended = import_of(connection, lease.import_id)
    if ended.state == "running":
        ended = fail_import(connection, ended.id, error, actor, house.now())
        places(house).remove_import(ended.id)  # before this commits: killed here, the next one does it again
    return ended


def _clear_case(house: House, ended: Import) -> None:
    """Take away results that were never recorded; whoever works on the case at this moment does it anyway."""
    with house.act(worker(ended.unit_path)) as connection:
        if take_case(connection, ended.case_id):
            places(house).remove_reconciliations(ended.case_id, but=kept_reconciliations(connection, ended.case_id))


@contextmanager
def scratch_folder(house: House) -> Iterator[Path]:
    """A folder on the data's own disk, closed to everybody else, that goes with this block or with this process."""
    root = _scratch(house)
    with locked(root / _LOCK):
        folder = Path(tempfile.mkdtemp(dir=root))
        held = hold(folder / _LOCK, LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        close(held)


def _clear_scratch(house: House) -> None:
    """Throw away what killed processes had unpacked in clear: nobody holds its lock any more."""
    root = _scratch(house)
    with locked(root / _LOCK):
        for folder in root.iterdir():
            if folder.is_dir() and is_free(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _scratch(house: House) -> Path:
    root = house.settings.home / "scratch"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root
