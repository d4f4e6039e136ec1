"""A flow as FollowTheMoney entities: only what the published model knows, and nothing that points nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fanzha.adapters.documents.flow_entities import flow_entities
from fanzha.adapters.documents.sight import Sight
from fanzha.tracing.follow.trace import Stop
from tests.adapters.documents.dossiers import LAST, MULE, SECOND, VICTIM, small

FOLDER = Path(__file__).parent
MODEL: dict[str, Any] = json.loads((FOLDER / "followthemoney.json").read_text("utf-8"))
GOLDEN = FOLDER / "golden" / "small.ftm.json"


def opaque(number: str) -> str:
    return f"k{[VICTIM, MULE, SECOND, LAST].index(number)}"


def told(*, masked: bool = False) -> str:
    return "".join(flow_entities(small(), Sight(masked=masked), "zh", opaque))


def entities(*, masked: bool = False) -> dict[str, Any]:
    found = [json.loads(line) for line in told(masked=masked).splitlines()]
    assert len({each["id"] for each in found}) == len(found)
    return {each["id"]: each for each in found}


def test_schemata_and_properties_are_the_models() -> None:
    known = entities()
    for each in known.values():
        assert set(each) == {"id", "schema", "properties"}
        schema = MODEL["schemata"][each["schema"]]
        assert set(schema["required"]) <= set(each["properties"])
        for name, values in each["properties"].items():
            kind, wanted = schema["properties"][name]
            assert values and all(isinstance(value, str) and value for value in values)
            for value in values:
                if kind == "entity":
                    assert wanted in MODEL["schemata"][known[value]["schema"]]["is"]
                elif kind == "number":
                    assert float(value) > 0
                elif kind == "date":
                    datetime.fromisoformat(value)


def test_each_payment_is_one_entity_with_its_parts_and_its_proofs() -> None:
    known = entities()
    payments = [each["properties"] for each in known.values() if each["schema"] == "Payment"]
    amounts = [amount for each in payments for amount in each["amount"]]
    assert amounts == ["50000.00", "30000.00", "9000.00", "50.00", "1000.00", "2000.00"]
    first, cash, inferred = payments[0], payments[2], payments[5]
    assert first["date"] == ["2025-07-01T02:00:00"] and first["transactionNumber"] == ["A1", "B1"]
    assert first["payerAccount"] == ["account-k0"] and first["beneficiaryAccount"] == ["account-k1"]
    assert {known[proof]["properties"]["fileName"][0] for proof in first["proof"]} == {"甲行.csv", "乙行.csv"}
    assert "beneficiaryAccount" not in cash and known[cash["beneficiary"][0]]["schema"] == "LegalEntity"
    assert "transactionNumber" not in inferred and inferred["proof"] == payments[4]["proof"]
    assert all(len(each["properties"]["name"]) == 1 for each in known.values() if each["schema"] == "LegalEntity")
    assert len({each["recordId"][0] for each in payments if "recordId" in each}) == 5


@pytest.mark.parametrize("masked", [False, True])
def test_ids_tell_no_number(masked: bool) -> None:
    assert not [entity for entity in entities() for number in (VICTIM, MULE, SECOND, LAST) if number in entity]
    shown = [secret for secret in (VICTIM, MULE, SECOND, LAST, "测试·甲", "HYPERLINK") if secret in told(masked=masked)]
    assert bool(shown) is not masked
    assert set(entities(masked=True)) == set(entities())


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("exercise", [False, True])
def test_it_says_what_it_is(masked: bool, exercise: bool) -> None:
    whole = small()
    limited = replace(whole.traced, trace=replace(whole.traced.trace, stop=Stop.ROOM, cut=np.array([0], np.int32)))
    dossier = replace(whole, is_exercise=exercise, traced=limited)
    lines = [json.loads(line) for line in flow_entities(dossier, Sight(masked=masked), "zh", opaque)]
    (note,) = [each["properties"] for each in lines if each["schema"] == "Note"]
    told = "".join(note["description"])
    assert ("演练" in told, "已掩码" in told, "完整内容" in told) == (exercise, masked, not masked)
    assert "不完整" in told and "只读到上限" in told and whole.case.ref in note["name"][0]


def test_it_is_the_golden_file() -> None:
    assert told() == GOLDEN.read_text("utf-8")
