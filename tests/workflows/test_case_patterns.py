"""Patterns in the words of a case's files: over the whole case, and where traced money took part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanzha.i18n import LANGUAGES
from fanzha.kernel.errors import NotFound
from fanzha.records.statements.rows import Precision
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.follow.question import HOUR_S, Direction, Question
from fanzha.tracing.movements.movements import PairingLimits
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.asked_trace import transfers_of
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.case_patterns import NamedPattern, case_patterns, named, proof
from fanzha.workflows.trace_case import TracedCase, trace_case
from tests.tracing.movements.telling import rows_of
from tests.tracing.patterns.books import Books
from tests.tracing.patterns.scenes import DAY, MINUTE


class Story:
    """Two victims pay one account each, both hand on to one; days later somebody else's money does the like."""

    def __init__(self) -> None:
        self.books = books = Books()
        self.victims = [books.open(200_000) for _ in range(2)]
        self.first = [books.open(5) for _ in range(2)]
        self.pool, self.last, self.other = books.open(0), books.open(0), books.open(0)
        for victim, mule in zip(self.victims, self.first, strict=True):
            books.pay(9 * HOUR_S, victim, mule, 60_000)
            books.pay(9 * HOUR_S + 5 * MINUTE, mule, self.pool, 59_000)
        books.pay(9 * HOUR_S + 20 * MINUTE, self.pool, self.last, 118_000)
        books.pay(6 * DAY, books.open(90_000), self.other, 50_000)
        for turn in range(3):
            books.pay(6 * DAY + (turn + 1) * MINUTE, self.other, self.last, 16_000)
        rows = rows_of(books.told())
        self.ledger = CaseLedger(rows=rows, found=reconcile(rows, (), PairingLimits()))
        self.flow = case_flow(self.ledger.rows, self.ledger.found)

    def traced(self) -> TracedCase:
        ids = [each.id for each in self.ledger.all_told(self.ledger.moving()) if each.payer in self.victims]
        question = Question(starts=transfers_of(self.ledger, self.flow, ids), horizon_s=10 * DAY)
        return trace_case(self.ledger, self.flow, question, live_typologies())


def of_kind(found: list[NamedPattern], kind: str) -> list[NamedPattern]:
    return [each for each in found if each.kind == kind]


def test_a_trace_names_what_its_money_took_part_in() -> None:
    story = Story()
    told = story.traced().patterns()

    (collector,) = of_kind(told, "common_collector")
    assert collector.accounts["account"] == (story.pool,) and collector.numbers["people"] == 2
    assert set(collector.accounts["starters"]) == set(story.victims)
    about = {each.accounts["account"][0] for each in of_kind(told, "pass_through")}
    assert story.pool in about and story.other not in about


def traced_back(story: Story, payer: str) -> list[NamedPattern]:
    """The patterns of a trace backward from the last payment of an account."""
    paid = [each.id for each in story.ledger.all_told(story.ledger.moving()) if each.payer == payer]
    question = Question(
        starts=transfers_of(story.ledger, story.flow, paid[-1:]), direction=Direction.BACKWARD, horizon_s=10 * DAY
    )
    return trace_case(story.ledger, story.flow, question, live_typologies()).patterns()


def test_backward_only_what_led_to_the_payment_is_named() -> None:
    """What a payee did with the money later, and what its payer did with other money, is not where it came from."""
    story = Story()
    (passed,) = of_kind(story.traced().patterns(), "pass_through")
    assert passed.accounts["account"] == (story.pool,)
    for payer in (story.victims[0], story.first[0]):  # who paid into it, and who paid them
        assert of_kind(traced_back(story, payer), "pass_through") == []
    assert [each.id for each in of_kind(traced_back(story, story.pool), "pass_through")] == [passed.id]


def test_larger_patterns_elsewhere_in_the_case_push_none_out_of_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a kind is of what the trace tells, and what is beyond it is counted."""
    monkeypatch.setattr("fanzha.tracing.patterns.find.MOST_OF_A_KIND", 1)
    story = Story()
    into = [each.id for each in story.ledger.all_told(story.ledger.moving()) if each.payee == story.other]
    question = Question(starts=transfers_of(story.ledger, story.flow, into), horizon_s=10 * DAY)
    found = trace_case(story.ledger, story.flow, question, live_typologies())
    (told,) = of_kind(found.patterns(), "pass_through")
    assert told.accounts["account"] == (story.other,)

    monkeypatch.setattr("fanzha.tracing.patterns.find.MOST_OF_A_KIND", 0)
    assert found.patterns() == [] and found.traced_patterns.left_out["pass_through"] == 1


def test_accounts_not_compared_to_their_end_are_told_where_the_trace_came_to_them() -> None:
    story = Story()
    trace = story.traced().trace
    nodes = tuple(story.ledger.found.accounts.find(each) for each in (story.pool, story.other))
    whole = replace(case_patterns(story.ledger, story.flow, live_typologies()), cut=nodes)
    assert whole.traced(trace).cut_accounts() == [story.pool]


def test_who_made_a_starting_payment_is_not_called_a_victim() -> None:
    """A trace may begin at a mule's payment, or at an innocent's: only a person names victims."""
    (collector,) = of_kind(Story().traced().patterns(), "common_collector")
    assert "victims" not in collector.accounts and not any("victim" in each for each in collector.numbers)
    assert not any("被害人" in each for each in (collector.title("zh"), *collector.cast("zh")))
    assert "核实" in collector.said("zh") and "for a person to say" in collector.said("en")


def test_a_case_names_everything_with_the_same_ids() -> None:
    story = Story()
    case = case_patterns(story.ledger, story.flow, live_typologies()).named()

    assert story.other in {each.accounts["account"][0] for each in of_kind(case, "pass_through")}
    assert of_kind(case, "common_collector") == []
    traced = {each.id for each in story.traced().patterns() if each.kind != "common_collector"}
    assert traced < {each.id for each in case}
    assert len({each.id for each in case}) == len(case)


def test_victims_of_a_whole_case_are_named_by_a_person() -> None:
    story = Story()
    found = case_patterns(story.ledger, story.flow, live_typologies(), tuple(story.victims)).named()
    assert of_kind(found, "common_collector") == []  # each paid another account: nothing came together directly

    with pytest.raises(NotFound):
        case_patterns(story.ledger, story.flow, live_typologies(), ("9999990000000088888",))


def test_every_pattern_is_proved_by_rows_of_files() -> None:
    story = Story()
    for each in case_patterns(story.ledger, story.flow, live_typologies()).named():
        told = list(proof(story.ledger, each))
        assert tuple(one.id for one in told) == each.movements
        assert all(one.moving and one.evidence for one in told)
        for language in LANGUAGES:
            assert "{" not in each.said(language) and each.title(language)
            assert sorted(each.cast(language).values()) == sorted(each.accounts.values())


def test_an_id_tells_no_number_and_no_device() -> None:
    """Whoever sees a masked file must not be able to try numbers until the id fits."""
    story = Story()
    for each in case_patterns(story.ledger, story.flow, live_typologies()).found:
        told = named(story.ledger, each)
        others = replace(each, roles={role: nodes[::-1] for role, nodes in each.roles.items()}, clue="9999.99")
        assert told.id == named(renumbered(story.ledger), others).id


def renumbered(ledger: CaseLedger) -> CaseLedger:
    """The same case, had all its accounts other numbers."""
    accounts = ledger.found.accounts
    other = replace(accounts, primary=tuple(f"9999{each}" for each in accounts.primary))
    return CaseLedger(rows=ledger.rows, found=replace(ledger.found, accounts=other))


def told_by_the_day(precision: Precision) -> NamedPattern:
    """What is named where one account handed 90,000 yuan on to three on one day, told so exactly."""
    books = Books()
    payer, mule = books.open(200_000), books.open(0)
    books.pay(9 * HOUR_S, payer, mule, 90_000, precision=precision)
    for turn in range(4):
        books.pay(10 * HOUR_S + turn * MINUTE, mule, books.open(0), 22_000, precision=precision)
    rows = rows_of(books.told())
    ledger = CaseLedger(rows=rows, found=reconcile(rows, (), PairingLimits()))
    found = case_patterns(ledger, case_flow(rows, ledger.found), live_typologies())
    (scatter,) = of_kind(found.named(), "scatter")
    return scatter


@pytest.mark.parametrize(
    ("precision", "name", "stay"),
    [
        (Precision.SECOND, "second", "1 h 1 min"),
        (Precision.MINUTE, "minute", "1 h 1 min"),
        (Precision.DAY, "day", "less than 1 d"),
    ],
)
def test_a_pattern_is_told_no_more_exactly_than_its_movements(precision: Precision, name: str, stay: str) -> None:
    found = told_by_the_day(precision)
    assert (found.first_precision, found.last_precision) == (name, name)
    assert stay in found.said("en")
    assert ("不足 1 天" in found.said("zh")) is (precision is Precision.DAY)


def test_a_time_that_only_its_place_in_a_ledger_gives_is_told_by_its_day() -> None:
    """The payee's bank tells the day alone, so the arrival stands where the earlier, exactly told one stands."""
    books = Books()
    one, two, mule = books.open(90_000), books.open(90_000), books.open(0)
    books.pay(9 * HOUR_S, one, mule, 50_000)
    books.pay(9 * HOUR_S + MINUTE, two, mule, 40_000, precision=Precision.DAY)
    for turn in range(4):
        books.pay(10 * HOUR_S + turn * MINUTE, mule, books.open(0), 22_000)
    rows = rows_of(books.told())
    ledger = CaseLedger(rows=rows, found=reconcile(rows, (), PairingLimits()))
    (scatter,) = of_kind(case_patterns(ledger, case_flow(rows, ledger.found), live_typologies()).named(), "scatter")
    assert scatter.is_by_day and "less than" in scatter.said("en")
    assert scatter.last_precision == "second"
