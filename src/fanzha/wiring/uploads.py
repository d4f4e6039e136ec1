"""Files that came through a browser wait in a folder of their own until a worker imports them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref, case_of
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import permissions_at, require, roles_of
from fanzha.adapters.store.work import NewWork, Work, enqueue
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import CaseId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.house import House, operator
from fanzha.wiring.mapping import mapping_from_text
from fanzha.wiring.statements import Imported, import_files

IMPORT_WORK = "statements.import"
MAPPING_FILE = ".mapping.toml"
"""A confirmed mapping lies beside the files it is for; a name that no upload can have."""


def enqueue_import(house: House, actor: Actor, ref: str, files: Sequence[tuple[str, Path]], mapping: str = "") -> UUID:
    """The id of the work that will import these (name, file) pairs, which are moved to a folder of its own."""
    require(actor, "statements.import")
    upload = uuid7(house.now())
    folder = house.uploads / str(upload)
    folder.mkdir(mode=0o700, parents=True)
    for number, (name, file) in enumerate(files):
        place = folder / str(number)
        place.mkdir()
        shutil.move(file, place / (Path(name).name or str(number)))
    if mapping:
        (folder / MAPPING_FILE).write_text(mapping, "utf-8")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        new = NewWork(
            kind=IMPORT_WORK,
            key=str(upload),
            unit_path=case.unit_path,
            due_at=house.now(),
            payload={"case": str(case.id), "user": str(actor.user_id or ""), "scope": actor.scope, "files": len(files)},
        )
        return enqueue(connection, new, house.now())


def import_upload(house: House, work: Work, tell: Callable[[Mapping[str, object]], None]) -> Mapping[str, object]:
    """Import what was uploaded, as the person who uploaded it; their files are gone afterwards."""
    folder = house.uploads / work.key
    if not folder.is_dir():
        raise NotFound("statements.upload_gone")
    with house.act_as_house() as connection:
        actor = _uploader(connection, house, work)
    with house.act(actor) as connection:
        ref = case_of(connection, CaseId(UUID(str(work.payload["case"])))).ref
    places = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: int(each.name))
    files = [file for place in places for file in place.iterdir()]
    mapping = folder / MAPPING_FILE
    done = import_files(
        house,
        actor,
        ref,
        files,
        mapping=mapping_from_text(mapping.read_text("utf-8"), place=MAPPING_FILE) if mapping.exists() else None,
        progress=lambda path, rows: tell({"sheet": path, "rows": rows}),
    )
    shutil.rmtree(folder, ignore_errors=True)
    return _outcome(done)


def _uploader(connection: Connection, house: House, work: Work) -> Actor:
    """Whoever uploaded, with the permissions they have now: a right that was taken back meanwhile is not used."""
    told = str(work.payload["user"])
    if not told:
        return operator()
    person = find_person(connection, UserId(UUID(told)))
    scope = UnitPath(str(work.payload["scope"]))
    held = roles_of(connection, person.id, house.wall.now())
    return Actor(user_id=person.id, name=person.login, scope=scope, permissions=permissions_at(held, scope))


def _outcome(done: Imported) -> Mapping[str, object]:
    return {
        "import": "" if done.made is None else str(done.made.id),
        "rows": sum(each.counts.data for each in done.sheets),
        "sheets": len(done.sheets),
        "faults": sum(fault.lost for fault in done.faults),
        "repeats": len(done.repeats),
    }
