"""Law packs from the tables of the rulebook: every number there, of its unit and within bounds, or `Invalid`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from fanzha.kernel.errors import Invalid
from fanzha.kernel.legal_days import Holidays, YearOfHolidays
from fanzha.orders.effects import ACTS
from fanzha.orders.law import (
    AnswerLaw,
    AuthorityLaw,
    BlockLaw,
    Capacity,
    Confidence,
    FreezeLaw,
    FreezeTerm,
    LawPack,
    MonitorLaw,
    ObjectionLaw,
    PaperworkLaw,
    Provision,
    Signing,
    Source,
    StopLaw,
)

Table = Mapping[str, Any]
Part = TypeVar("Part")

MOST = {
    "minutes": 1_440,
    "hours": 8_760,
    "days": 3_660,
    "working_days": 366,
    "months": 120,
    "times": 100,
    "percent": 100,
}
"""The largest number of each unit that is believed; beyond it something was mistyped."""
YES_NO = "yes_no"


def law_packs(tables: Iterable[Table]) -> tuple[LawPack, ...]:
    """The packs of one or more jurisdictions by their days; one that `extends` another tells only what changes."""
    whole: dict[tuple[str, date], Table] = {}
    for each in sorted(tables, key=lambda table: (_given(table, "jurisdiction"), _given(table, "effective_from"))):
        key = (each["jurisdiction"], each["effective_from"])
        if key in whole:
            raise Invalid("law.same_day", jurisdiction=key[0], day=key[1])
        whole[key] = _extended(each, whole)
    return tuple(law_pack(each) for each in whole.values())


def law_pack(table: Table) -> LawPack:
    """One whole pack; `Invalid`, naming pack and entry, where a number is missing, unknown or out of bounds."""
    pack = f"{_given(table, 'jurisdiction')}/{_given(table, 'effective_from')}"
    found = {each.key: each for each in _provisions(table, pack)}
    taken: set[str] = set()

    def part(kind: type[Part], under: str, **more: object) -> Part:
        wanted = [each for each in fields(kind) if each.name not in more]  # type: ignore[arg-type]
        taken.update(f"{under}.{each.name}" for each in wanted)
        values = {each.name: _value(found, f"{under}.{each.name}", str(each.type), pack) for each in wanted}
        return kind(**values, **more)

    terms = {
        key.split(".")[1]: part(FreezeTerm, key.rpartition(".")[0])
        for key in found
        if key.startswith("freeze.") and key.endswith(".months")
    }
    capacities = {name: _capacity(name, each) for name, each in _given(table, "capacities").items()}
    made = LawPack(
        jurisdiction=table["jurisdiction"],
        effective_from=table["effective_from"],
        effective_to=table.get("effective_to"),
        title=_given(table, "title"),
        stop=part(StopLaw, "stop"),
        freeze=part(FreezeLaw, "freeze", terms=terms),
        answer=part(AnswerLaw, "answer"),
        monitor=part(MonitorLaw, "monitor"),
        block=part(BlockLaw, "block"),
        objection=part(ObjectionLaw, "objection"),
        authority=part(AuthorityLaw, "authority"),
        paperwork=part(PaperworkLaw, "paperwork"),
        capacities=capacities,
        signings=tuple(_signings(table, pack, terms, capacities)),
        provisions=tuple(found.values()),
    )
    if unknown := found.keys() - taken:
        raise Invalid("law.unknown", pack=pack, entry=min(unknown))
    _require_order(made)
    for kind, acts in ACTS.items():
        for act in acts:
            made.signing(kind, act)
    return made


def holidays(tables: Iterable[Table]) -> Holidays:
    """The years of `holidays/<jurisdiction>/`; `Invalid` when a day lies in another year or is both off and worked."""
    years = {}
    for each in tables:
        year, off, made_up = each["year"], frozenset(each["off"]), frozenset(each["made_up"])
        if off & made_up or any(day.year != year for day in off | made_up):
            raise Invalid("law.bad_holidays", year=year)
        years[year] = YearOfHolidays(off=off, made_up=made_up)
    return Holidays(years=years)


def _given(table: Table, name: str) -> Any:
    if name not in table:
        raise Invalid("law.missing", pack=table.get("effective_from", "?"), entry=name)
    return table[name]


def _extended(table: Table, whole: Mapping[tuple[str, date], Table]) -> Table:
    """The table on top of the one it extends; a number that was read (H) gives way only to one that was read."""
    if "extends" not in table:
        return table
    base = whole.get((table["jurisdiction"], table["extends"]))
    if base is None:
        raise Invalid("law.extends_nothing", pack=table["effective_from"], extends=table["extends"])
    pack = table["effective_from"]
    old, new = (_leaves(each.get("terms", {}), pack) for each in (base, table))
    _require_as_sure(old, new, pack)
    _require_as_sure(_rules(base), _rules(table), pack)
    if changed := base["capacities"].keys() & table.get("capacities", {}).keys():
        raise Invalid("law.settled", pack=pack, entry=f"capacities.{min(changed)}")
    merged = {name: {**base.get(name, {}), **table.get(name, {})} for name in ("sources", "capacities")}
    signing = [*table.get("signing", ()), *base.get("signing", ())]
    own = {name: each for name, each in table.items() if name not in {*merged, "terms", "signing", "extends"}}
    kept = {name: each for name, each in base.items() if name not in {"effective_from", "effective_to"}}
    filled = {key: {**_without_article(old.get(key, {}), each), **each} for key, each in new.items()}
    return {**kept, **own, **merged, "terms": _tree({**old, **filled}), "signing": signing}


def _require_as_sure(old: Mapping[str, Table], new: Mapping[str, Table], pack: object) -> None:
    """`Invalid` where something that was read (H) is to give way to something that was not."""
    for key in old.keys() & new.keys():
        if old[key].get("confidence") == Confidence.HIGH != new[key].get("confidence"):
            raise Invalid("law.settled", pack=pack, entry=key)


def _rules(table: Table) -> Mapping[str, Table]:
    """Who signs, by kind, act and term; of several rules of one act the first counts, as it does in the pack."""
    return {
        f"signing.{each['kind']}.{act}.{term}": each
        for each in reversed(table.get("signing", ()))
        for act in each["acts"]
        for term in each.get("terms", ["any"])
    }


def _without_article(old: Table, new: Table) -> Table:
    """What an entry keeps of the one before: the article of another source is no article of its own."""
    return {name: value for name, value in old.items() if name != "article" or "source" not in new}


def _leaves(node: Table, pack: object, under: str = "") -> dict[str, Table]:
    """The entries of nested tables by dotted key."""
    found: dict[str, Table] = {}
    for name, each in node.items():
        key = f"{under}.{name}" if under else name
        if not isinstance(each, Mapping):
            raise Invalid("law.missing", pack=pack, entry=under)
        found.update({key: each} if "value" in each else _leaves(each, pack, key))
    return found


def _tree(leaves: Mapping[str, Table]) -> Table:
    tree: dict[str, Any] = {}
    for key, each in leaves.items():
        *path, name = key.split(".")
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        node[name] = each
    return tree


def _provisions(table: Table, pack: str) -> Iterator[Provision]:
    for key, each in _leaves(_given(table, "terms"), pack).items():
        if not {"value", "unit", "source", "confidence", "says"} <= each.keys():
            raise Invalid("law.missing", pack=pack, entry=key)
        value = tuple(each["value"]) if isinstance(each["value"], list) else each["value"]
        if not _is_sound(value, each["unit"]):
            raise Invalid("law.out_of_bounds", pack=pack, entry=key, value=each["value"], unit=each["unit"])
        yield Provision(
            key=key,
            value=value,
            unit=each["unit"],
            says=each["says"],
            source=_source(each, table, pack, key),
            restricts=each.get("restricts", False),
        )


def _is_sound(value: object, unit: str) -> bool:
    """Whether the value is one that its unit can have: several numbers each of them, and each once."""
    if unit == YES_NO:
        return isinstance(value, bool)
    numbers: Sequence[object] = value if isinstance(value, tuple) else (value,)
    sound = all(type(each) is int and 1 <= each <= MOST.get(unit, 0) for each in numbers)
    return sound and bool(numbers) and len(set(numbers)) == len(numbers)


def _source(each: Table, table: Table, pack: str, entry: str) -> Source:
    names = table.get("sources", {}).get(each.get("source"))
    if names is None or each.get("confidence") not in set(Confidence):
        raise Invalid("law.no_source", pack=pack, entry=entry)
    return Source(names=names, article=each.get("article"), confidence=Confidence(each["confidence"]))


def _value(found: Mapping[str, Provision], key: str, kind: str, pack: str) -> Any:
    """The value of an entry: one number or several as its field asks, of the unit that the end of its name tells."""
    if key not in found:
        raise Invalid("law.missing", pack=pack, entry=key)
    each, name = found[key], key.rpartition(".")[2]
    number = next((unit for unit in sorted(MOST, key=len, reverse=True) if name.endswith(unit)), "times")
    unit = YES_NO if kind == "bool" else number
    if unit != each.unit or isinstance(each.value, tuple) != kind.startswith("tuple"):
        raise Invalid("law.out_of_bounds", pack=pack, entry=key, value=each.value, unit=each.unit)
    return each.value


def _capacity(name: str, each: Table) -> Capacity:
    return Capacity(
        id=name,
        permission=each["permission"],
        levels=frozenset(each["levels"]),
        also=frozenset(each.get("also", ())),
        says=each["says"],
    )


def _signings(
    table: Table, pack: str, terms: Mapping[str, FreezeTerm], capacities: Mapping[str, Capacity]
) -> Iterator[Signing]:
    for each in _given(table, "signing"):
        entry = f"signing.{each['kind']}"
        signers = tuple(each["signers"])
        wanted = each.get("terms", [None])
        known = {(kind.value, act.value) for kind, acts in ACTS.items() for act in acts}
        if not {(each["kind"], act) for act in each["acts"]} <= known:
            raise Invalid("law.unknown", pack=pack, entry=f"{entry}: {', '.join(each['acts'])}")
        if not signers or not set(signers) <= capacities.keys() or not set(wanted) <= {None, *terms}:
            raise Invalid("law.unknown", pack=pack, entry=entry)
        source = _source(each, table, pack, entry)
        for act in each["acts"]:
            for term in wanted:
                yield Signing(kind=each["kind"], act=act, term=term, signers=signers, source=source)


def _require_order(pack: LawPack) -> None:
    """`Invalid` where reminders do not come before what they remind of."""
    stop, objection = pack.stop, pack.objection
    if not stop.file_case_hours <= stop.decide_hours <= stop.alarm_hours < stop.hours:
        raise Invalid("law.out_of_order", pack=pack.id, entry="stop")
    if objection.alarm_working_days > objection.answer_working_days:
        raise Invalid("law.out_of_order", pack=pack.id, entry="objection")
    for under, days in (("freeze", pack.freeze.reminder_days), ("block", pack.block.reminder_days)):
        if list(days) != sorted(days, reverse=True):
            raise Invalid("law.out_of_order", pack=pack.id, entry=f"{under}.reminder_days")
    if pack.effective_to is not None and pack.effective_to < pack.effective_from:
        raise Invalid("law.out_of_order", pack=pack.id, entry="effective_to")
