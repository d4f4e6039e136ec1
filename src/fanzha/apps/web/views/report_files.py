"""A file of reports after it was taken: what became of each of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fanzha.kernel.errors import FanzhaError


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReport:
    """What became of one report: taken, taken before (`repeated`), or rejected with why.

    `lines` are its rows in the file; `number` is its incident's, empty where there is none; `remarks` are what somebody
    must know of it though nothing is wrong, told as errors are.
    """

    lines: Sequence[int]
    outcome: str
    key: str = ""
    number: str = ""
    wrong: FanzhaError | None = None
    remarks: Sequence[FanzhaError] = ()

    @property
    def told(self) -> Sequence[FanzhaError]:
        """All that is to be said of it."""
        return self.remarks if self.wrong is None else (self.wrong, *self.remarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """Every report of a file, in the file's order, and the sheets that are no tables of reports, each as is told."""

    name: str
    reports: Sequence[TakenReport]
    left_out: Sequence[FanzhaError] = ()

    def rows(self, outcome: str = "") -> int:
        """How many rows came out so; all of them without one."""
        return sum(len(each.lines) for each in self.reports if outcome in ("", each.outcome))

    @property
    def incidents(self) -> int:
        """How many incidents are new."""
        return sum(each.outcome == "taken" for each in self.reports)
