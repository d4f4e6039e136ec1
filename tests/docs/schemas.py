"""Whether a value is what `docs/schemas` promises: the part of JSON Schema 2020-12 that our schemas use, no more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from tests.tidy.source import ROOT

SCHEMAS = ROOT / "docs" / "schemas"
Schema = Mapping[str, Any]

Check = Callable[[Schema, Any, Any, str, str], Iterator[str]]

SILENT = {"$schema", "$id", "$defs", "title", "description", "properties", "required", "contentEncoding"}
"""Keywords that check nothing by themselves; `properties` and `required` are checked for objects."""
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
FORMATS: Mapping[str, Callable[[str], object]] = {
    "date-time": lambda text: datetime.fromisoformat(text).utcoffset() or text.index("+00:00"),
    "date": date.fromisoformat,
    "uuid": UUID,
}


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema file by its name."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return found


def assert_valid(name: str, value: Any) -> None:
    """That the value is what the schema of this name says."""
    found = list(faults(schema(name), value, name))
    assert not found, "\n".join(found[:10])


def faults(told: Schema, value: Any, name: str, at: str = "$") -> Iterator[str]:
    """What is wrong with a value; an unknown keyword is an error, because it would promise what nobody checks."""
    for keyword, wanted in told.items():
        if keyword not in SILENT:
            yield from CHECKS[keyword](told, wanted, value, name, at)
    if isinstance(value, dict):
        yield from (f"{at}: {key} is missing" for key in told.get("required", ()) if key not in value)
        for key, inner in told.get("properties", {}).items():
            if key in value:
                yield from faults(inner, value[key], name, f"{at}.{key}")


def _type(told: Schema, wanted: str, value: Any, name: str, at: str) -> Iterator[str]:
    if not TYPES[wanted](value):
        yield f"{at}: {value!r} is not {wanted}"


def _ref(told: Schema, wanted: str, value: Any, name: str, at: str) -> Iterator[str]:
    if wanted.startswith("#/$defs/"):
        yield from faults(schema(name)["$defs"][wanted.removeprefix("#/$defs/")], value, name, at)
    else:
        other = wanted.removesuffix(".json")
        yield from faults(schema(other), value, other, at)


def _items(told: Schema, wanted: Schema, value: Any, name: str, at: str) -> Iterator[str]:
    for place, each in enumerate(value if isinstance(value, list) else ()):
        yield from faults(wanted, each, name, f"{at}[{place}]")


def _others(told: Schema, wanted: Schema | bool, value: Any, name: str, at: str) -> Iterator[str]:
    others = {key: each for key, each in value.items() if key not in told.get("properties", {})} if _is(value) else {}
    for key, each in others.items():
        if wanted is False:
            yield f"{at}: {key} is not expected"
        elif not isinstance(wanted, bool):
            yield from faults(wanted, each, name, f"{at}.{key}")


def _is(value: Any) -> bool:
    return isinstance(value, dict)


def _any_of(told: Schema, wanted: list[Schema], value: Any, name: str, at: str) -> Iterator[str]:
    tried = [list(faults(each, value, name, at)) for each in wanted]
    if all(tried):
        yield tried[0][0]


def _simple(keyword: str) -> Check:
    holds: Callable[[Any, Any], bool] = {
        "enum": lambda wanted, value: value in wanted,
        "minimum": lambda wanted, value: isinstance(value, int | float) and value >= wanted,
        "maximum": lambda wanted, value: isinstance(value, int | float) and value <= wanted,
        "minItems": lambda wanted, value: isinstance(value, list) and len(value) >= wanted,
        "maxItems": lambda wanted, value: isinstance(value, list) and len(value) <= wanted,
        "minLength": lambda wanted, value: isinstance(value, str) and len(value) >= wanted,
        "maxLength": lambda wanted, value: isinstance(value, str) and len(value) <= wanted,
        "pattern": lambda wanted, value: isinstance(value, str) and re.search(wanted, value) is not None,
        "format": _has_format,
    }[keyword]

    def check(told: Schema, wanted: Any, value: Any, name: str, at: str) -> Iterator[str]:
        if not holds(wanted, value):
            yield f"{at}: {value!r} is not {keyword} {wanted}"

    return check


def _has_format(wanted: str, value: Any) -> bool:
    try:
        FORMATS[wanted](value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


SIMPLE = (
    *("enum", "minimum", "maximum", "minItems", "maxItems"),
    *("minLength", "maxLength", "pattern", "format"),
)
CHECKS: Mapping[str, Check] = {
    "type": _type,
    "$ref": _ref,
    "items": _items,
    "additionalProperties": _others,
    "anyOf": _any_of,
    **{keyword: _simple(keyword) for keyword in SIMPLE},
}
