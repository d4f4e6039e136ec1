"""What may be asked of an order, and by whom it must be signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, Invalid
from fanzha.kernel.money import Fen
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import Wish, drafted
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import folded
from fanzha.orders.order import By, Capacity, Order, Payment, Terms
from fanzha.orders.signing import Delegation, Signer, cancelled, rejected, signed
from tests.orders.making import (
    CHIEF,
    DRAFTER,
    NOW,
    SECOND,
    TERMS,
    applied,
    ground,
    opened,
    wish,
)


@pytest.mark.parametrize("kind", list(OrderKind))
def test_every_kind_is_signed_and_queued(kind: OrderKind) -> None:
    order = applied(opened(kind))
    assert order.effect is Effect.APPROVED
    assert order.instructions[-1].delivery is Delivery.QUEUED
    assert order.instructions[-1].missing == ()


def refusal(order: Order, wanted: Wish, **more: bool | int) -> FanzhaError:
    with pytest.raises(FanzhaError) as told:
        drafted(order, wanted, ground(**more), DRAFTER, NOW)  # type: ignore[arg-type]
    return told.value


@pytest.mark.parametrize(
    ("order", "terms", "code"),
    [
        (replace(opened(), payment=None), None, "orders.payment_missing"),
        (replace(opened(), payment=Payment(amount_fen=Fen(0), at=NOW)), None, "orders.amount_not_positive"),
        (
            replace(opened(), payment=Payment(amount_fen=Fen(1), at=NOW + timedelta(hours=1))),
            None,
            "orders.payment_in_future",
        ),
        (opened(OrderKind.FREEZE), Terms(months=6), "orders.limit_missing"),
        (opened(OrderKind.FREEZE), Terms(limit_fen=Fen(5), months=7), "orders.term_beyond_law"),
        (opened(OrderKind.FREEZE), Terms(limit_fen=Fen(5)), "orders.term_beyond_law"),
        (opened(OrderKind.MONITOR), Terms(days=101), "orders.term_beyond_law"),
        (opened(OrderKind.QUERY), Terms(), "orders.query_of_missing"),
        (opened(OrderKind.BLOCK), Terms(days=30), "orders.evidence_missing"),
        (replace(opened(), target=opened(OrderKind.BLOCK).target), None, "orders.wrong_target"),
    ],
)
def test_bad_drafts_say_what_is_wrong(order: Order, terms: Terms | None, code: str) -> None:
    assert refusal(order, wish(1, terms=terms, kind=order.kind)).code == code


def test_a_freeze_needs_a_filed_case_and_a_third_stop_is_illegal() -> None:
    assert (
        refusal(opened(OrderKind.FREEZE), wish(1, kind=OrderKind.FREEZE), filed=False).code == "orders.case_not_filed"
    )
    third = refusal(opened(), wish(1), earlier=2)
    assert isinstance(third, Illegal)
    assert third.code == "orders.stops_used_up"


def test_a_reason_is_due() -> None:
    empty = replace(wish(1), reason="  ")
    assert isinstance(refusal(opened(), empty), Invalid)


def test_what_has_no_effect_cannot_be_extended_lifted_or_released() -> None:
    for act in (Act.EXTEND, Act.LIFT):
        assert refusal(opened(), wish(2, act)).code == "orders.not_in_force"
    released = wish(2, Act.RELEASE, Terms(release_fen=Fen(1)))
    assert refusal(opened(OrderKind.FREEZE), released).code == "orders.not_in_force"


def test_one_open_instruction_at_a_time() -> None:
    assert refusal(applied(opened()), wish(2)).code == "orders.instruction_open"


def test_nobody_signs_their_own_draft_nor_twice() -> None:
    order = folded(
        opened(OrderKind.FREEZE),
        [drafted(opened(OrderKind.FREEZE), wish(1, kind=OrderKind.FREEZE), ground(), DRAFTER, NOW)],
    )
    both = frozenset({Capacity.SECOND_OFFICER, Capacity.COUNTY_CHIEF})
    with pytest.raises(Forbidden, match="own_draft"):
        signed(order, order.instructions[-1], Signer(by=DRAFTER, own=both), NOW)
    everything = Signer(by=SECOND.by, own=both)
    order = folded(order, signed(order, order.instructions[-1], everything, NOW))
    assert order.effect is Effect.DRAFT
    with pytest.raises(Forbidden, match="own_draft"):
        signed(order, order.instructions[-1], everything, NOW)


def test_the_house_signs_nothing() -> None:
    order = folded(opened(), [drafted(opened(), wish(1), ground(), DRAFTER, NOW)])
    machine = Signer(by=By(user_id=None, name="worker"), own=frozenset(Capacity))
    with pytest.raises(Forbidden):
        signed(order, order.instructions[-1], machine, NOW)


def lent(since_hours: int, until_hours: int, giver: By = CHIEF.by) -> Signer:
    assert giver.user_id is not None and SECOND.by.user_id is not None
    given = Delegation(
        from_user=giver.user_id,
        to_user=SECOND.by.user_id,
        capacity=Capacity.SECOND_OFFICER,
        since=NOW + timedelta(hours=since_hours),
        until=NOW + timedelta(hours=until_hours),
    )
    return Signer(by=SECOND.by, own=frozenset(), lent=(given,))


def test_a_delegation_counts_while_it_lasts_and_says_for_whom() -> None:
    order = folded(opened(), [drafted(opened(), wish(1), ground(), DRAFTER, NOW)])
    with pytest.raises(Forbidden, match="capacity_missing"):
        signed(order, order.instructions[-1], lent(-3, -1), NOW)
    made = folded(order, signed(order, order.instructions[-1], lent(-1, 1), NOW))
    assert made.instructions[-1].signatures[0].for_user == CHIEF.by.user_id


def test_a_drafter_cannot_have_a_deputy_sign_for_them() -> None:
    order = folded(opened(), [drafted(opened(), wish(1), ground(), DRAFTER, NOW)])
    with pytest.raises(Forbidden, match="own_draft"):
        signed(order, order.instructions[-1], lent(-1, 1, DRAFTER), NOW)


def test_a_rejected_or_cancelled_order_is_over() -> None:
    order = folded(opened(), [drafted(opened(), wish(1), ground(), DRAFTER, NOW)])
    said_no = folded(order, [rejected(order, order.instructions[-1], SECOND, "no", NOW)])
    assert said_no.effect is Effect.REJECTED
    queued = applied(opened())
    taken_back = folded(queued, [cancelled(queued, queued.instructions[-1], DRAFTER, "typed wrong", NOW)])
    assert taken_back.effect is Effect.CANCELLED
    for over in (said_no, taken_back):
        assert refusal(over, wish(9, terms=TERMS[OrderKind.STOP])).code == "orders.not_to_apply"


@pytest.mark.parametrize("act", [Act.RENEW, Act.RELEASE])
def test_what_a_city_chief_signed_a_county_chief_neither_renews_nor_ends(act: Act) -> None:
    complex_term = replace(TERMS[OrderKind.FREEZE], term="complex", months=12)
    order = opened(OrderKind.FREEZE)
    order = folded(order, [drafted(order, wish(1, terms=complex_term), ground(), DRAFTER, NOW)])
    order = folded(order, signed(order, order.instructions[-1], SECOND, NOW))
    order = folded(order, signed(order, order.instructions[-1], CHIEF, NOW))
    frozen = replace(
        order,
        effect=Effect.FROZEN,
        held_fen=Fen(9),
        ends_at=NOW + timedelta(days=9),
        instructions=(replace(order.instructions[-1], delivery=Delivery.ANSWERED),),
    )
    entry = drafted(frozen, wish(2, act, Terms(months=6)), ground(), DRAFTER, NOW)
    assert entry.draft is not None and Capacity.CITY_CHIEF in entry.draft.needs
