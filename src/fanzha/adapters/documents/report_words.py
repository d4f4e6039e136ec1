"""Values of a report as a reader sees them: money, times, numbers and names, in full or masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fanzha.adapters.documents.blocks import Align, Cell, Column
from fanzha.cases.file_names import shown_name
from fanzha.i18n import Language, text
from fanzha.i18n.measures import duration
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.identifiers import account, name
from fanzha.kernel.money import yuan_text
from fanzha.tracing.follow.question import HOUR_S

LONGEST_NAME = 60
NOTHING = "\u2014"
LONGEST_PATH = 160
_EXACT = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The language of a report, whether numbers and names are masked, and the names of registered banks."""

    language: Language
    hidden: bool
    banks: Mapping[str, tuple[str, str]]

    def say(self, key: str, **fields: object) -> str:
        """A sentence of the report's own catalogue."""
        return text(self.language, f"report.{key}", **fields)

    def word(self, key: str) -> str:
        """A word that the whole house uses."""
        return text(self.language, f"words.{key}")

    def named(self, names: tuple[str, str]) -> str:
        """A name that is told in Chinese and English."""
        return names[0] if self.language == "zh" else names[1]

    def account(self, number: str) -> str:
        """An account's number, grouped for the eye."""
        if not number:
            return NOTHING
        return account.mask(number) if self.hidden else cut(account.show(number), LONGEST_NAME)

    def party(self, number: str, holder: str) -> Cell:
        """An account and below it whose it is."""
        return (self.account(number), self.person(holder)) if holder else self.account(number)

    def person(self, told: str) -> str:
        """A holder's name."""
        return name.mask(told) if self.hidden else cut(told, LONGEST_NAME)

    def bank(self, told: str) -> str:
        """A registered bank by its name; another as a file calls it."""
        return cut(self.named(self.banks.get(told, (told, told))), LONGEST_NAME)

    def path(self, told: str) -> str:
        """A file's name or place in its package."""
        return cut(shown_name(told) if self.hidden else told, LONGEST_PATH)

    def yuan(self, fen: int) -> str:
        """An amount inside a sentence."""
        return self.say("yuan", yuan=yuan_text(fen))

    def share(self, fen: int, of_fen: int) -> str:
        """A share in hundredths of a per cent; what is neither nothing nor everything never reads as if it were."""
        if not of_fen:
            return ""
        parts = (fen * 20_000 + of_fen) // (2 * of_fen)
        if 0 < fen < of_fen:
            parts = min(max(parts, 1), 9_999)
        return f"{parts // 100}.{parts % 100:02d}%"

    def horizon(self, seconds: int) -> str:
        """A horizon as people ask for it: in hours where it is whole hours."""
        if seconds and not seconds % HOUR_S:
            return self.say("hours", hours=seconds // HOUR_S)
        return duration(self.language, seconds)


def columns(voice: Voice, *told: str) -> list[Column]:
    """Columns by their keys: `>` before one that is set to the right, `:share` behind one that shares the rest."""
    found = []
    for each in told:
        key, _, width = each.removeprefix(">").partition(":")
        align: Align = "right" if each.startswith(">") else "left"
        found.append(Column(head=voice.say(f"column.{key}"), align=align, width=float(width or 0)))
    return found


def moment(at: datetime, precision: str = "second") -> str:
    """An instant by Shanghai's clock, no more exactly than it is known: to the `day`, `minute` or `second`."""
    return utc(at).astimezone(SHANGHAI).strftime(_EXACT[precision])


def day(at: datetime) -> str:
    """A day of Shanghai."""
    return utc(at).astimezone(SHANGHAI).strftime("%Y-%m-%d")


def cut(told: str, longest: int) -> str:
    """The text, or its beginning and how many characters were left out."""
    left = len(told) - longest
    return f"{told[:longest]}\u2026(+{left})" if left > 0 else told
