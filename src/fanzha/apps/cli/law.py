"""`fanzha law …`: every number of the law of orders, with where it stands and how sure it is."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.output import Format, give
from fanzha.kernel.clock import SHANGHAI, WallClock
from fanzha.kernel.errors import Invalid
from fanzha.orders.law import cited
from fanzha.orders.law_lines import lines, told
from fanzha.wiring.law import law_at

app = noun("law")

COLUMNS = ("entry", "says", "value", "unit", "source", "confidence", "restricts")
IN_WORDS = ("entry", "says", "value", "source", "confidence")


@command(app, "law.show")
def show(
    at: Annotated[str, option("law.show.at", "--at", metavar="DATE")] = "",
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """The law of orders in force on a day."""
    law = law_at(_noon(at))
    language = chosen()
    in_words = form is Format.TABLE
    rows = [
        {
            "entry": each.entry,
            "says": each.says[language],
            "value": told(language, each) if in_words else each.value,
            "unit": each.unit,
            "source": cited(language, each.source),
            "confidence": each.source.confidence.value,
            "restricts": each.restricts,
        }
        for each in lines(law)
    ]
    give(rows, IN_WORDS if in_words else COLUMNS, form)


def _noon(day: str) -> datetime:
    """An instant of that day in Shanghai; without a day, of today."""
    if not day:
        return WallClock().now()
    try:
        return datetime.combine(date.fromisoformat(day), time(12), SHANGHAI)
    except ValueError:
        raise Invalid("law.bad_day", day=day) from None
