"""The schemas promise what they check, know every code, and refuse what they do not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bench.measured import Result, report

from fanzha.cases.case import CaseState, EntryKind
from fanzha.cases.subjects import Role
from fanzha.tracing.movements.movements import BalanceProof, Doubt, Exit, Fate
from tests.docs.schemas import CHECKS, SCHEMAS, SILENT, assert_valid, faults, schema

NAMES = sorted(path.stem for path in SCHEMAS.glob("*.json"))


def objects(told: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema."""
    if isinstance(told, list):
        for each in told:
            yield from objects(each)
    elif isinstance(told, dict):
        yield told
        for keyword, inner in told.items():
            if keyword in ("properties", "$defs"):
                for each in inner.values():
                    yield from objects(each)
            elif keyword in ("items", "additionalProperties", "anyOf"):
                yield from objects(inner)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_nothing_unchecked_and_leaves_nothing_open(name: str) -> None:
    told = schema(name)
    assert (told["$id"], told["$schema"]) == (f"{name}.json", "https://json-schema.org/draft/2020-12/schema")
    for each in objects(told):
        assert set(each) <= SILENT | set(CHECKS)
        if "properties" in each:
            assert each["additionalProperties"] is False
            assert set(each["required"]) <= set(each["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_money_is_a_whole_number_of_fen(name: str) -> None:
    money = [
        (key, inner)
        for each in objects(schema(name))
        for key, inner in each.get("properties", {}).items()
        if "amount" in key or key.endswith("fen")
    ]
    for key, inner in money:
        assert key.endswith("_fen")
        assert "integer" in {each.get("type") for each in objects(inner)}


def test_the_codes_are_those_of_the_program() -> None:
    movement = schema("movement")["properties"]
    codes: list[tuple[Any, Any]] = [
        (movement["exit"], Exit),
        (movement["doubts"]["items"], Doubt),
        (movement["evidence"]["items"]["properties"]["fate"], Fate),
        (schema("account")["properties"]["proof"], BalanceProof),
        (schema("case")["properties"]["state"], CaseState),
        (schema("case_history")["properties"]["history"]["items"]["properties"]["kind"], EntryKind),
    ]
    for told, code in codes:
        assert set(told["enum"]) == {each.name.lower() for each in code}
    assert {each.value for each in Role} == set(
        schema("found_cases")["items"]["properties"]["roles"]["anyOf"][0]["items"]["enum"]
    )


def test_a_bench_report_is_as_promised() -> None:
    results = [
        Result(name="x_seconds", value=1.0, unit="s"),
        Result(name="y", value=2.0, unit="s", baseline=4.0, aim=3),
    ]
    told = report("import", {"rows": 1}, results, ("numpy",))
    assert_valid("bench_report", told)
    assert list(faults(schema("bench_report"), {**told, "extra": 1}, "bench_report"))


UNIT = {"path": "centre", "level": "city", "name_zh": "测试", "name_en": "Test", "contact": ""}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"more": 1}, "more is not expected"),
        ({"level": "village"}, "enum"),
        ({"contact": None}, "not string"),
        ({"contact": 12}, "not string"),
    ],
)
def test_what_differs_is_named(change: dict[str, Any], said: str) -> None:
    assert_valid("unit", UNIT)
    assert said in next(faults(schema("unit"), UNIT | change, "unit"))
    assert said in next(faults(schema("units"), [UNIT, UNIT | change], "units"))


def test_what_is_missing_is_named() -> None:
    assert [*faults(schema("unit"), {key: UNIT[key] for key in UNIT if key != "path"}, "unit")] == [
        "$: path is missing"
    ]


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"format": "date-time"}, "2026-03-01T09:00:00"),
        ({"format": "date"}, "1 March"),
        ({"type": "integer"}, True),
        ({"type": "number"}, "1"),
        ({"anyOf": [{"type": "null"}, {"minimum": 3}]}, 2),
        ({"minItems": 1}, []),
        ({"pattern": "^a$"}, "ab"),
        ({"additionalProperties": {"type": "string"}}, {"a": 1}),
    ],
)
def test_the_checker_sees_what_is_wrong(told: dict[str, Any], value: Any) -> None:
    assert [*faults(told, value, "unit")]
