"""What a failure says on the terminal and with which code the program ends (house section 9)."""

from __future__ import annotations

import errno
import platform
import secrets
import sys
import traceback
from pathlib import Path

from fanzha.apps.cli.language import chosen
from fanzha.i18n.sentences import error_text
from fanzha.kernel.errors import (
    Broken,
    Conflict,
    FanzhaError,
    Forbidden,
    Illegal,
    Invalid,
    NotFound,
    Unavailable,
)
from fanzha.kernel.kernel_cache import cache_root

EXIT_CODES: dict[type[FanzhaError], int] = {
    Broken: 1,
    Invalid: 2,
    NotFound: 3,
    Conflict: 4,
    Forbidden: 5,
    Unavailable: 6,
    Illegal: 7,
}
DOES_NOT_HOLD = 8
"""Something asked for does not hold: an audit, a bench's aim, a story, an installation."""
INTERRUPTED = 130


def exit_code(error: FanzhaError) -> int:
    """The exit code of an error's kind; an error of no kind is our fault."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), EXIT_CODES[Broken])


def report(failure: BaseException, debug: bool) -> int:
    """Say on standard error what was wrong and what to do; returns the exit code."""
    if isinstance(failure, KeyboardInterrupt):
        return INTERRUPTED
    error = failure if isinstance(failure, FanzhaError) else understood(failure)
    if debug:
        traceback.print_exception(failure)
    if error is None:
        error = unexpected(failure)
    sys.stderr.write(sentence(error) + "\n")
    return exit_code(error)


def sentence(error: FanzhaError) -> str:
    """What an error says; a catalogue at fault must not hide the error, so its code and fields then stand for it."""
    try:
        return error_text(chosen(), error)
    except (FanzhaError, LookupError):
        return str(error)


def understood(failure: BaseException) -> FanzhaError | None:
    """What the system's own refusals mean to a person; nothing when it is not theirs."""
    if isinstance(failure, OSError) and failure.errno == errno.ENOSPC:
        return Unavailable("cli.disk_full")
    path = getattr(failure, "filename", None)
    if path is None:
        return _database_refusal(failure)
    match failure:
        case FileNotFoundError():
            return NotFound("cli.no_file", path=path)
        case PermissionError():
            return Forbidden("cli.no_access", path=path)
        case IsADirectoryError():
            return Invalid("cli.is_folder", path=path)
    return None


def _database_refusal(failure: BaseException) -> FanzhaError | None:
    """Told by its name, so that no command has to load the database's library for it."""
    kind = type(failure)
    if kind.__module__.startswith("sqlalchemy") and kind.__name__ in {"OperationalError", "InterfaceError"}:
        return Unavailable("cli.database_lost")
    return None


def unexpected(failure: BaseException) -> Broken:
    """Our fault, under a number by which the details can be found; the details hold no values, only places."""
    number = secrets.token_hex(4)
    frames = traceback.extract_tb(failure.__traceback__)
    lines = [f"{number} {type(failure).__module__}.{type(failure).__qualname__} python={platform.python_version()}"]
    lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    place = _keep(number, "\n".join(lines) + "\n")
    return Broken("cli.unexpected", support=number, kind=type(failure).__name__, place=place or "-")


def _keep(number: str, details: str) -> Path | None:
    place = cache_root() / "support" / f"{number}.txt"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.write_text(details, "utf-8")
    except OSError:
        return None
    return place
