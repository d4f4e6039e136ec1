"""Whom the embedded server runs as: PostgreSQL refuses root, so root lends it an OS user of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fanzha.kernel.errors import Invalid, Unavailable

SERVER_USER = "fanzha"


@dataclass(frozen=True, slots=True, kw_only=True)
class OsUser:
    """Whom the server runs as; `switch` is false when that is who we are."""

    name: str
    uid: int
    gid: int
    switch: bool


def server_user() -> OsUser:
    """PostgreSQL refuses to run as root, so root lends it an OS user of its own."""
    if os.geteuid() != 0:
        return OsUser(name=own_name(), uid=os.geteuid(), gid=os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        _add_server_user()
        entry = pwd.getpwnam(SERVER_USER)
    return OsUser(name=SERVER_USER, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)


def own_name() -> str:
    """PostgreSQL knows people by name; a container that runs as a bare number has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as nameless:
        raise Invalid("store.nameless_user", uid=os.geteuid()) from nameless


def _add_server_user() -> None:
    program = shutil.which("useradd") or "/usr/sbin/useradd"
    arguments = [program, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    try:
        made = subprocess.run([*arguments, SERVER_USER], capture_output=True, check=False)  # noqa: S603 - our words only
    except OSError as missing:
        raise Unavailable("store.no_server_user", user=SERVER_USER) from missing
    if made.returncode not in (0, 9):  # 9: another process made it in the same moment
        raise Unavailable("store.no_server_user", user=SERVER_USER)


def closed_parents(path: Path, uid: int) -> list[Path]:
    """The folders on the way to `path` (itself included) through which the OS user `uid` cannot pass."""
    return [each for each in [*reversed(path.parents), path] if each.exists() and not _passable(each, uid)]


def _passable(folder: Path, uid: int) -> bool:
    state = folder.stat()
    return bool(state.st_mode & 0o001) or (state.st_uid == uid and bool(state.st_mode & 0o100))
