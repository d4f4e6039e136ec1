"""What a reader could not use, as a value: code, place and fields, beside the files that were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fanzha.kernel.errors import FanzhaError, Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing of a package, file or sheet that a person must hear of.

    `code` names the sentence `errors.<code>`, which takes `place` and `fields`. `lost` tells content that was not
    read from a mere note (an empty sheet, an operating system's litter, NUL bytes taken out).
    """

    code: str
    place: str
    fields: Mapping[str, object] = field(default_factory=dict)
    lost: bool = True

    def error(self) -> Invalid:
        """The same as an error that names the place."""
        return Invalid(self.code, place=self.place, **self.fields)

    @classmethod
    def of(cls, error: FanzhaError) -> Fault:
        """The fault that an error about one place tells."""
        fields = dict(error.fields)
        return cls(code=error.code, place=str(fields.pop("place", "")), fields=fields)


Report = Callable[[Fault], None]


def raise_lost(fault: Fault) -> None:
    """Refuse to go on without what was lost: the default of callers that keep no list."""
    if fault.lost:
        raise fault.error()
