"""`fanzha incidents|authorities …`: every documented example, and the same acts as the pages and the JSON offer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import timedelta

import pytest

from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.web.wired.authorities import WiredAuthorities
from fanzha.i18n import catalogue
from fanzha.orders.effects import OrderKind
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import CENTRE, operator
from fanzha.wiring.people import exercise_colleagues, first_person
from fanzha.wiring.standing_in import standing_in_for
from tests.apps.cli.test_orders import ON_PAPER, inside
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise

WORDS = catalogue("en")
PAID = {"institution": "test-bank", "amount_fen": 4_000_000, "at": "2026-03-01T09:00:00+08:00"}


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An exercise with its people, a bank, two reports of one account, and an authority that is drafted."""
    folder = tmp_path_factory.mktemp("incidents")
    with lodged_exercise(folder / "keys", postgres) as line:
        with inside(line) as house:
            first_person(house)
            exercise_colleagues(house)
            with house.act(operator()) as connection:
                enter_profile(connection, ON_PAPER, operator(), "test", house.now(), unit=CENTRE)
        told = [{"key": key, "payments": [{**PAID, "payee": "9999990000000000003"}]} for key in "ab"]
        (folder / "reports.jsonl").write_text("\n".join(map(json.dumps, told)), "utf-8")
        line.run("reports", "take", str(folder / "reports.jsonl"), "--as", "first")
        with inside(line) as house:
            actor = standing_in_for(house, "first")
            with house.act(actor) as connection:
                new = NewAuthority(
                    kinds=frozenset({OrderKind.STOP}),
                    limits=proposed("first_stops"),
                    until=house.now() + timedelta(hours=8),
                    reason="测试:值班",
                )
                draft_authority(Desk(house=house, connection=connection, actor=actor), new)
        yield line


def example(key: str) -> list[str]:
    return [each.replace("officer", "first") for each in shlex.split(WORDS[f"cli.{key}.example"])[1:]]


def test_incidents_are_listed_joined_and_accounts_awaited(fanzha: CommandLine) -> None:
    listed = fanzha.json(*example("incidents.list"))
    assert_valid("incidents", listed)
    assert {each["number"] for each in listed} == {"I2026-000001", "I2026-000002"}
    joined = fanzha.json(*example("incidents.join"))
    assert_valid("incident", joined)
    assert joined["chased_with"] == ["I2026-000002"]
    awaited = fanzha.json(*example("incidents.await"))
    assert_valid("incident", awaited)
    assert [each["traced_fen"] for each in awaited["accounts"] if each["confirmed"]] == [0]
    assert "9999990000000000017" not in json.dumps(awaited), "masked"
    assert "I2026-000001" in fanzha.run("incidents", "list").stdout
    fanzha.run("incidents", "join", "I2026-000001", "I2026-000009", "--reason", "test", "--as", "first", code=3)
    fanzha.run("incidents", "join", "I2026-000001", "I2026-000002", "--reason", "test", "--as", "first", code=2)


def test_an_authority_is_narrowed_and_never_widened(fanzha: CommandLine) -> None:
    (before,) = fanzha.json(*example("authorities.list"))
    assert_valid("authorities", [before])
    narrowed = fanzha.json(*example("authorities.narrow"))
    assert_valid("authority", narrowed)
    changed = {name for name in before if before[name] != narrowed[name]}
    assert changed == {"accounts"} and narrowed["accounts"] == 3
    words = ("authorities", "narrow", before["number"], "--reason", "test", "--as", "first")
    fanzha.run(*words, "--accounts", "4", code=7)
    fanzha.run(*words, "--excluded", "company", code=7)
    with inside(fanzha) as house:
        (line,) = WiredAuthorities(house).authorities(operator())
        assert line.accounts == 3
