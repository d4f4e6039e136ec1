"""The names of a case's files, by the refs under which pages show them masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from fanzha.adapters.store.schema.evidence import import_fault, import_file, import_source
from fanzha.adapters.store.work import work_in
from fanzha.apps.web.wired.masks import name_ref
from fanzha.cases.case import Case
from fanzha.wiring.house import House
from fanzha.wiring.uploads import IMPORT_WORK, uploaded_files

_WAITING = 50


def case_names(house: House, connection: Connection, case: Case) -> Mapping[str, str]:
    """Every name by its ref: of files and sheets that came in, of those that were lost, of those that wait."""
    return {name_ref(house.keys, name): name for name in _names(house, connection, case)}


def _names(house: House, connection: Connection, case: Case) -> Iterator[str]:
    for column in (import_file.c.name, import_source.c.path, import_fault.c.place):
        yield from connection.scalars(select(column).where(column.table.c.case_id == case.id))
    for each in work_in(connection, ("stuck",), _WAITING, IMPORT_WORK):
        if each.payload.get("case") == str(case.id):
            yield from (file.name for file in uploaded_files(house, each))
