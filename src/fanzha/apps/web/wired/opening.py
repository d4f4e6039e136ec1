"""Opening a case for somebody: one transaction, their permission asked first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from fanzha.adapters.ledger.reading import SealedImport
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import Import, import_key
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.units import find_unit
from fanzha.apps.web.views.shown import Choice
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places


@contextmanager
def opened(house: House, actor: Actor, ref: str, permission: str = "cases.read") -> Iterator[tuple[Connection, Case]]:
    """The case and the transaction it is seen in; `NotFound` alike when there is none and when it is not theirs."""
    require(actor, permission)
    with house.act(actor) as connection:
        yield connection, case_by_ref(connection, ref)


def unit_choice(connection: Connection, path: UnitPath) -> Choice:
    """A unit by its names; by its path where its row is out of sight (a case that another unit shared)."""
    found = find_unit(connection, path)
    return Choice(code=path, zh=found.name_zh, en=found.name_en) if found else Choice(code=path, zh=path, en=path)


def sealed_import(house: House, connection: Connection, each: Import) -> SealedImport:
    """Where an import's rows lie and what opens them."""
    return SealedImport(path=places(house).rows(each.id), key=import_key(connection, house.keys, each.id))
