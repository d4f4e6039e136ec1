"""The numbers of the simulated city, each with where it comes from; one published file, nothing hidden in code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from typing import Any

from fanzha.kernel.errors import Invalid, NotFound

Value = float | tuple[float, ...]


class Standing(StrEnum):
    """How sure a number is."""

    KNOWN = "known"
    DERIVED = "derived"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number, or a few by layer, with its unit, how sure it is, its source, and what it says in both languages."""

    name: str
    value: Value
    unit: str
    status: Standing
    source: str
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spread:
    """A lognormal by its median and the standard deviation of its logarithm."""

    median: float
    log_sd: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every parameter by its name."""

    known: Mapping[str, Parameter]

    def number(self, name: str) -> float:
        """A single number."""
        value = self._value(name)
        if isinstance(value, tuple):
            raise Invalid("simulation.not_single", parameter=name)
        return value

    def whole(self, name: str) -> int:
        """A single whole number."""
        return round(self.number(name))

    def several(self, name: str) -> tuple[float, ...]:
        """Numbers by layer, or two bounds."""
        value = self._value(name)
        return value if isinstance(value, tuple) else (value,)

    def spread(self, name: str) -> Spread:
        """A lognormal."""
        median, log_sd = self.several(name)
        return Spread(median, log_sd)

    def changed(self, **values: Value) -> Parameters:
        """The same with other values; `__` stands for the dot of a name (`fault__late=0.5`)."""
        named = {name.replace("__", "."): value for name, value in values.items()}
        for name in named:
            self._value(name)
        return Parameters({name: replace(each, value=named.get(name, each.value)) for name, each in self.known.items()})

    def _value(self, name: str) -> Value:
        if name not in self.known:
            raise NotFound("simulation.no_parameter", parameter=name)
        return self.known[name].value


CHANCES = ("account.", "failure.", "fault.", "outage.share", "victim.")
"""What these names begin with are misfortunes by rate."""
NO_SHARES = frozenset({"fault.late_by"})


def published() -> Parameters:
    """The parameters as the published file has them; `Invalid` names what is wrong in it."""
    return parsed(tomllib.loads(files(__package__).joinpath("parameters.toml").read_text("utf-8")))


def parsed(tables: Mapping[str, Any]) -> Parameters:
    """The parameters that tables of the published file describe."""
    return Parameters({each.name: each for each in _found("", tables)})


def faultless(parameters: Parameters) -> Parameters:
    """The same city where nothing goes wrong by chance: for contracts, and as the ground for chosen faults."""
    chances = [name for name, each in parameters.known.items() if name.startswith(CHANCES) and name not in NO_SHARES]
    return parameters.changed(**{name.replace(".", "__"): 0.0 for name in chances})


def _found(path: str, tables: Mapping[str, Any]) -> list[Parameter]:
    if "value" in tables:
        return [_parameter(path, tables)]
    return [each for name, inner in tables.items() for each in _found(f"{path}.{name}" if path else name, inner)]


def _parameter(name: str, table: Mapping[str, Any]) -> Parameter:
    told = table["value"]
    value = tuple(told) if isinstance(told, list) else told
    try:
        status = Standing(table["status"])
        found = Parameter(
            name=name, value=value, unit=table["unit"], status=status, source=table["source"], says=table["says"]
        )
    except (KeyError, ValueError):
        raise Invalid("simulation.bad_parameter", parameter=name) from None
    numbers = value if isinstance(value, tuple) else (value,)
    most = 1 if found.unit == "share" else float("inf")
    if set(found.says) != {"zh", "en"} or not all(0 <= each <= most for each in numbers):
        raise Invalid("simulation.bad_parameter", parameter=name)
    return found
