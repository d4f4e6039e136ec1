"""Backup and restore of a whole instance, while it runs: database, sealed evidence, never a key.

The database is copied as of one instant, then the files: a file is published before the row that names it is
committed, so every file that the copy names is there, unless somebody erases it in the same minute; then it is done
again. Files that came later are noise: their keys are in no row of the copy. Uploads that wait in clear stay out.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from fanzha.adapters.ledger.originals import original_in
from fanzha.adapters.ledger.places import LedgerPlaces
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.dumps import Instant, instant, load_dump
from fanzha.adapters.store.engine import prepare_database
from fanzha.adapters.store.erasures import Erasure
from fanzha.adapters.store.kept_files import living_files
from fanzha.adapters.store.keys import open_keys
from fanzha.adapters.store.migrate import known_migrations
from fanzha.adapters.store.restorations import REVISION, note_restoration, open_work, whole_imports
from fanzha.adapters.store.server import MAJOR, start_server
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.whole_database import WholeDatabase, empty, of_embedded, to_fill
from fanzha.kernel.errors import Conflict, Invalid, Unavailable
from fanzha.kernel.ids import OrderId
from fanzha.orders.deliveries import Delivery
from fanzha.orders.sending import doubted
from fanzha.settings import DEFAULT_DATABASE, Settings
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import DELIVERIES, Desk
from fanzha.wiring.erasure_log import keep_erasure_log, kept_erasure_log
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.keeping import erase_again
from fanzha.wiring.manifests import Manifest, files_below, hashed, hashed_copy, read_manifest, write_manifest

DATABASE, EVIDENCE = "database.dump", "evidence"
TRIES = 3
"""So often a backup begins anew because a file was erased while it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: cases erased again, deliveries that will be asked after before anything is sent again."""

    manifest: Manifest
    erased: int
    doubted: int


def make_backup(house: House, database: WholeDatabase, folder: Path) -> Manifest:
    """Copy the instance into a new folder; it goes on working meanwhile."""
    folder = folder.expanduser().absolute()
    for own in (house.settings.home, house.settings.keys):
        if folder.is_relative_to(own.expanduser().absolute()):
            raise Invalid("backup.inside_instance", folder=folder, own=own)
    keep_erasure_log(house)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise Conflict("backup.folder_exists", folder=folder) from None
    try:
        manifest = _whole_copy(house, database, folder)
        write_manifest(folder, manifest, house.keys)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _record(house, "instance.backed_up", files=len(manifest.files))
    return manifest


def restore_backup(settings: Settings, folder: Path, log: Sequence[Erasure] | None) -> Restored:
    """Make the instance of these settings from a backup, whole or not at all.

    `log` is the log of erasures, the one beside the keys where it is None. The home must be new or empty; everything
    is made beside it and takes its place at the end.
    """
    home, folder = settings.home.expanduser().absolute(), folder.expanduser().absolute()
    keys = open_keys(settings.keys)
    manifest = read_manifest(folder, keys)
    _require_fitting(manifest, settings)
    if home.exists() and any(home.iterdir()):
        raise Conflict("backup.home_not_empty", home=home)
    if home.is_mount():
        raise Invalid("backup.home_is_mount", home=home)
    log = kept_erasure_log(settings) if log is None else log
    fresh = home.with_name(f"{home.name}.new")
    _clear(fresh)
    try:
        done = _restore_into(settings.model_copy(update={"home": fresh}), folder, manifest, log)
        fresh.rename(home)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return done


def doubt_deliveries(house: House) -> int:
    """Whatever was on its way, or about to leave, is asked after before it is sent again; how many there were."""
    with house.act_as_house() as connection:
        rows = open_work(connection, DELIVERIES)
    count = 0
    for row in rows:
        actor = worker(row.unit_path)
        with house.act(actor) as connection:
            desk = Desk(house=house, connection=connection, actor=actor)
            order = desk.order(OrderId(UUID(str(row.payload["order"]))))
            instruction = order.instruction(UUID(row.key))
            if instruction.delivery in {Delivery.QUEUED, Delivery.SENT}:
                desk.keep(order, [doubted(instruction, HOUSE, house.now())])
                count += 1
    return count


def _whole_copy(house: House, database: WholeDatabase, folder: Path) -> Manifest:
    for _ in range(TRIES):
        manifest = _copy(house, database, folder)
        if manifest is not None:
            return manifest
        shutil.rmtree(folder / EVIDENCE, ignore_errors=True)
        (folder / DATABASE).unlink()
    raise Unavailable("backup.files_moving")


def _copy(house: House, database: WholeDatabase, folder: Path) -> Manifest | None:
    """None when a file that the copied database names was gone before it could be copied."""
    with instant(database) as now:
        now.dump(folder / DATABASE)
        needed = _needed(now)
        schema, postgres = str(now.connection.scalar(REVISION)), now.server_major()
    files = {DATABASE: hashed(folder / DATABASE)}
    for path in files_below(house.evidence):
        try:
            files[f"{EVIDENCE}/{path}"] = hashed_copy(house.evidence / path, folder / EVIDENCE / path)
        except FileNotFoundError:
            (folder / EVIDENCE / path).unlink(missing_ok=True)
    if not needed <= files.keys():
        return None
    return Manifest(
        instance=str(house.instance.id),
        keys=house.keys.fingerprint(),
        made_at=house.wall.now().replace(microsecond=0),
        schema=schema,
        postgres=postgres,
        files=files,
    )


def _needed(now: Instant) -> set[str]:
    """What each import and each kept file of the copied database cannot do without."""
    places = LedgerPlaces(root=Path(EVIDENCE))
    rows = {places.rows(each).as_posix() for each in whole_imports(now.connection)}
    kept = (original_in(places.kept(case, each), sha256) for case, each, sha256 in living_files(now.connection))
    return rows | {each.as_posix() for each in kept}


def _require_fitting(manifest: Manifest, settings: Settings) -> None:
    too_new = settings.embedded and manifest.postgres > int(MAJOR)
    if manifest.schema not in known_migrations() or too_new:
        raise Invalid("backup.newer_program", schema=manifest.schema, postgres=manifest.postgres)


def _clear(fresh: Path) -> None:
    """Throw away what a killed restore left, with the server that outlived it."""
    if (fresh / "postgres" / "PG_VERSION").exists():
        start_server(fresh).leave()
    shutil.rmtree(fresh, ignore_errors=True)


def _restore_into(settings: Settings, folder: Path, manifest: Manifest, log: Sequence[Erasure]) -> Restored:
    with _filling(settings) as database:
        load_dump(database, folder / DATABASE)
        for path in manifest.files:
            if path != DATABASE and hashed_copy(folder / path, settings.home / path) != manifest.files[path]:
                raise Invalid("backup.file_damaged", file=path)
        with open_house(settings) as house:
            return _resume(house, manifest, log)


@contextmanager
def _filling(settings: Settings) -> Iterator[WholeDatabase]:
    """The empty database that is to be filled: a new one on the embedded server, or the operator's own."""
    if settings.embedded:
        server = start_server(settings.home)
        try:
            prepare_database(server, DEFAULT_DATABASE)
            yield of_embedded(server, DEFAULT_DATABASE)
        finally:
            server.leave()
        return
    database = to_fill(settings)
    try:
        yield database
    except BaseException:
        empty(database)
        raise


def _resume(house: House, manifest: Manifest, log: Sequence[Erasure]) -> Restored:
    """Nothing that may have happened since the backup is done blindly again."""
    with house.act_as_house() as connection:
        note_restoration(connection, manifest.made_at, house.wall.now())
    doubted = doubt_deliveries(house)
    erased = erase_again(house, operator(), log)
    _record(house, "instance.restored", erased=len(erased), doubted=doubted)
    return Restored(manifest=manifest, erased=len(erased), doubted=doubted)


def _record(house: House, action: str, **detail: int) -> None:
    act = Act(action=action, object_kind="instance", object_id=str(house.instance.id), unit_path=CENTRE, detail=detail)
    with house.act(operator()) as connection:
        record(connection, act, operator(), house.now())
