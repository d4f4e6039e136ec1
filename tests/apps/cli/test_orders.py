"""Orders from the command line: every documented example, in an exercise where somebody stands behind each act."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import pytest

from fanzha.adapters.store.cases import case_by_ref, move_case
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.work import Wanted, take
from fanzha.cases.case import CaseState
from fanzha.i18n import catalogue
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind, Institution, InstitutionKind
from fanzha.settings import Settings
from fanzha.wiring.connectors import connector_to
from fanzha.wiring.deliveries import deliver
from fanzha.wiring.desk import DELIVERIES
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.people import exercise_colleagues, first_person
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise
from tests.registers.institutions import BANK

ON_PAPER = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None, keys=())
CARRIER: Institution = replace(
    ON_PAPER,
    name="test-carrier",
    code="999900000009",
    kind=InstitutionKind.CARRIER,
    trades=(Trade.BLOCK, Trade.UNBLOCK),
    demands=(),
)
WORDS = catalogue("en")
BLOCKED = ("orders", "block", "DEMO-2", "phone")


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An exercise with its three people, a filed case and institutions that take paper."""
    with lodged_exercise(tmp_path_factory.mktemp("orders") / "keys", postgres) as line:
        line.run("cases", "open", "测试案件", "--ref", "DEMO-2")
        with inside(line) as house, house.act(operator()) as connection:
            for each in (ON_PAPER, CARRIER):
                enter_profile(connection, each, operator(), "test", house.now(), unit=CENTRE)
            case = case_by_ref(connection, "DEMO-2")
            move_case(connection, case.id, CaseState.FILED, "test", operator(), house.now())
        with inside(line) as house:
            first_person(house)
            exercise_colleagues(house)
        yield line


class inside:
    """The house behind a command line."""

    def __init__(self, line: CommandLine) -> None:
        self.world = patch.dict("os.environ", line.environment)

    def __enter__(self) -> House:
        self.world.start()
        self.opened = open_house(Settings())
        return self.opened.__enter__()

    def __exit__(self, *failure: object) -> None:
        self.opened.__exit__(None, None, None)
        self.world.stop()


def example(fanzha: CommandLine, verb: str, number: str = "", **changed: str) -> dict[str, object]:
    """What the documented example of a verb gives, about this order."""
    words = shlex.split(WORDS[f"cli.orders.{verb}.example"])[1:]
    if number:
        words[2] = number
    for name, value in changed.items():
        words[words.index(f"--{name.replace('_', '-')}") + 1] = value
    told: dict[str, object] = fanzha.json(*words)
    assert_valid("order", told)
    return told


def now(fanzha: CommandLine, back: timedelta = timedelta()) -> str:
    with inside(fanzha) as house:
        return (house.now() - back).isoformat()


def drafted(fanzha: CommandLine, verb: str = "stop") -> str:
    changed = {"paid_at": now(fanzha, timedelta(minutes=30))} if verb == "stop" else {}
    return str(example(fanzha, verb, **changed)["number"])


def signed(fanzha: CommandLine, number: str) -> None:
    """Signed by all who must."""
    assert example(fanzha, "sign", number)
    latest = fanzha.json("orders", "show", number)["instructions"][-1]
    if latest["missing"]:
        fanzha.run("orders", "sign", number, "--as", "chief")


def carried(fanzha: CommandLine) -> None:
    """Everything that is due lies on somebody's desk as paper."""
    with inside(fanzha) as house:
        with house.act_as_house() as connection:
            wanted = Wanted(kinds=DELIVERIES, lease=timedelta(seconds=30), limit=20)
            rows = take(connection, wanted, house.now(), house.wall.now())
        for row in rows:
            deliver(house, lambda institution: connector_to(house, institution), row)


def in_force(fanzha: CommandLine, verb: str = "stop") -> str:
    """An order that a bank says it has carried out, just now."""
    number = drafted(fanzha, verb)
    signed(fanzha, number)
    carried(fanzha)
    example(fanzha, "answer", number, at=now(fanzha, timedelta(seconds=5)))
    return number


def test_a_stop_goes_through_all_its_examples(fanzha: CommandLine, tmp_path: Path) -> None:
    number = in_force(fanzha)
    told = example(fanzha, "show", number)
    assert (told["effect"], told["holding_fen"], told["target"]) == ("held", 2_500_000, "9999 **** **** 0014")
    assert "9999990000000000014" not in str(told) and "测试·甲" not in str(told), "masked"
    assert [each["kind"] for each in told["history"]][:4] == ["drafted", "signed", "queued", "paper"]  # type: ignore[attr-defined]
    example(fanzha, "extend", number)
    example(fanzha, "reject", number)
    example(fanzha, "lift", number)
    example(fanzha, "cancel", number)
    words = shlex.split(WORDS["cli.orders.paper.example"])[1:]
    target = tmp_path / "paper.pdf"
    proven = fanzha.run("orders", "paper", number, "--output", str(target), *words[5:], "--prove")
    assert "byte by byte" in proven.stderr
    assert target.read_bytes().startswith(b"%PDF")


def test_a_freeze_goes_through_all_its_examples(fanzha: CommandLine) -> None:
    number = in_force(fanzha, "freeze")
    example(fanzha, "unrelated", number)
    example(fanzha, "renew", number)
    example(fanzha, "cancel", number)
    example(fanzha, "release", number)
    clocks = fanzha.json("clocks", "list", "--limit", "100")
    assert_valid("clocks", clocks)
    assert [each["rings_at"] for each in clocks] == sorted(each["rings_at"] for each in clocks)
    assert {"release", "lapse"} <= {each["clock"] for each in clocks if each["order"] == number}


def test_what_was_given_up_is_looked_at_and_taken_up_again(fanzha: CommandLine) -> None:
    number = drafted(fanzha)
    signed(fanzha, number)
    carried(fanzha)
    assert example(fanzha, "look", number)["waits_for"] == "answer"
    assert example(fanzha, "retry", number)["instructions"][-1]["delivery"] == "unknown"  # type: ignore[index]


@pytest.mark.parametrize("verb", ["query", "monitor", "block"])
def test_the_other_kinds_are_drafted(fanzha: CommandLine, verb: str) -> None:
    assert example(fanzha, verb)["effect"] == "draft"


def test_a_block_rests_on_evidence_that_is_kept_first(fanzha: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "seen.png").write_bytes(b"\x89PNG\r\n\x1a\n0")
    place = str(tmp_path / "taken")
    told = [*BLOCKED, "09991200009", "--institution", "test-carrier", "--days", "30", "--reason", "x", "--as", "first"]
    assert "one of" in fanzha.run(*told, code=2).stderr
    order = fanzha.json(*told, "--snapshot", str(tmp_path / "seen.png"))
    words = shlex.split(WORDS["cli.orders.evidence.example"])[1:]
    fanzha.run(*words[:2], str(order["number"]), "--output", place, *words[5:])
    assert Path(place).read_bytes() == (tmp_path / "seen.png").read_bytes()
    again = fanzha.json(*told, "--evidence", sha256((tmp_path / "seen.png").read_bytes()).hexdigest())
    assert again["number"] != order["number"]
    assert "never blocked" in fanzha.run(*told[:4], "96110", *told[5:], "--words", "x", code=7).stderr


def test_orders_are_listed_masked_in_every_form(fanzha: CommandLine) -> None:
    drafted(fanzha)
    listed = fanzha.json("orders", "list", "--waits", "signature", "--kind", "stop")
    assert_valid("orders", listed)
    assert listed and {each["waits_for"] for each in listed} == {"signature"}
    for form in ("table", "csv"):
        said = fanzha.run("orders", "list", "--format", form).stdout
        assert "9999 **** **** 0014" in said and "9999990000000000014" not in said


def test_the_operator_orders_nothing(
    fanzha: CommandLine, tmp_path_factory: pytest.TempPathFactory, postgres: TestServer
) -> None:
    number = drafted(fanzha)
    for verb in ("extend", "lift", "cancel", "look", "retry", "unrelated", "reject"):
        said = fanzha.run("orders", verb, number, "--reason", "测试", code=5).stderr
        assert "--as" in said
    fanzha.run("orders", "sign", number, code=5)
    fanzha.run("orders", "sign", number, "--as", "first", code=5)
    fanzha.run("orders", "sign", number, "--as", "nobody", code=3)
    with lodged_exercise(tmp_path_factory.mktemp("live") / "keys", postgres) as live:
        with patch.dict("os.environ", live.environment), open_house(Settings(), "live") as house:
            first_person(house)
        live.run("orders", "sign", "S2026-000001", "--as", "first", code=5)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "S2026-999999"), 3),
        (("list", "--limit", "0"), 2),
        (("list", "--case", "NO-SUCH"), 3),
        (("paper", "S2026-999999", "--output", "/dev/null"), 3),
        (("stop", "DEMO-2", "--amount-fen", "0", "--paid-at", "2026-01-02T10:00:00+08:00"), 2),
        (("stop", "DEMO-2", "--amount-fen", "1", "--paid-at", "2026-01-02T10:00:00"), 2),
        (("stop", "DEMO-2", "--amount-fen", "1", "--paid-at", "2126-01-02T10:00:00+08:00"), 2),
    ],
)
def test_bad_input_says_so(fanzha: CommandLine, arguments: tuple[str, ...], code: int) -> None:
    more = ("--institution", "test-bank", "--account", "9999990000000000014", "--holder", "测试", "--reason", "测试")
    fanzha.run("orders", *arguments, *((*more, "--as", "first") if arguments[0] == "stop" else ()), code=code)


def test_a_wrong_digit_is_told_and_may_be_insisted_on(fanzha: CommandLine) -> None:
    words = ["query", "DEMO-2", "--institution", "test-bank", "--of", "holder", "--reason", "测试", "--as", "first"]
    told = fanzha.run("orders", *words, "--account", "9999990000000000018", code=2).stderr
    assert "--sure" in told
    fanzha.run("orders", *words, "--account", "9999990000000000018", "--sure", "0017", code=2)
    fanzha.run("orders", *words, "--account", "9999990000000000018", "--sure", "0018")
    for account in ("9999 **** **** 0017", "6.22202E+18", "12ab"):
        fanzha.run("orders", *words, "--account", account, code=2)


def test_an_objection_goes_through_its_examples(fanzha: CommandLine, tmp_path: Path) -> None:
    number = in_force(fanzha)
    words = shlex.split(WORDS["cli.objections.take.example"])[1:]
    contract = tmp_path / "contract.pdf"
    contract.write_bytes(b"%PDF-1.7 a contract that is not real")
    words[2], words[words.index("contract.pdf")] = number, str(contract)
    taken = fanzha.json(*words)
    assert_valid("objection", taken)
    shown = fanzha.json("objections", "show", str(taken["number"]))
    assert_valid("objection_history", shown)
    assert shown["evidence"] == [sha256(contract.read_bytes()).hexdigest()]
    paper, answered = tmp_path / "notice.pdf", tmp_path / "answer.pdf"
    words = shlex.split(WORDS["cli.objections.notice.example"])[1:]
    words[2], words[words.index("notice.pdf")] = number, str(paper)
    fanzha.run(*words)
    words = shlex.split(WORDS["cli.objections.answer.example"])[1:]
    words[2] = str(taken["number"])
    upheld = fanzha.json(*words, "--output", str(answered))
    assert_valid("objection", upheld)
    assert upheld["state"] == "upheld"
    assert paper.read_bytes()[:4] == answered.read_bytes()[:4] == b"%PDF"
    listed = fanzha.json(*shlex.split(WORDS["cli.objections.list.example"])[1:-2])
    assert_valid("objections", listed)
    assert upheld in listed
    assert fanzha.json("orders", "show", number)["instructions"][-1]["act"] == "lift"
    fanzha.run("objections", "take", number, "--channel", "visit", "--says", "测试", code=5)


def test_a_delegation_goes_through_its_examples(fanzha: CommandLine) -> None:
    words = shlex.split(WORDS["cli.delegations.give.example"])[1:]
    words[words.index("--since") + 1] = now(fanzha, timedelta(hours=1))
    words[words.index("--until") + 1] = now(fanzha, timedelta(hours=-1))
    given = fanzha.json(*words)
    assert_valid("delegations", given)
    words = shlex.split(WORDS["cli.delegations.end.example"])[1:]
    words[2] = str(given[0]["id"])
    (ended,) = fanzha.json(*words)
    assert ended["ended_at"] is not None
    assert ended in fanzha.json("delegations", "list")
    fanzha.run("delegations", "end", "no-id", "--as", "chief", code=3)
    fanzha.run("delegations", "end", words[2], code=5)
