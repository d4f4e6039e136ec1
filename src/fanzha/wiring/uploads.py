"""Files that came through a browser wait in a folder of their own until a worker imports them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref, case_of
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import permissions_at, require, roles_of
from fanzha.adapters.store.sessions import refusal
from fanzha.adapters.store.work import NewWork, Work, enqueue, work_in
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import CaseId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.house import House
from fanzha.wiring.mapping import mapping_from_text
from fanzha.wiring.statements import Imported, import_files

IMPORT_WORK = "statements.import"
MAPPING_FILE = ".mapping.toml"
"""A confirmed mapping lies beside the files it is for; a name that no upload can have."""
NAME_BYTES = 200
"""Disks take 255 bytes for a name: a Chinese one of ninety characters is longer."""
ABANDONED = timedelta(days=1)
"""No import and no upload lasts so long."""
MOST_WAITING = 100_000


def enqueue_import(house: House, actor: Actor, ref: str, files: Sequence[tuple[str, Path]], mapping: str = "") -> UUID:
    """The id of the work that will import these (name, file) pairs, which are moved to a folder of its own."""
    require(actor, "statements.import")
    upload = uuid7(house.now())
    folder = house.uploads / str(upload)
    try:
        with house.act(actor) as connection:
            case = case_by_ref(connection, ref)
            _move(files, folder, mapping)
            payload = {"case": str(case.id), "user": str(actor.user_id), "scope": actor.scope}
            new = NewWork(
                kind=IMPORT_WORK,
                key=str(upload),
                unit_path=case.unit_path,
                due_at=house.now(),
                payload={**payload, "files": len(files)},
            )
            return enqueue(connection, new, house.now())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _move(files: Sequence[tuple[str, Path]], folder: Path, mapping: str) -> None:
    folder.mkdir(mode=0o700, parents=True)
    for number, (name, file) in enumerate(files):
        place = folder / str(number)
        place.mkdir()
        shutil.move(file, place / (_fitting(Path(name).name) or str(number)))
    if mapping:
        (folder / MAPPING_FILE).write_text(mapping, "utf-8")


def _fitting(name: str) -> str:
    """The end of a name that is too long for the disk: there stands what kind of file it is."""
    return name.encode()[-NAME_BYTES:].decode(errors="ignore")


def import_upload(house: House, work: Work, tell: Callable[[Mapping[str, object]], None]) -> Mapping[str, object]:
    """Import what was uploaded, as the person who uploaded it.

    The files stay until the work is known to be done (`forget_upload`): a worker killed before that does it again,
    and what the case holds already changes nothing.
    """
    folder = house.uploads / work.key
    if not folder.is_dir():
        raise NotFound("statements.upload_gone")
    return _outcome(_import(house, work, folder, tell))


def forget_upload(house: House, work: Work) -> None:
    """Throw away the files of work that nobody will try again: they must not lie there in clear."""
    shutil.rmtree(house.uploads / work.key, ignore_errors=True)


def _import(house: House, work: Work, folder: Path, tell: Callable[[Mapping[str, object]], None]) -> Imported:
    with house.act_as_house() as connection:
        actor = _uploader(connection, house, work)
    with house.act(actor) as connection:
        ref = case_of(connection, CaseId(UUID(str(work.payload["case"])))).ref
    files = uploaded_files(house, work)
    mapping = folder / MAPPING_FILE
    return import_files(
        house,
        actor,
        ref,
        files,
        mapping=mapping_from_text(mapping.read_text("utf-8"), place=MAPPING_FILE) if mapping.exists() else None,
        progress=lambda path, rows: tell({"sheet": path, "rows": rows}),
    )


def forget_abandoned(house: House) -> None:
    """Throw away what browsers and killed processes left in clear and no waiting work needs, a day later."""
    with house.act_as_house() as connection:
        needed = {each.key for each in work_in(connection, ("waiting", "running"), MOST_WAITING, IMPORT_WORK)}
    old = (house.wall.now() - ABANDONED).timestamp()
    for folder in (house.uploads, house.settings.home / "scratch"):
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.name not in needed and each.stat().st_mtime < old:
                shutil.rmtree(each, ignore_errors=True)


def uploaded_files(house: House, work: Work) -> list[Path]:
    """The files that wait for this work, in the order in which they came; none when it took them already."""
    folder = house.uploads / work.key
    if not folder.is_dir():
        return []
    places = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: int(each.name))
    return [file for place in places for file in place.iterdir()]


def _uploader(connection: Connection, house: House, work: Work) -> Actor:
    """Whoever uploaded, with the permissions they have now: a right that was taken back meanwhile is not used."""
    person = find_person(connection, UserId(UUID(str(work.payload["user"]))))
    why = refusal(person, house.wall.now())
    if why:
        raise Forbidden(why)
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
