"""`fanzha units …`: the tree of units, by which everybody's sight is bounded."""

from __future__ import annotations

from typing import Annotated

from fanzha.adapters.store.units import Unit
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import Level, UnitPath, unit_path
from fanzha.wiring.cards import name_organ
from fanzha.wiring.house import operator
from fanzha.wiring.staff import call_unit, new_unit, units

app = noun("units")

LEVELS: tuple[Level, ...] = ("city", "county", "station")
"""By how deep a unit lies in the tree."""
LINE = ("path", "level", "name_zh", "name_en", "contact")
Form = Annotated[Format, option("format.help", "--format")]
Path = Annotated[str, argument("units.path", metavar="PATH")]
NameEn = Annotated[str | None, option("units.name_en", "--name-en")]
Contact = Annotated[str | None, option("units.contact", "--contact")]


@command(app, "units.add")
def add(
    path: Path,
    name: Annotated[str, option("units.name", "--name")],
    name_en: NameEn = None,
    contact: Contact = None,
    form: Form = Format.TABLE,
) -> None:
    """Put a unit below an existing one."""
    where = unit_path(path)
    new = Unit(path=where, level=_level(where), name_zh=name, name_en=name_en or name, contact=contact or "")
    with opened_house() as house:
        new_unit(house, operator(), new)
    give_one(_line(new), form)


@command(app, "units.list")
def list_(form: Form = Format.TABLE) -> None:
    """Every unit, in the order of the tree."""
    with opened_house() as house:
        found = units(house, operator())
    give([_line(each) for each in found], LINE, form)


@command(app, "units.rename")
def rename(
    path: Path,
    name: Annotated[str | None, option("units.name", "--name")] = None,
    name_en: NameEn = None,
    contact: Contact = None,
    form: Form = Format.TABLE,
) -> None:
    """Give a unit other names or another contact; its path stays."""
    with opened_house() as house:
        named = call_unit(house, operator(), path, name_zh=name, name_en=name_en, contact=contact)
    give_one(_line(named), form)


@command(app, "units.organ")
def organ(
    path: Path,
    code: Annotated[str, argument("units.organ.code", metavar="CODE")],
    name: Annotated[str, argument("units.organ.name", metavar="NAME")],
    form: Form = Format.TABLE,
) -> None:
    """Say by which code and name institutions know a unit."""
    with opened_house() as house:
        card = name_organ(house, operator(), unit_path(path), code, name)
    give_one({"path": card.unit_path, "code": card.code, "name": card.name}, form)


def _level(path: UnitPath) -> Level:
    depth = path.count(".")
    if depth >= len(LEVELS):
        raise Invalid("access.unit_too_deep", path=path)
    return LEVELS[depth]


def _line(each: Unit) -> dict[str, object]:
    return {
        "path": each.path,
        "level": each.level,
        "name_zh": each.name_zh,
        "name_en": each.name_en,
        "contact": each.contact,
    }
