"""Makes `.venv` hold the locked packages of `run` or of `test`; does nothing when it already does.

Called by the Makefile with whatever python3 the machine has, before any package of ours exists: standard library
only, and no syntax that an old Python cannot read far enough to be told that it is old.
"""
# ruff: noqa: S603 — it runs this Python and the environment's own, nothing that anybody typed

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = str(VENV / "bin" / "python")
OLDEST, NEWEST = 11, 14
LOCKS = {"run": "requirements/run.txt", "test": "requirements/dev.txt"}
COVERED_BY = {"run": ("run", "test"), "test": ("test",)}


def main(purpose: str) -> int:
    """Prepare the environment; returns the exit code."""
    if sys.version_info < (3, OLDEST):
        return newer_python(purpose)
    with one_at_a_time():
        if any(stamp(each).exists() and stamp(each).read_text() == fingerprint(each) for each in COVERED_BY[purpose]):
            return 0
        return install(purpose)


def newer_python(purpose: str) -> int:
    """Hand over to a newer Python of this machine, or say that there is none."""
    for minor in range(OLDEST, NEWEST + 1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return subprocess.call([found, __file__, purpose])
    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return explain(
        f"Python {mine} is too old: Fanzha needs 3.{OLDEST} or newer. Install it, then: make PYTHON=python3.{OLDEST} …",
        f"Python {mine} 版本过低:需要 3.{OLDEST} 或更新版本。安装后执行:make PYTHON=python3.{OLDEST} …",
    )


def install(purpose: str) -> int:
    """Make the virtual environment if it is not there or not of this Python, then install what the lock names."""
    if not fits():
        if not can_make_environments():
            package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            return explain(
                f"This Python cannot make virtual environments. Debian, Ubuntu: apt-get install {package}",
                f"此 Python 无法创建虚拟环境。Debian、Ubuntu:apt-get install {package}",
            )
        say("virtual environment .venv, Python " + sys.version.split()[0])
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    forget()
    say(f"packages of {LOCKS[purpose]}, each checked by its hash; the first time takes a minute or two")
    locked = ["--require-hashes", "-r", str(ROOT / LOCKS[purpose])]
    ourselves = ["--no-deps", "--no-build-isolation", "--quiet", "--editable", str(ROOT)]
    if not (pip_install(locked) and pip_install(ourselves)):
        return explain(
            "pip could not install (see above). Without the public index, name yours in PIP_INDEX_URL and try again.",
            "pip 安装未成功(见上)。如不能访问公共软件源,请用 PIP_INDEX_URL 指定本单位的源后重试。",
        )
    stamp(purpose).write_text(fingerprint(purpose))
    return 0


def pip_install(wanted: list) -> bool:  # type: ignore[type-arg]
    """Whether pip installed it, asking nothing; its own lines are the progress."""
    pip = [VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    return subprocess.call(pip + wanted) == 0


def fits() -> bool:
    """Whether the environment there runs, is of this very Python and was made at this place."""
    try:
        told = subprocess.check_output([VENV_PYTHON, "-c", "import sys; print(sys.version, sys.prefix)"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return told.decode().strip() == f"{sys.version} {VENV}"


def can_make_environments() -> bool:
    """Debian ships a Python whose venv lacks ensurepip until python3-venv is installed."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def stamp(purpose: str) -> Path:
    """The file that says what was installed."""
    return VENV / f"installed-{purpose}"


def forget() -> None:
    """Take the stamps away while packages change, so that an interrupted install is not believed."""
    for purpose in LOCKS:
        with contextlib.suppress(FileNotFoundError):
            stamp(purpose).unlink()


def fingerprint(purpose: str) -> str:
    """What the installed packages depend on: the lock, our own project file, this Python, this place."""
    told = hashlib.sha256(f"{sys.version} {VENV}".encode())
    for part in (ROOT / LOCKS[purpose], ROOT / "pyproject.toml"):
        told.update(hashlib.sha256(part.read_bytes()).digest())
    return told.hexdigest()


@contextlib.contextmanager
def one_at_a_time():  # type: ignore[no-untyped-def]
    """`make run` in one terminal and `make test` in another wait for each other."""
    handle = os.open(str(ROOT), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"· {line}\n")


def explain(english: str, chinese: str) -> int:
    """What is missing and what to do, in both languages; returns the exit code."""
    sys.stderr.write(f"{english}\n{chinese}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
