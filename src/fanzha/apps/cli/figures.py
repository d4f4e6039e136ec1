"""`fanzha figures …`: the numbers by which a commander steers."""

from __future__ import annotations

from typing import Annotated

from fanzha.adapters.store.institutions import every_institution
from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.order_words import moment
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.apps.figures_told import figures_told
from fanzha.wiring.figures import AskedOver, hour_figures, over_of
from fanzha.wiring.house import operator

app = noun("figures")

UNIT = ("unit", "incidents", "report_to_order", "report_to_first_hold", "report_to_last_hold")


@command(app, "figures.hour")
def hour(
    since: Annotated[str, option("figures.hour.since", "--since", metavar="TIME")] = "",
    until: Annotated[str, option("figures.hour.until", "--until", metavar="TIME")] = "",
    unit: Annotated[str, option("figures.hour.unit", "--unit", metavar="PATH")] = "",
    institution: Annotated[str, option("figures.hour.institution", "--institution", metavar="NAME")] = "",
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """How soon orders left and money was held; json has all of it, a table the units."""
    asked = AskedOver(
        since=moment(since, "--since") if since else None,
        until=moment(until, "--until") if until else None,
        unit=unit,
        institution=institution,
    )
    with opened_house() as house, house.act(operator()) as connection:
        found = hour_figures(connection, operator(), over_of(connection, asked, house.now()))
        told = figures_told(found, {each.id: each.institution.name for each in every_institution(connection)})
    if form is Format.JSON:
        give_one(told, form)
        return
    units = told["units"]
    rows = [_line(each) for each in units] if isinstance(units, list) else []
    give(rows, UNIT, form)


def _line(unit: dict[str, object]) -> dict[str, object]:
    """A unit with each span as count, median and ninth decile in seconds."""
    line: dict[str, object] = {"unit": unit["unit"] or "", "incidents": unit["incidents"]}
    for name in UNIT[2:]:
        span = unit[name]
        if isinstance(span, dict):
            line[name] = " / ".join("-" if each is None else str(each) for each in span.values())
    return line
