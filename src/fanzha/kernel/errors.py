"""One base error, seven kinds with stable codes; edges choose HTTP status and exit code (house law 8)."""

from __future__ import annotations

from collections.abc import Mapping


class FanzhaError(Exception):
    """Something that a person must be told: a stable code and the fields its sentence needs.

    `code` names a message in the catalogues (`i18n/<language>/errors.toml`); `fields` fill its blanks and
    must never hold personal data (they reach logs and audit).
    """

    def __init__(self, code: str, /, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields: Mapping[str, object] = fields

    def __str__(self) -> str:
        shown = " ".join(f"{key}={value}" for key, value in self.fields.items())
        return f"{self.code} {shown}".rstrip()


class Invalid(FanzhaError):
    """What was given cannot be understood or is out of bounds."""


class NotFound(FanzhaError):
    """What was named does not exist, or not for this person."""


class Conflict(FanzhaError):
    """Somebody else was there first."""


class Forbidden(FanzhaError):
    """This person may not do this."""


class Unavailable(FanzhaError):
    """Something outside this program does not answer; trying again may help."""


class Illegal(FanzhaError):
    """A move that the law or a lifecycle forbids."""


class Broken(FanzhaError):
    """Our fault: an invariant of the house does not hold."""


def invariant(holds: bool, code: str, **fields: object) -> None:
    """Raise `Broken` unless `holds`; unlike `assert` it survives `python -O`."""
    if not holds:
        raise Broken(code, **fields)
