"""What a reader of a paper may see: everything, for a purpose that is on record, or masked."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.cases.file_names import shown_name
from fanzha.kernel.identifiers import account, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Personal values as this reader may see them."""

    masked: bool

    def account(self, number: str) -> str:
        """An account's number; empty stays empty."""
        return account.mask(number) if self.masked and number else number

    def holder(self, told: str) -> str:
        """A holder's name."""
        return name.mask(told) if self.masked else told

    def file(self, path: str) -> str:
        """A file's or a sheet's name: banks name files after people and cards."""
        return shown_name(path) if self.masked else path
