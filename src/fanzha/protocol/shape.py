"""The shape of a dataclass: how each of its fields is read from JSON and told in it, and what a schema says of it."""

from __future__ import annotations

import re
import types
import typing
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, cast

from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import Blob, Many, Text, Whole

Read = Callable[[object, str], Any]
Tell = Callable[[Any], object]
Schema = dict[str, Any]

MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT, _DAY = re.compile(MOMENT), re.compile(DAY)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that no line of text has: controls, line separators, halves of surrogate pairs."""
_SPEAKABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names of fields that may be repeated in an error; others could be anything."""


def _as_it_is(value: Any) -> object:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """How one field is read, the schema of it, and how it is told again."""

    read: Read
    schema: Schema
    tell: Tell = _as_it_is


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The shape of one dataclass: its members by name, and which of them must be there."""

    kind: type
    fields: Mapping[str, Member]
    required: frozenset[str]

    def read(self, told: object, path: str) -> Any:
        """The object that JSON describes; `Invalid` with the path of the first field that is wrong."""
        if not isinstance(told, dict):
            raise Invalid("protocol.wrong_type", path=path, expected="object")
        for name in told:
            if name not in self.fields:
                raise Invalid("protocol.unknown_field", path=_join(path, name if _SPEAKABLE.fullmatch(name) else "?"))
        for name in self.fields:
            if name in self.required and name not in told:
                raise Invalid("protocol.missing_field", path=_join(path, name))
        given = {
            name: member.read(told[name], _join(path, name)) for name, member in self.fields.items() if name in told
        }
        try:
            return self.kind(**given)
        except Invalid as error:
            inner = str(error.fields.get("path", ""))
            raise Invalid(error.code, **{**error.fields, "path": _join(path, inner)}) from None

    def tell(self, told: object) -> dict[str, object]:
        """The JSON of such an object: a field that is not known, or an empty list that need not be there, is absent."""
        named = ((name, getattr(told, name), member) for name, member in self.fields.items())
        return {
            name: None if value is None else member.tell(value)
            for name, value, member in named
            if (value is not None and value != ()) or name in self.required
        }


def record_of(kind: type) -> Record:
    """The shape of a dataclass, worked out once."""
    return _record_of(cast("Hashable", kind))


@cache
def _record_of(kind: Any) -> Record:
    hints = typing.get_type_hints(kind, include_extras=True)
    told = fields(kind)
    return Record(
        kind=kind,
        fields={each.name: member(hints[each.name]) for each in told},
        required=frozenset(each.name for each in told if not _has_default(each)),
    )


def _has_default(told: Field[Any]) -> bool:
    return told.default is not MISSING or told.default_factory is not MISSING


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def member(hint: Any, mark: object = None) -> Member:
    """How a value of this type is read, and its schema."""
    origin = typing.get_origin(hint)
    if origin is Annotated:
        return member(hint.__origin__, hint.__metadata__[0])
    if origin in (types.UnionType, typing.Union):
        return member(next(each for each in typing.get_args(hint) if each is not type(None)))
    if origin is tuple:
        return _list(member(typing.get_args(hint)[0]), cast(Many, mark).most)
    return _scalar(hint, mark)


def _scalar(kind: Any, mark: object) -> Member:
    match mark:
        case Text():
            return _text(mark)
        case Whole():
            return _whole(mark)
        case Blob():
            return _blob(mark)
    if kind is bool:
        return Member(read=_truth, schema={"type": "boolean"})
    if kind is datetime:
        schema: Schema = {"type": "string", "format": "date-time", "pattern": f"^{MOMENT}$"}
        return Member(read=_moment, schema=schema, tell=moment_text)
    if kind is date:
        return Member(
            read=_day, schema={"type": "string", "format": "date", "pattern": f"^{DAY}$"}, tell=date.isoformat
        )
    if isinstance(kind, type) and is_dataclass(kind):
        shape = record_of(kind)
        return Member(read=shape.read, schema={"$ref": f"#/$defs/{kind.__name__}"}, tell=shape.tell)
    return _choice(kind)


def _text(told: Text) -> Member:
    pattern = re.compile(told.pattern) if told.pattern else None

    def read(value: object, path: str) -> str:
        text = _line(value, path)
        if not told.shortest <= len(text) <= told.longest:
            raise Invalid("protocol.wrong_length", path=path, least=told.shortest, most=told.longest)
        if pattern and not pattern.fullmatch(text):
            raise Invalid("protocol.wrong_form", path=path)
        return text

    schema: Schema = {"type": "string", "minLength": told.shortest, "maxLength": told.longest}
    return Member(read=read, schema=schema | ({"pattern": f"^(?:{told.pattern})$"} if told.pattern else {}))


def _line(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise Invalid("protocol.wrong_type", path=path, expected="string")
    if _CONTROL.search(value) or value != value.strip():
        raise Invalid("protocol.unclean_text", path=path)
    return value


def _whole(told: Whole) -> Member:
    def read(value: object, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid("protocol.wrong_type", path=path, expected="integer")
        if not told.least <= value <= told.most:
            raise Invalid("protocol.out_of_bounds", path=path, least=told.least, most=told.most)
        return value

    return Member(read=read, schema={"type": "integer", "minimum": told.least, "maximum": told.most})


def _blob(told: Blob) -> Member:
    longest = (told.most + 2) // 3 * 4

    def read(value: object, path: str) -> bytes:
        if isinstance(value, str) and len(value) > longest:
            raise Invalid("protocol.too_large", path=path, limit_bytes=told.most)
        try:
            content = b64decode(value, validate=True) if isinstance(value, str) else b""
        except (NotBase64, ValueError):
            _line(value, path)  # only what is no base64 can be unclean: the rest needs no second look
            raise Invalid("protocol.wrong_form", path=path) from None
        if not content:
            _line(value, path)
        if not 0 < len(content) <= told.most:
            raise Invalid("protocol.too_large", path=path, limit_bytes=told.most)
        return content

    schema: Schema = {"type": "string", "contentEncoding": "base64", "minLength": 4, "maxLength": longest}
    return Member(read=read, schema=schema, tell=lambda content: b64encode(content).decode("ascii"))


def moment_text(at: datetime) -> str:
    """RFC 3339 with Shanghai's offset, to the microsecond where there is one."""
    return utc(at).astimezone(SHANGHAI).isoformat()


def _truth(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("protocol.wrong_type", path=path, expected="boolean")
    return value


def _moment(value: object, path: str) -> datetime:
    text = _line(value, path)
    if _MOMENT.fullmatch(text) is None:
        raise Invalid("protocol.bad_time", path=path)
    try:
        return utc(datetime.fromisoformat(text))
    except (ValueError, Invalid):
        raise Invalid("protocol.bad_time", path=path) from None


def _day(value: object, path: str) -> date:
    text = _line(value, path)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        raise Invalid("protocol.bad_time", path=path) from None
    raise Invalid("protocol.bad_time", path=path)


def _choice(kind: type[StrEnum]) -> Member:
    known = {each.value: each for each in kind}

    def read(value: object, path: str) -> StrEnum:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            raise Invalid("protocol.not_among", path=path, known=", ".join(known))
        return found

    return Member(read=read, schema={"enum": list(known)}, tell=lambda chosen: chosen.value)


def _list(inner: Member, most: int) -> Member:
    def read(value: object, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Invalid("protocol.wrong_type", path=path, expected="array")
        if len(value) > most:
            raise Invalid("protocol.too_many", path=path, most=most)
        return tuple(inner.read(each, f"{path}[{place}]") for place, each in enumerate(value))

    schema: Schema = {"type": "array", "items": inner.schema, "maxItems": most}
    return Member(read=read, schema=schema, tell=lambda some: [inner.tell(each) for each in some])


def schema_of(kind: type) -> Schema:
    """The JSON Schema of a message: its own shape, and under `$defs` those of the objects inside."""
    inside: dict[str, Schema] = {}
    shown = _object_schema(kind, inside)
    return shown | ({"$defs": dict(sorted(inside.items()))} if inside else {})


def _object_schema(kind: type, inside: dict[str, Schema]) -> Schema:
    for hint in typing.get_type_hints(kind).values():
        for part in _dataclasses_in(hint):
            if part.__name__ not in inside:
                inside[part.__name__] = {}
                inside[part.__name__] = _object_schema(part, inside)
    shape = record_of(kind)
    return {
        "type": "object",
        "properties": {name: each.schema for name, each in shape.fields.items()},
        "required": [name for name in shape.fields if name in shape.required],
        "additionalProperties": False,
    }


def _dataclasses_in(hint: Any) -> list[type]:
    if is_dataclass(hint):
        return [hint]  # type: ignore[list-item]
    return [each for part in typing.get_args(hint) for each in _dataclasses_in(part)]
