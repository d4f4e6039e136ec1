"""Where compiled kernels are kept: a folder of their own for each state of their sources.

Numba notices a changed file but not a changed constant or kernel that another file lent it; a folder named by the
hash of all kernel sources, and of ours that they import, can never hold code of another state (house section 5).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

_KERNEL = re.compile(rb"^@(?:(?:numba\.)?n?jit|compiled|inlined|lean)\b", re.MULTILINE)
_IMPORTS = re.compile(rb"^\s*(?:from|import) (fanzha[\w.]*)(?: import (?:\(([^)]*)\)|([^(\n]*)))?", re.MULTILINE)


def keep_compiled_kernels_apart() -> None:
    """Tell numba, before anybody imports it, to keep this state's kernels in a folder of this state's own."""
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())


def cache_folder() -> Path:
    """The folder for the kernels of this state; one for this process alone where the usual place is closed."""
    folder = cache_root() / f"kernels-{state_of(PACKAGE)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="fanzha-kernels-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="fanzha-kernels-"))


def cache_root() -> Path:
    """The user's own cache; never a shared folder, because what lies there is run."""
    return Path(
        os.environ.get("FANZHA_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fanzha"
    )


def state_of(package: Path) -> str:
    """Sixteen hexadecimal digits that change when a kernel, or a module of ours that it imports, changes."""
    texts = {_name(package, path): text for path, text in _sources(package)}
    reached: set[str] = set()
    ahead = [name for name, text in texts.items() if _KERNEL.search(text)]
    while ahead:
        name = ahead.pop()
        if name in texts and name not in reached:
            reached.add(name)
            ahead.extend(_imported(texts[name]))
    told = sha256()
    for name in sorted(reached):
        told.update(name.encode() + sha256(texts[name]).digest())
    return told.hexdigest()[:16]


def count_kernels(package: Path = PACKAGE) -> int:
    """How many kernels the house has."""
    return sum(len(_KERNEL.findall(text)) for _, text in _sources(package))


def _sources(package: Path) -> Iterator[tuple[Path, bytes]]:
    for path in package.rglob("*.py"):
        yield path, path.read_bytes()


def _name(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(text: bytes) -> Iterator[str]:
    """The modules of ours that a source names: `from a import b` may mean `a` and `a.b`."""
    for module, listed, name in _IMPORTS.findall(text):
        yield module.decode()
        for each in re.findall(rb"\w+", listed or name):
            yield f"{module.decode()}.{each.decode()}"
