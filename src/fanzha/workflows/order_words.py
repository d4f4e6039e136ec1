"""The words of papers: sentences of their catalogue, days, times and sums as papers write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from fanzha.i18n import Language, text
from fanzha.i18n.capitals import capital_money
from fanzha.i18n.sums import whole_money
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.legal_days import last_day
from fanzha.workflows.order_facts import Form, PaperNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWords:
    """Papers in one language."""

    language: Language

    def say(self, key: str, **fields: object) -> str:
        """A sentence that papers share."""
        return text(self.language, f"papers.{key}", **fields)

    def form(self, form: Form, part: str, **fields: object) -> str:
        """A sentence of one form."""
        return text(self.language, f"papers.form.{form.value}.{part}", **fields)

    def number(self, number: PaperNumber, form: Form) -> str:
        """A paper's number in full: the organ's words, the form's word, year and serial."""
        serial = f"{number.serial}" if number.part == 1 else f"{number.serial}-{number.part}"
        return self.say("number", organ=number.organ, word=self.form(form, "word"), year=number.year, serial=serial)

    def day(self, at: datetime) -> str:
        """The day in Shanghai."""
        return self._date(utc(at).astimezone(SHANGHAI).date())

    def end(self, until: datetime) -> str:
        """The last day of what ends with a day, and the very time of what ends within one, as a stop does."""
        ends_with_day = utc(until).astimezone(SHANGHAI).time() == time()
        return self._date(last_day(until)) if ends_with_day else self.moment(until)

    def moment(self, at: datetime) -> str:
        """Day and time in Shanghai, with the seconds where there are some."""
        local = utc(at).astimezone(SHANGHAI)
        return self.say("moment", day=self.day(at), clock=local.strftime("%H:%M:%S" if local.second else "%H:%M"))

    def sum(self, fen: int) -> tuple[str, ...]:
        """An amount in figures and, in Chinese, in capitals below them."""
        figures = whole_money(fen)
        return (figures, capital_money(fen)) if self.language == "zh" else (figures,)

    def _date(self, day: date) -> str:
        return self.say("day", year=day.year, month=day.month, day=day.day)
