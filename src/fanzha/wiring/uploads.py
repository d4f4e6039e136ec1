"""Files that came through a browser wait in a folder of their own until a worker imports them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.files.contents import Kind, kind_of, open_zip
from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.store.cases import case_by_ref, case_of, require_writable
from fanzha.adapters.store.import_leases import Lease
from fanzha.adapters.store.imports import (
    TOO_SLOW,
    ImportedFile,
    begin_import,
    fail_import,
    note_files,
    same_failure,
)
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import permissions_at, require, roles_of, seat_at
from fanzha.adapters.store.sessions import refusal
from fanzha.adapters.store.work import NewWork, Work, enqueue, work_in
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid, NotFound
from fanzha.kernel.ids import CaseId, ImportId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.broken_off import give_up
from fanzha.wiring.house import House
from fanzha.wiring.mapping import mapping_from_text
from fanzha.wiring.reading import Reached
from fanzha.wiring.statements import Imported, import_files

IMPORT_WORK = "statements.import"
MAPPING_FILE = ".mapping.toml"
"""A confirmed mapping lies beside the files it is for; a name that no upload can have."""
NAME_BYTES = 200
"""Disks take 255 bytes for a name: a Chinese one of ninety characters is longer."""
ABANDONED = timedelta(days=1)
"""No import and no upload lasts so long."""
GRACE = timedelta(seconds=30)
"""Beyond a file's time: a step of honest size ends, and then the file ends with an error of its own."""
PACKED = 10
"""Statements packed as a stream unpack to about so many times their size."""
MOST_WAITING = 100_000
LATELY_DONE = 1_000
"""Among these are those whose worker was killed between its last two steps."""

Tell = Callable[[Mapping[str, object]], None]


def enqueue_import(house: House, actor: Actor, ref: str, files: Sequence[tuple[str, Path]], mapping: str = "") -> UUID:
    """The id of the work that will import these (name, file) pairs, which are moved to a folder of its own."""
    require(actor, "statements.import")
    upload = uuid7(house.now())
    folder = house.uploads / str(upload)
    try:
        with house.act(actor) as connection:
            case = require_writable(case_by_ref(connection, ref), actor)
            _move(files, folder, mapping)
            payload = {"case": str(case.id), "user": str(actor.user_id), "scope": actor.scope}
            new = NewWork(
                kind=IMPORT_WORK,
                key=str(upload),
                unit_path=case.unit_path,
                due_at=house.now(),
                large=_is_large(house, folder),
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


def _is_large(house: House, folder: Path) -> bool:
    whole = sum(_unpacked_bytes(each) for each in folder.rglob("*") if each.is_file())
    return whole >= house.settings.large_import_mib * 2**20


def _unpacked_bytes(file: Path) -> int:
    """How much there will be to read, by what the file says of itself: enough to choose who reads it."""
    size, limits = file.stat().st_size, ReadLimits()
    try:
        kind = kind_of(file, file.name, limits)
        if kind in (Kind.ZIP, Kind.XLSX):
            with open_zip(file, file.name, limits) as archive:
                return max(size, sum(each.file_size for each in archive.infolist()))
    except Invalid:
        return size
    return size * PACKED if kind in (Kind.GZIP, Kind.ZSTD) else size


def _fitting(name: str) -> str:
    """The end of a name that is too long for the disk: there stands what kind of file it is."""
    return name.encode()[-NAME_BYTES:].decode(errors="ignore")


def import_upload(house: House, work: Work, tell: Tell) -> Mapping[str, object]:
    """Import what was uploaded, as the person who uploaded it.

    The files stay until the work is known to be done (`forget_upload`): a worker killed before that does it again,
    and what the case holds already changes nothing.
    """
    files = uploaded_files(house, work)
    if not files:
        raise NotFound("statements.upload_gone")
    with house.act_as_house() as connection:
        actor = whoever_wished(connection, house, work)
    try:
        return _outcome(_import(house, work, actor, files, tell))
    except Invalid as error:
        tell({**work.progress, "import": str(_refused(house, work, actor, files, error))})
        raise


def has_gone_silent(house: House, progress: Mapping[str, object], told_at: datetime) -> bool:
    """Whether reading a file hangs within one step, where its time cannot be called."""
    silent = house.wall.now() - told_at
    return progress.get("stage") != "reconciling" and silent > timedelta(seconds=house.settings.file_seconds) + GRACE


def end_upload(house: House, work: Work, progress: Mapping[str, object]) -> FanzhaError:
    """Why an import that says nothing any more is given up; its running import ends with this reason."""
    files = uploaded_files(house, work)
    place = files[_number(progress) - 1].name if 0 < _number(progress) <= len(files) else ""
    error = Invalid(TOO_SLOW, place=place, seconds=house.settings.file_seconds)
    begun = str(progress.get("import", ""))
    with house.act_as_house() as connection:
        actor = whoever_wished(connection, house, work)
        if begun:
            lease = Lease(import_id=ImportId(UUID(begun)), unit_path=work.unit_path)
            note_files(connection, give_up(house, connection, lease, error), map(_told, files))
    if not begun:
        _refused(house, work, actor, files, error)
    return error


def told_of_upload(house: House, work: Work, error: FanzhaError) -> Mapping[str, object]:
    """What the work table may know of a failure: code and numbers, and a file by its number, never by its name."""
    names = [each.name for each in uploaded_files(house, work)]
    return {"code": error.code, **{name: _nameless(name, value, names) for name, value in error.fields.items()}}


def _nameless(field: str, value: object, names: Sequence[str]) -> object:
    if isinstance(value, int | float) or field == "kind":
        return value
    at = next((number for number, name in enumerate(names, start=1) if str(value).startswith(name)), 0)
    return f"#{at}" if at else "-"


def _number(progress: Mapping[str, object]) -> int:
    told = progress.get("file", 0)
    return told if isinstance(told, int) else 0


def forget_upload(house: House, work: Work) -> None:
    """Throw away the files of work that nobody will try again: they must not lie there in clear."""
    shutil.rmtree(house.uploads / work.key, ignore_errors=True)


def _import(house: House, work: Work, actor: Actor, files: Sequence[Path], tell: Tell) -> Imported:
    with house.act(actor) as connection:
        ref = case_of(connection, _case_id(work)).ref
    mapping = house.uploads / work.key / MAPPING_FILE
    return import_files(
        house,
        actor,
        ref,
        files,
        mapping=mapping_from_text(mapping.read_text("utf-8"), place=MAPPING_FILE) if mapping.exists() else None,
        progress=lambda reached: tell(_progress(reached)),
    )


def _progress(reached: Reached) -> Mapping[str, object]:
    """How far it is, as the work table may know it: numbers, and which file, but no name of one."""
    numbers = {name: getattr(reached, name) for name in ("stage", "file", "rows", "done_bytes", "whole_bytes")}
    return {**numbers, "import": reached.import_id}


def _refused(house: House, work: Work, actor: Actor, files: Sequence[Path], error: Invalid) -> ImportId:
    """The failed import that tells people why nothing came in; the same files in vain again are no second one."""
    told = [_told(each) for each in files]
    with house.act(actor) as connection:
        known = same_failure(connection, _case_id(work), error.code, {each.sha256 for each in told})
        if known is not None:
            return known
        begun = begin_import(connection, house.keys, _case_id(work), actor, house.now())
        failed = fail_import(connection, begun.id, error, actor, house.now())
        note_files(connection, failed, told)
        return failed.id


def _told(file: Path) -> ImportedFile:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ImportedFile(name=file.name, sha256=digest, size=file.stat().st_size)


def _case_id(work: Work) -> CaseId:
    return CaseId(UUID(str(work.payload["case"])))


def forget_abandoned(house: House) -> None:
    """Throw away files in clear that nobody needs: of work that is done, and, a day later, what browsers left."""
    with house.act_as_house() as connection:
        needed = {each.key for each in work_in(connection, ("waiting", "running"), MOST_WAITING, IMPORT_WORK)}
        done = {each.key for each in work_in(connection, ("done",), LATELY_DONE, IMPORT_WORK)}
    old = (house.wall.now() - ABANDONED).timestamp()
    for each in house.uploads.iterdir():
        if each.name in done or (each.name not in needed and each.stat().st_mtime < old):
            shutil.rmtree(each, ignore_errors=True)


def uploaded_files(house: House, work: Work) -> list[Path]:
    """The files that wait for this work, in the order in which they came; none when it took them already."""
    folder = house.uploads / work.key
    if not folder.is_dir():
        return []
    places = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: int(each.name))
    return [file for place in places for file in place.iterdir()]


def whoever_wished(connection: Connection, house: House, work: Work) -> Actor:
    """Whoever wished for the work, with the permissions they have now: a right taken back meanwhile is not used."""
    person = find_person(connection, UserId(UUID(str(work.payload["user"]))))
    why = refusal(person, house.wall.now())
    if why:
        raise Forbidden(why)
    scope = UnitPath(str(work.payload["scope"]))
    held = roles_of(connection, person.id, house.wall.now())
    return Actor(
        user_id=person.id,
        name=person.login,
        scope=scope,
        permissions=permissions_at(held, scope),
        institution_id=seat_at(held, scope),
    )


def _outcome(done: Imported) -> Mapping[str, object]:
    return {
        "import": "" if done.made is None else str(done.made.id),
        "rows": sum(each.counts.data for each in done.sheets),
        "sheets": len(done.sheets),
        "faults": sum(fault.lost for fault in done.faults),
        "repeats": len(done.repeats),
    }
