"""What answers do: true ones, late ones, doubled ones, wrong ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fanzha.kernel.legal_days import months_after
from fanzha.kernel.money import Fen
from fanzha.orders.answers import Reading, activated, answered, prolonged_end
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import converted, drafted, lapsed
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import folded
from fanzha.orders.order import Order, Paper, Terms
from fanzha.orders.sending import asked, given_up, lost, revived, sent
from fanzha.orders.signing import fallen_with
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import PriorFreeze
from fanzha.protocol.trades import Trade
from tests.orders.making import DRAFTER, HOUSE, LAW, NOW, applied, countersigned, ground, opened, wish

HOLD = Trade.STOP


def an_answer(order: Order, result: str = "0000", at: datetime = NOW, **more: Any) -> Answer:
    told: dict[str, Any] = {
        "answer_id": "00000000-0000-4000-8000-000000000001",
        "application_id": str(order.instructions[-1].id),
        "institution_code": "999900000001",
        "trade": HOLD,
        "result": result,
        "answered_at": at,
        "part": 1,
        "final": True,
        "exercise": True,
        **more,
    }
    return Answer(**told)


def take(order: Order, answer: Answer, now: datetime = NOW) -> Order:
    reading = Reading(
        order=order,
        instruction=order.instructions[-1],
        answer=answer,
        stop_hours=LAW.stop.hours,
        by=HOUSE,
        now=now,
    )
    return folded(order, answered(reading))


def out(kind: OrderKind = OrderKind.STOP) -> Order:
    order = applied(opened(kind))
    return folded(order, [sent(order.instructions[-1], HOUSE, NOW)])


def held(**more: Any) -> Order:
    told: dict[str, Any] = {"balance_fen": 2_500_000, "held_fen": 2_500_000, "started_at": NOW, **more}
    return take(out(), an_answer(out(), **told))


def frozen(**more: Any) -> Order:
    told: dict[str, Any] = {"balance_fen": 2_500_000, "frozen_fen": 2_500_000, "started_at": NOW, **more}
    return take(out(OrderKind.FREEZE), an_answer(out(OrderKind.FREEZE), **told))


def instructed(order: Order, act: Act, terms: Terms | None = None, now: datetime = NOW) -> Order:
    number = 1 + len(order.instructions)
    order = folded(order, [drafted(order, wish(number, act, terms, order.kind), ground(), DRAFTER, now)])
    order = countersigned(order, now)
    return folded(order, [sent(order.instructions[-1], HOUSE, now)])


def test_a_stop_holds_for_48_hours_from_its_moment() -> None:
    order = held()
    assert (order.effect, order.holding_fen) == (Effect.HELD, 2_500_000)
    assert order.ends_at == NOW + timedelta(hours=48)


def test_a_freeze_that_began_the_day_after_it_was_signed_ends_as_its_paper_says_unless_its_bank_tells_when() -> None:
    began = NOW + timedelta(hours=15)
    asked = months_after(NOW, 6)
    assert months_after(began, 6) == asked + timedelta(days=1)
    order = out(OrderKind.FREEZE)
    silent = take(order, an_answer(order, frozen_fen=1, started_at=began), began)
    assert silent.ends_at == asked
    told = take(order, an_answer(order, frozen_fen=1, started_at=began, ends_at=asked + timedelta(days=1)), began)
    assert (told.ends_at, told.contradicted) == (asked + timedelta(days=1), ())
    late = take(out(), an_answer(out(), held_fen=1, started_at=began), began)
    assert late.ends_at == began + timedelta(hours=48), "a stop's paper asks for hours from the moment of stopping"


def test_the_same_answer_again_changes_nothing() -> None:
    order = held()
    again = take(order, an_answer(order, balance_fen=1, held_fen=1))
    assert replace(again, instructions=order.instructions) == order
    assert again.unseen == ()


def test_another_answer_afterwards_is_absorbed_and_shown() -> None:
    order = held()
    other = take(order, an_answer(order, "0300"))
    assert other.effect is Effect.HELD
    assert other.unseen == ("answer_changed",)


@pytest.mark.parametrize("code", ["0301", "0302", "0600", "0501", "1304", "0201"])
def test_a_refusal_ends_the_try_and_waits_for_a_person(code: str) -> None:
    order = take(out(), an_answer(out(), code))
    assert order.effect is Effect.REFUSED
    assert order.unseen == (code,)
    mended = folded(order, [drafted(order, wish(3), ground(), DRAFTER, NOW)])
    assert (mended.effect, mended.unseen) == (Effect.DRAFT, ())


def test_a_bank_that_is_down_is_asked_again_not_believed_refusing() -> None:
    order = take(out(), an_answer(out(), "1300"))
    assert order.effect is Effect.APPROVED
    assert order.instructions[-1].delivery is Delivery.UNKNOWN


def test_an_unknown_code_is_never_guessed() -> None:
    order = take(out(), an_answer(out(), "4711"))
    assert (order.effect, order.instructions[-1].delivery) == (Effect.APPROVED, Delivery.DEAD)
    assert order.unseen == ("4711",)


def test_claims_beyond_law_and_balance_are_cut_and_shown() -> None:
    order = held(held_fen=9_000_000, ends_at=NOW + timedelta(days=30))
    assert order.held_fen == 2_500_000
    assert order.ends_at == NOW + timedelta(hours=48)
    assert set(order.contradicted) == {"term_too_long", "held_beyond_limit"}


def test_an_end_just_beyond_the_law_is_cut_without_a_word() -> None:
    order = held(ends_at=NOW + timedelta(hours=48, minutes=4))
    assert (order.ends_at, order.contradicted) == (NOW + timedelta(hours=48), ())


def test_a_start_in_the_future_is_now() -> None:
    order = held(started_at=NOW + timedelta(days=2))
    assert order.starts_at == NOW
    assert "start_in_future" in order.contradicted


def test_a_second_stop_runs_from_the_end_of_the_first_and_there_is_no_third() -> None:
    order = take(instructed(held(), Act.EXTEND), an_answer(instructed(held(), Act.EXTEND)))
    assert (order.effect, order.times, order.ends_at) == (Effect.EXTENDED, 2, NOW + timedelta(hours=96))
    with pytest.raises(Exception, match="stops_used_up"):
        drafted(order, wish(4, Act.EXTEND), ground(), DRAFTER, NOW)


def test_an_extension_made_in_time_counts_though_told_late() -> None:
    asked_for = instructed(held(), Act.EXTEND)
    after = NOW + timedelta(hours=49)
    over = folded(asked_for, [lapsed(asked_for, HOUSE, after)])
    assert over.holding_fen == 0
    in_time = take(over, an_answer(over, started_at=NOW + timedelta(hours=47)), after)
    assert in_time.effect is Effect.EXTENDED
    too_late = take(over, an_answer(over, started_at=NOW + timedelta(hours=48, minutes=30)), after)
    assert (too_late.effect, too_late.contradicted) == (Effect.LAPSED, ("prolonged_after_lapse",))


def test_a_lapse_before_its_time_is_illegal() -> None:
    with pytest.raises(Exception, match="not_over_yet"):
        lapsed(held(), HOUSE, NOW + timedelta(hours=47))


def test_a_freeze_takes_no_more_than_its_limit() -> None:
    order = frozen(balance_fen=9_000_000, frozen_fen=9_000_000)
    assert (order.effect, order.held_fen) == (Effect.FROZEN, 4_000_000)
    assert "held_beyond_limit" in order.contradicted


def test_a_freeze_behind_another_waits_and_begins_when_it_is_free() -> None:
    prior = PriorFreeze(organ="演练县公安局", currency="CNY", amount_fen=100, expires_at=NOW + timedelta(days=9))
    waiting = take(out(OrderKind.FREEZE), an_answer(out(OrderKind.FREEZE), "1303", prior_freezes=(prior,)))
    assert (waiting.effect, waiting.holding_fen, waiting.prior[0].amount_fen) == (Effect.WAITING, 0, 100)
    later = NOW + timedelta(days=9)
    free = an_answer(waiting, trade=Trade.ACTIVATE, balance_fen=70, frozen_fen=70, started_at=later, at=later)
    order = folded(waiting, activated(waiting, free, 6, HOUSE, later))
    assert (order.effect, order.holding_fen, order.starts_at) == (Effect.FROZEN, 70, later)
    assert folded(order, activated(order, free, 6, HOUSE, later)).contradicted == ("out_of_order",)


@pytest.mark.parametrize(("balance", "claimed", "held_fen"), [(9_000_000, 9_000_000, 4_000_000), (30, 9_000, 30)])
def test_a_freeze_whose_turn_comes_takes_no_more_than_limit_and_balance(
    balance: int, claimed: int, held_fen: int
) -> None:
    waiting = take(out(OrderKind.FREEZE), an_answer(out(OrderKind.FREEZE), "1303"))
    lie = an_answer(waiting, trade=Trade.ACTIVATE, balance_fen=balance, frozen_fen=claimed, started_at=NOW)
    order = folded(waiting, activated(waiting, lie, 6, HOUSE, NOW))
    assert (order.held_fen, order.contradicted) == (held_fen, ("held_beyond_limit",))


def test_renewal_moves_the_end_by_whole_months() -> None:
    order = frozen()
    assert order.ends_at is not None
    renewing = instructed(order, Act.RENEW, Terms(months=6))
    renewed = take(renewing, an_answer(renewing))
    assert renewed.ends_at == prolonged_end(renewing, renewing.instructions[-1], 48)
    assert renewed.ends_at is not None
    assert timedelta(days=180) < renewed.ends_at - order.ends_at < timedelta(days=185)


def test_partial_then_full_release() -> None:
    part = instructed(frozen(), Act.RELEASE, Terms(release_fen=Fen(500_000)))
    order = take(part, an_answer(part, released_fen=500_000))
    assert (order.effect, order.holding_fen, order.released_fen) == (Effect.FROZEN, 2_000_000, 500_000)
    whole = instructed(order, Act.RELEASE, Terms())
    done = take(whole, an_answer(whole))
    assert (done.effect, done.holding_fen, done.released_fen) == (Effect.RELEASED, 0, 2_500_000)


def test_a_release_may_overtake_a_renewal() -> None:
    renewing = instructed(frozen(), Act.RENEW, Terms(months=6))
    made = drafted(renewing, wish(9, Act.RELEASE, Terms(), OrderKind.FREEZE), ground(), DRAFTER, NOW)
    assert made.draft is not None and made.draft.act is Act.RELEASE


def test_a_stop_gives_way_to_the_freeze() -> None:
    order = held()
    assert folded(order, [converted(order, HOUSE, NOW, frozen())]).effect is Effect.CONVERTED


def test_what_may_have_arrived_is_asked_after_before_it_goes_again() -> None:
    order = out()
    doubtful = folded(order, [lost(order.instructions[-1], HOUSE, NOW, "timeout")])
    unknown = doubtful.instructions[-1]
    assert unknown.delivery is Delivery.UNKNOWN
    with pytest.raises(Exception, match="no_such_move"):
        folded(doubtful, [sent(unknown, HOUSE, NOW)])
    again = folded(doubtful, [asked(unknown, HOUSE, NOW, "not_known")])
    assert again.instructions[-1].delivery is Delivery.QUEUED
    found = folded(doubtful, [asked(unknown, HOUSE, NOW, "working")])
    assert found.instructions[-1].delivery is Delivery.SENT


def test_a_dead_one_is_taken_up_again_by_asking_and_still_takes_its_answer() -> None:
    order = out()
    doubtful = folded(order, [lost(order.instructions[-1], HOUSE, NOW, "timeout")])
    dead = folded(doubtful, [given_up(doubtful.instructions[-1], HOUSE, NOW, "unreachable")])
    assert dead.unseen == ("unreachable",)
    assert folded(dead, [revived(dead.instructions[-1], DRAFTER, NOW, "line is up")]).unseen == ()
    late = take(dead, an_answer(dead, balance_fen=5, held_fen=5, started_at=NOW))
    assert late.effect is Effect.HELD


def test_a_part_of_an_answer_leaves_the_rest_awaited() -> None:
    order = out(OrderKind.QUERY)
    part = take(order, an_answer(order, final=False, parts=2, trade=Trade.QUERY_DETAILS))
    assert (part.effect, part.instructions[-1].delivery) == (Effect.APPROVED, Delivery.SENT)
    rest = take(part, an_answer(part, part=2, parts=2, trade=Trade.QUERY_DETAILS))
    assert rest.effect is Effect.ANSWERED


def test_an_answer_that_nobody_asked_for_is_noted() -> None:
    order = applied(opened())
    waiting = replace(order, instructions=(replace(order.instructions[-1], delivery=Delivery.UNSENT),))
    assert take(waiting, an_answer(waiting)).contradicted == ("answer_unasked",)


def test_a_bank_that_lets_more_go_than_it_was_told_is_believed_and_looked_at() -> None:
    order = instructed(frozen(), Act.RELEASE, Terms(release_fen=Fen(1_000_000)))
    freed = take(order, an_answer(order, trade=Trade.RELEASE, released_fen=1_500_000))
    assert (freed.effect, freed.holding_fen, freed.unseen) == (Effect.FROZEN, 1_000_000, ("released_more",))


def test_an_activation_that_refuses_activates_nothing() -> None:
    waiting = take(out(OrderKind.FREEZE), an_answer(out(OrderKind.FREEZE), "1302", trade=Trade.FREEZE))
    assert waiting.effect is Effect.WAITING
    for told in ({"result": "0801"}, {"result": "0000", "final": False}):
        lie = an_answer(waiting, trade=Trade.ACTIVATE, frozen_fen=1, **told)
        after = folded(waiting, activated(waiting, lie, 6, HOUSE, NOW))
        assert (after.effect, after.unseen) == (Effect.WAITING, ("out_of_order",))


def test_what_waits_falls_with_its_order_but_not_the_very_instruction_that_ended_it() -> None:
    order = held()
    for number, act in enumerate((Act.EXTEND, Act.LIFT), start=2):
        order = folded(order, [drafted(order, wish(number, act, Terms()), ground(), DRAFTER, NOW)])
    order = countersigned(order)
    lift = order.instructions[-1]
    assert lift.delivery is Delivery.QUEUED, "a restored house may hear the answer of what it never sent"
    reading = Reading(
        order=order, instruction=lift, answer=an_answer(order), stop_hours=LAW.stop.hours, by=HOUSE, now=NOW
    )
    ending = answered(reading)
    after = folded(order, [*ending, *fallen_with(order, ending, HOUSE, NOW)])
    assert after.effect is Effect.LIFTED
    assert [each.paper for each in after.instructions] == [Paper.SIGNED, Paper.CANCELLED, Paper.SIGNED]
    assert fallen_with(after, [], HOUSE, NOW) == []
