"""`fanzha reports take`: every line of a file has its result, whatever is wrong with its neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.web.api.v1_incidents import ReportBody
from fanzha.wiring.house import CENTRE, operator
from fanzha.wiring.people import first_person
from tests.apps.cli.test_orders import ON_PAPER, inside
from tests.databases import TestServer
from tests.docs.schemas import assert_valid, faults, schema
from tests.journeys.command_line import CommandLine, lodged_exercise

PAID = {"institution": "test-bank", "payee": "9999990000000000003", "amount_fen": 4_000_000}


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An exercise with its first person and a bank."""
    with lodged_exercise(tmp_path_factory.mktemp("reports") / "keys", postgres) as line:
        with inside(line) as house:
            first_person(house)
            with house.act(operator()) as connection:
                enter_profile(connection, ON_PAPER, operator(), "test", house.now(), unit=CENTRE)
        yield line


def told(key: str, **paid: object) -> dict[str, Any]:
    return {"key": key, "payments": [{**PAID, "at": "2026-03-01T09:00:00+08:00", **paid}], "source": "bank"}


def test_each_line_is_taken_once_or_told_why_not(fanzha: CommandLine, tmp_path: Path) -> None:
    lines = [
        json.dumps(told("a")),
        json.dumps(told("a")),
        "{not json",
        "",
        json.dumps(told("b", institution="no-such-bank")),
        json.dumps(told("c", amount_fen=0)),
        json.dumps({**told("d"), "surprise": 1}),
        json.dumps(told("e", payee="9999990000000000011")),
    ]
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    done = fanzha.run("reports", "take", str(file), "--as", "first", "--format", "json", code=DOES_NOT_HOLD)
    rows = json.loads(done.stdout)
    assert_valid("reports_taken", rows)
    outcomes = ["taken", "repeated", "rejected", "rejected", "rejected", "rejected", "taken"]
    assert [each["outcome"] for each in rows] == outcomes
    assert [each["line"] for each in rows] == [1, 2, 3, 5, 6, 7, 8]
    assert rows[0]["number"] == rows[1]["number"] != rows[-1]["number"]
    assert all(each["message"] for each in rows if each["outcome"] == "rejected")
    fanzha.run("reports", "take", str(file), "--as", "first", code=DOES_NOT_HOLD)
    with inside(fanzha) as house, house.act(operator()) as connection:
        assert len(incidents(connection, IncidentQuery())) == 2


def test_the_schema_is_what_the_door_takes() -> None:
    whole = {**told("k"), "reported_at": "2026-03-01T09:05:00+08:00", "scam_type": "ST06", "identity_checked": True}
    assert_valid("new_report", whole)
    ReportBody.model_validate_json(json.dumps(whole))
    assert set(schema("new_report")["properties"]) == set(ReportBody.model_fields)
    for wrong in (
        {**whole, "key": ""},
        {**whole, "payments": []},
        {**whole, "scam_type": "ST98"},
        {**whole, "more": 1},
    ):
        assert list(faults(schema("new_report"), wrong, "new_report"))
        with pytest.raises(ValueError, match="ReportBody"):
            ReportBody.model_validate_json(json.dumps(wrong))
