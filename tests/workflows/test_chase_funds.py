"""A chase does once what is worth doing, under what people allowed, and tells why the rest waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from fanzha.cases.incident import Incident, IncidentState, Source, ToldPayment
from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId
from fanzha.kernel.money import Fen, fen
from fanzha.orders.authority import AccountSort, Reach
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Capacity, Order, Signature
from fanzha.tracing.frontier import Lead
from fanzha.workflows.chase_funds import ChasedAccount, Standing, Waiting, chase
from tests.orders.making import DRAFTER, LAW, NOW, UNIT, applied, opened
from tests.orders.test_authority import authority, signed

HERE = InstitutionId(UUID(int=5))
INCIDENT = Incident(
    id=UUID(int=8),
    number="I2026-000001",
    case_id=CaseId(UUID(int=7)),
    unit_path=UNIT,
    source=Source.EMERGENCY,
    reported_at=NOW,
    taken_at=NOW,
    taken_by_id=None,
    taken_by="测试",
    victim=None,
    scam_type="",
    paperwork_due=NOW + timedelta(hours=24),
    payments=(ToldPayment(institution_id=HERE, payee=SubjectId(1), payee_name=None, amount_fen=Fen(5_000), at=NOW),),
)


def account(subject: int, money: int = 1_000, layer: int = 2, **more: object) -> ChasedAccount:
    came_s = int(NOW.timestamp()) - 3_600
    lead = Lead(
        account=subject, layer=layer, fen=money, there_ppm=600_000, recoverable_fen=money * 6 // 10,
        moved_fen=money * 4 // 10, came_s=came_s, told_until_s=None,
    )  # fmt: skip
    return replace(ChasedAccount(lead=lead, subject=SubjectId(subject), institution_id=HERE), **more)  # type: ignore[arg-type]


def standing(**limits: object) -> Standing:
    told = authority()
    told = replace(told, since=NOW, until=NOW + timedelta(hours=8), limits=replace(told.limits, **limits))  # type: ignore[arg-type]
    return Standing(authority=replace(signed(replace(told, since=NOW)), since=NOW))


def moves(
    *accounts: ChasedAccount, orders: dict[SubjectId, list[Order]] | None = None, under: Standing | None = None,
    incident: Incident = INCIDENT,
) -> list[tuple[OrderKind, int, str]]:  # fmt: skip
    found = chase(incident, accounts, orders or {}, [under] if under else [], LAW.authority, NOW)
    return [(each.kind, each.account.subject, each.waits) for each in found]


def stop(effect: Effect, held: int = 0) -> Order:
    return replace(opened(), effect=effect, held_fen=fen(held))


def test_stop_and_query_leave_together_the_most_recoverable_first() -> None:
    assert moves(account(1, 1_000), account(2, 4_000), under=standing()) == [
        (OrderKind.STOP, 2, ""),
        (OrderKind.QUERY, 2, ""),
        (OrderKind.STOP, 1, ""),
        (OrderKind.QUERY, 1, ""),
    ]


def test_what_was_done_is_not_done_again() -> None:
    held = {SubjectId(1): [stop(Effect.HELD, 1_000)]}
    assert moves(account(1, 1_000), orders=held, under=standing()) == []
    short = {SubjectId(1): [stop(Effect.HELD, 999)]}
    assert moves(account(1, 1_000), orders=short, under=standing()) == [(OrderKind.QUERY, 1, "")]
    waiting = {SubjectId(1): [stop(Effect.APPROVED)]}
    assert moves(account(1, 1_000), orders=waiting, under=standing()) == [(OrderKind.QUERY, 1, "")]


def test_where_a_bank_refuses_the_stop_the_account_is_watched() -> None:
    refused = {SubjectId(1): [stop(Effect.REFUSED)]}
    assert (OrderKind.MONITOR, 1, "") in moves(account(1), orders=refused, under=standing())
    assert (OrderKind.STOP, 1, "") not in moves(account(1), orders=refused, under=standing())


def test_of_an_account_that_its_bank_does_not_keep_nothing_is_asked_and_nothing_waits() -> None:
    refused = {SubjectId(1): [stop(Effect.REFUSED)]}
    assert moves(account(1), orders=refused, under=standing())
    assert moves(account(1, is_absent=True), orders=refused, under=standing()) == []
    assert moves(account(1, is_absent=True), account(2), under=standing()) == [
        (OrderKind.STOP, 2, ""),
        (OrderKind.QUERY, 2, ""),
    ]


def test_limits_are_used_up_within_one_round() -> None:
    found = moves(account(1, 4_000), account(2, 3_000), account(3, 2_500), under=standing())
    assert [waits for kind, _, waits in found if kind is OrderKind.STOP] == ["", "", "total"]
    accounts = moves(*(account(each, 500) for each in range(1, 6)), under=standing(accounts=3))
    assert [waits for kind, _, waits in accounts if kind is OrderKind.STOP] == ["", "", "", "accounts", "accounts"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"institution_id": None}, Waiting.NO_INSTITUTION),
        ({"is_complete": False}, Waiting.INCOMPLETE),
        ({"is_complete": False, "institution_id": None, "has_name": False}, Waiting.INCOMPLETE),
        ({"is_complete": False, "papers_first": True}, Waiting.INCOMPLETE),
        ({"sorts": frozenset({AccountSort.HOSPITAL})}, "sort"),
        ({"balance_fen": fen(1_000_000)}, "share"),
    ],
)
def test_what_waits_says_why(change: dict[str, object], why: str) -> None:
    found = moves(account(1, **change), under=standing())  # type: ignore[arg-type]
    assert (OrderKind.STOP, 1, why) in found


def test_a_halted_chase_and_an_excluded_account_let_nothing_leave() -> None:
    halted = replace(INCIDENT, state=IncidentState.HALTED)
    assert {waits for _, _, waits in moves(account(1), under=standing(), incident=halted)} == {Waiting.HALTED}
    own = account(1, own_fen=fen(900))
    assert {waits for _, _, waits in moves(own, under=standing(), incident=halted)} == {Waiting.HALTED}
    left_alone = replace(INCIDENT, excluded=frozenset({SubjectId(1)}))
    assert moves(account(1), under=standing(), incident=left_alone) == []
    assert moves(account(1), under=standing(), incident=replace(INCIDENT, state=IncidentState.CLOSED)) == []


def test_what_could_not_be_done_is_not_tried_again_by_itself() -> None:
    balked = replace(INCIDENT, balked={(SubjectId(1), "stop"): "orders.holder_missing"})
    found = moves(account(1), under=standing(), incident=balked)
    assert (OrderKind.STOP, 1, "orders.holder_missing") in found
    assert (OrderKind.QUERY, 1, "") in found


def test_an_incident_s_own_authority_goes_before_the_shift_s() -> None:
    shift = replace(
        signed(replace(authority(reach=Reach.FIRST_STOPS), since=NOW, until=NOW + timedelta(hours=8))), id=UUID(int=77)
    )
    own = standing()
    found = chase(INCIDENT, [account(1, is_named=True)], {}, [own, Standing(authority=shift)], LAW.authority, NOW)
    assert [each.authority_id for each in found] == [own.authority.id] * 2


def asked(effect: Effect, minutes: float) -> Order:
    """A query for the statement that left so many minutes ago."""
    return replace(applied(opened(OrderKind.QUERY)), effect=effect, opened_at=NOW - timedelta(minutes=minutes))


def test_a_statement_is_asked_for_again_ever_more_seldom_and_never_of_a_bank_that_refused() -> None:
    def again(*asked_before: Order) -> bool:
        found = moves(account(1), orders={SubjectId(1): [stop(Effect.LAPSED), *asked_before]}, under=standing())
        return (OrderKind.QUERY, 1, "") in found

    assert not again(asked(Effect.ANSWERED, 9))
    assert again(asked(Effect.ANSWERED, 10))
    assert not again(asked(Effect.ANSWERED, 30), asked(Effect.ANSWERED, 19))
    assert again(asked(Effect.ANSWERED, 31), asked(Effect.ANSWERED, 20))
    assert not again(asked(Effect.REFUSED, 600))
    assert not again(asked(Effect.APPROVED, 600))


def test_a_statement_tells_what_moves_until_its_bank_answers() -> None:
    found = chase(INCIDENT, [account(1)], {}, [], LAW.authority, NOW)
    terms = next(each for each in found if each.kind is OrderKind.QUERY).terms(NOW)
    assert terms.since is not None
    assert terms.until is not None
    assert terms.since < NOW < terms.until


def test_what_came_after_the_question_is_asked_about_unless_the_statement_told_it() -> None:
    came_s = int(NOW.timestamp()) - 60
    for told_until_s, again in ((None, True), (came_s - 1, True), (came_s, False)):
        late = account(1)
        late = replace(late, lead=replace(late.lead, came_s=came_s, told_until_s=told_until_s))
        left = moves(late, orders={SubjectId(1): [asked(Effect.ANSWERED, 2)]})
        assert (OrderKind.QUERY in [kind for kind, *_ in left]) is again


def test_what_a_freeze_holds_after_a_lapsed_stop_is_not_asked_about_again() -> None:
    frozen = replace(opened(OrderKind.FREEZE), effect=Effect.FROZEN, held_fen=fen(1_000))
    assert moves(account(1, 1_000), orders={SubjectId(1): [stop(Effect.LAPSED), frozen]}, under=standing()) == []


def lifted(*signatures: Signature) -> Order:
    """A stop of a thousand fen that was lifted an hour ago by these signatures."""
    order = applied(opened())
    lift = replace(
        order.instructions[0],
        id=UUID(int=42),
        act=Act.LIFT,
        signatures=signatures,
        answered_at=NOW - timedelta(hours=1),
    )
    return replace(
        order, effect=Effect.LIFTED, instructions=(*order.instructions, lift), victim_traceable_fen=fen(1_000)
    )


BY_TERMS = Signature(by=DRAFTER, capacity=Capacity.SECOND_OFFICER, at=NOW, under="authority.A2026-000001")
BY_HAND = replace(BY_TERMS, under="")


def stop_waits(order: Order, *others: Order, **account_is: object) -> list[str]:
    """What the stop of an account with such orders waits for; none where none is proposed."""
    found = moves(account(1, **account_is), orders={SubjectId(1): [order, *others]}, under=standing())  # type: ignore[arg-type]
    return [waits for kind, _, waits in found if kind is OrderKind.STOP]


def test_what_was_let_go_by_its_terms_is_stopped_anew_only_when_more_is_traced_there() -> None:
    assert stop_waits(lifted(BY_TERMS), money=1_000) == []
    assert stop_waits(lifted(BY_TERMS), money=1_001) == [""]
    assert stop_waits(replace(lifted(BY_TERMS), effect=Effect.LAPSED), money=1_001) == []


def test_what_a_person_let_go_is_proposed_to_a_person_once_money_came_there_since() -> None:
    later, before = NOW - timedelta(minutes=59), NOW - timedelta(minutes=61)
    assert stop_waits(lifted(BY_HAND), money=9_999, came_last_at=before) == []
    assert stop_waits(lifted(BY_HAND), money=1_001, came_last_at=later) == [Waiting.LET_GO]
    assert stop_waits(lifted(BY_HAND), money=0, came_last_at=later) == []
    assert stop_waits(lifted(BY_HAND, BY_TERMS), money=1_001, came_last_at=later) == [Waiting.LET_GO]
    again = replace(stop(Effect.DRAFT), id=OrderId(UUID(int=43)))
    assert stop_waits(lifted(BY_HAND), again, money=1_001, came_last_at=later) == []
    found = chase(INCIDENT, [account(1, came_last_at=later)], {SubjectId(1): [lifted(BY_HAND)]}, [], LAW.authority, NOW)
    (waiting,) = [each for each in found if each.for_a_person]
    assert not waiting.may_go_with_others, "looked at by itself"


def test_of_what_a_person_found_unrelated_nothing_is_asked_again_until_victims_money_comes_there() -> None:
    later, before = NOW - timedelta(minutes=59), NOW - timedelta(minutes=61)
    found = replace(lifted(BY_HAND), unrelated_at=NOW - timedelta(hours=1))

    def asks(order: Order, came: datetime | None) -> bool:
        orders = {SubjectId(1): [order, asked(Effect.ANSWERED, 90)]}
        left = moves(account(1, came_last_at=came), orders=orders, under=standing())
        return OrderKind.QUERY in [kind for kind, *_ in left]

    assert not asks(found, before)
    assert not asks(found, None)
    assert asks(found, later)
    assert asks(replace(found, unrelated_at=None), before), "let go for another reason: followed as before"
    assert asks(replace(found, effect=Effect.LAPSED), before), "its end was drafted and never came"


@pytest.mark.parametrize("effect", [Effect.DRAFT, Effect.APPROVED, Effect.FROZEN, Effect.WAITING])
def test_nothing_is_stopped_under_a_freeze(effect: Effect) -> None:
    freeze = replace(opened(OrderKind.FREEZE), effect=effect, held_fen=fen(1_000))
    assert stop_waits(lifted(BY_TERMS), freeze, money=5_000) == []
    assert stop_waits(lifted(BY_HAND), freeze, money=5_000, came_last_at=NOW) == []
    assert stop_waits(lifted(BY_TERMS), replace(freeze, effect=Effect.CANCELLED), money=3_000) == [""]


def test_an_account_where_much_is_its_holder_s_own_waits_for_a_person_unless_a_report_names_it() -> None:
    own = account(1, 1_000, own_fen=fen(501))
    assert (OrderKind.STOP, 1, Waiting.OWN_MONEY) in moves(own, under=standing())
    assert (OrderKind.QUERY, 1, "") in moves(own, under=standing()), "what it pays on is followed"
    assert (OrderKind.STOP, 1, "") in moves(account(1, 1_000, own_fen=fen(500)), under=standing())
    assert (OrderKind.STOP, 1, "") in moves(replace(own, is_named=True), under=standing())
    sure = replace(INCIDENT, confirmed=frozenset({SubjectId(1)}))
    assert (OrderKind.STOP, 1, "") in moves(own, under=standing(), incident=sure)


@pytest.mark.parametrize(
    ("change", "together"),
    [
        ({}, True),
        ({"own_fen": fen(501)}, False),
        ({"sorts": frozenset({AccountSort.HOSPITAL})}, False),
        ({"balance_fen": fen(1_000_000)}, False),
    ],
)
def test_what_may_hit_somebody_who_knows_nothing_is_looked_at_by_itself(
    change: dict[str, object], together: bool
) -> None:
    under = standing() if change else standing(accounts=1)
    accounts = [account(2, 2_000), account(1, **change)]  # type: ignore[arg-type]
    found = chase(INCIDENT, accounts, {}, [under], LAW.authority, NOW)
    (waiting,) = [each for each in found if each.for_a_person]
    assert (waiting.account.subject, waiting.may_go_with_others) == (1, together)
