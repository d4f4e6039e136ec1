"""Facts of papers as JSON and back, exact to the microsecond: a paper is set again from what was kept."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from fanzha.kernel.clock import utc

Facts = TypeVar("Facts")


def told(value: Any) -> Any:
    """A dataclass of facts as JSON carries it; what is not known is absent."""
    if is_dataclass(value):
        known = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: told(each) for name, each in known.items() if each is not None}
    if isinstance(value, tuple):
        return [told(each) for each in value]
    if isinstance(value, datetime):
        return utc(value).isoformat()
    return value.value if isinstance(value, StrEnum) else value


def facts_from(kind: type[Facts], kept: Mapping[str, Any]) -> Facts:
    """The facts of this kind that JSON tells, as `told` wrote it."""
    hints = _hints(cast("Any", kind))
    return kind(**{name: _read(hints[name], value) for name, value in kept.items()})


@cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _read(next(each for each in typing.get_args(hint) if each is not type(None)), value)
    if origin is tuple:
        return tuple(_read(typing.get_args(hint)[0], each) for each in value)
    if hint is datetime:
        return utc(datetime.fromisoformat(value))
    if is_dataclass(hint):
        return facts_from(cast("type[Any]", hint), value)
    return hint(value)
