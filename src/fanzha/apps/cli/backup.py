"""`fanzha backup` and `fanzha restore`: a whole instance copied while it runs, and made again from the copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

from fanzha.adapters.store.erasures import Erasure
from fanzha.adapters.store.server import start_server
from fanzha.adapters.store.whole_database import WholeDatabase, of_embedded, to_copy
from fanzha.apps.cli.commands import argument, command, option, verb
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import Format, give_one, progress, readable
from fanzha.kernel.errors import Invalid
from fanzha.settings import DEFAULT_DATABASE, Settings, load_settings
from fanzha.wiring.backups import make_backup, restore_backup
from fanzha.wiring.erasure_log import read_erasure_log
from fanzha.wiring.house import open_house
from fanzha.wiring.manifests import Manifest

backup_app = verb()
restore_app = verb()

Form = Annotated[Format, option("format.help", "--format")]


@command(backup_app, "backup")
def backup(folder: Annotated[Path, argument("backup.folder", metavar="DIR")], form: Form = Format.TABLE) -> None:
    """Copy the instance into a new folder while it runs."""
    settings = load_settings()
    with _reached(settings) as database, open_house(settings) as house, progress(say("backup.copying")):
        made = make_backup(house, database, folder)
    give_one({"folder": str(folder.expanduser().absolute()), **_told(made)}, form)


@command(restore_app, "restore")
def restore(
    folder: Annotated[Path, argument("restore.folder", metavar="DIR")],
    erasures: Annotated[str, option("restore.erasures", "--erasures", metavar="FILE")] = "",
    none: Annotated[bool, option("restore.none", "--no-erasures")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Make the instance again from a backup, in a new or empty data folder."""
    if erasures and none:
        raise Invalid("backup.erasures_or_none")
    settings = load_settings()
    with progress(say("restore.restoring")):
        done = restore_backup(settings, folder, [] if none else _log(erasures))
    told = {"home": str(settings.home.expanduser().absolute()), **_told(done.manifest)}
    give_one({**told, "erased": done.erased, "doubted": done.doubted}, form)


@contextmanager
def _reached(settings: Settings) -> Iterator[WholeDatabase]:
    """The database to copy, as somebody who sees all of it; the embedded server is left at the end."""
    if not settings.embedded:
        yield to_copy(settings)
        return
    if not (settings.home.expanduser() / "postgres" / "PG_VERSION").exists():
        raise Invalid("backup.no_instance", home=settings.home)
    server = start_server(settings.home)
    try:
        yield of_embedded(server, DEFAULT_DATABASE)
    finally:
        server.leave()


def _log(file: str) -> list[Erasure] | None:
    if not file:
        return None
    with readable(file) as source:
        return read_erasure_log(TextIOWrapper(source, "utf-8"))


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "instance": manifest.instance,
        "made_at": manifest.made_at,
        "files": len(manifest.files),
        "bytes": sum(size for _, size in manifest.files.values()),
    }
