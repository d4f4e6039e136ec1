"""A payment that was told wrongly is put right: the wrong one counts no more, and who was stopped by it is let go."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.apps.stories.book import story
from fanzha.apps.stories.corrections import LOST
from fanzha.apps.stories.stage import CHASING, staged
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.views.incidents import AskedPayment, IncidentView
from fanzha.cases.incident import Incident, Source
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order, Paper
from fanzha.settings import Settings
from fanzha.wiring.chase import draft_move
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.incident_summaries import summary_of
from fanzha.wiring.incidents import NewPaid, NewReport, take_report
from fanzha.wiring.orders import sign
from tests.apps.web.client import Client
from tests.apps.web.order_house import ORIGIN, placed
from tests.journeys.test_chase import LOST as ALL_OF_IT
from tests.journeys.test_chase import MULE, VICTIM, Night, night
from tests.journeys.test_no_such_account import told_wrongly
from tests.simulation.making import FIRST, opening

__all__ = ["night"]
BYSTANDER, WHO = "9999990000000001096", "测试·无辜"
THEIRS = 9_000_00
WHY = "测试:报警人看错一位"
FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')


def asked(new: NewPaid, instead: str, reason: str = WHY) -> AskedPayment:
    return AskedPayment(
        institution=new.institution,
        payee=new.payee,
        payee_name=new.payee_name,
        amount_fen=new.amount_fen,
        at=new.at,
        instead=instead,
        reason=reason,
    )


def test_a_number_that_no_bank_knows_is_put_right_from_its_line_and_counts_no_more(unfounded: Settings) -> None:
    with staged(story("wrong-digit").cast, unfounded) as stage:
        data = HouseData(stage.house)
        paid, told = told_wrongly(stage)
        stage.allow(CHASING, told, excluded=frozenset())
        stage.until(20)
        before = data.incident(stage.officer, told.number)
        (line,) = before.todo
        assert (line.what, line.payment, before.line.doubtful_fen) == ("0300", told.payments[0].key, LOST)
        with pytest.raises(Invalid):
            data.add_told_payment(stage.officer, told.number, asked(paid, line.payment, reason=" "))
        data.add_told_payment(stage.officer, told.number, asked(paid, line.payment))
        after = data.incident(stage.officer, told.number)
        assert (after.line.lost_fen, after.todo) == (LOST, [])
        assert after.line.recoverable_fen > 0, "there is hope again, and for no more than was lost"
        assert after.line.recoverable_fen + after.line.doubtful_fen == LOST
        stage.until(35)
        after = data.incident(stage.officer, told.number)
        assert (after.line.lost_fen, after.line.holding_fen, after.line.doubtful_fen) == (LOST, LOST, 0)
        assert [each.layer for each in after.accounts] == [1], "the chase knows the wrong one no more"
        assert after.graph is not None
        assert {part.state for box in after.graph.boxes for part in box.tells} == {"held"}, "nor does the picture"
        corrected = next(each for each in after.steps if each.kind == "corrected")
        assert (corrected.words, corrected.by, corrected.instead) == (WHY, stage.officer.name, before.payments[0].payee)
        assert [each.kind for each in after.steps].count("payment") == 1, "what was told first stays in the history"
        with pytest.raises(Illegal):
            data.add_told_payment(stage.officer, told.number, asked(paid, line.payment))


def wrongly_stopped(night: Night, *, by_hand: bool) -> tuple[Incident, Order]:
    """The report names the account of somebody who has nothing to do with it, and their bank stops it."""
    began = night.paid_at - timedelta(days=99)
    night.run.world.open({FIRST: [replace(opening(BYSTANDER, THEIRS, name=WHO), opened_at=began)]})
    if not by_hand:
        night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(2)
    wrong = NewPaid(
        institution="bank-1", payee=BYSTANDER, payee_name=WHO, amount_fen=ALL_OF_IT, at=night.paid_at, payer=VICTIM
    )
    new = NewReport(
        source=Source.EMERGENCY, reported_at=night.run.clock.now(), payments=(wrong,), identity_checked=True
    )
    told = night.at(night.desk.drafter, lambda desk: take_report(desk, new))
    if by_hand:
        account = told.payments[0].payee
        draft = night.at(night.desk.drafter, lambda desk: draft_move(desk, told.number, OrderKind.STOP, account))
        night.at(night.desk.second, lambda desk: sign(desk, draft.id, draft.instructions[0].id))
    night.pass_minutes(1)
    (stop,) = night.orders(OrderKind.STOP)
    assert (stop.effect, stop.held_fen) == (Effect.HELD, THEIRS)
    return told, stop


def put_right(night: Night, told: Incident) -> IncidentView:
    right = NewPaid(institution="bank-1", payee=MULE, payee_name="测试·甲", amount_fen=ALL_OF_IT, at=night.paid_at)
    data = HouseData(night.desk.house)
    data.add_told_payment(night.desk.drafter, told.number, asked(right, told.payments[0].key))
    night.pass_minutes(1.5)
    return data.incident(night.desk.drafter, told.number)


def test_who_was_stopped_by_a_wrong_number_is_let_go_at_once_and_the_right_account_is_stopped(night: Night) -> None:
    told, stop = wrongly_stopped(night, by_hand=False)
    view = put_right(night, told)
    first, second = night.orders(OrderKind.STOP)
    assert (first.id, first.effect) == (stop.id, Effect.LIFTED)
    assert [each.act for each in first.instructions] == [Act.APPLY, Act.LIFT]
    assert (second.effect, second.holding_fen) == (Effect.HELD, ALL_OF_IT)
    assert (view.line.lost_fen, view.line.holding_fen, view.line.doubtful_fen) == (ALL_OF_IT, ALL_OF_IT, 0)
    assert told.payments[0].payee not in {each.target.subject for each in night.orders(OrderKind.QUERY)}


def test_a_stop_that_people_signed_waits_for_one_to_let_it_go_and_says_so_once(night: Night) -> None:
    told, _ = wrongly_stopped(night, by_hand=True)
    view = put_right(night, told)
    (stop,) = night.orders(OrderKind.STOP)
    assert (stop.effect, set(stop.unseen)) == (Effect.HELD, {"alarm.share", "alarm.release"})
    assert {each.order.number for each in view.todo} == {stop.number}
    offered = [each for each in view.todo if each.then == "let_go"]
    assert [(each.order.number, each.code) for each in offered] == [(stop.number, "release")]
    rang = len([each for each in view.steps if each.kind == "rang"])
    night.pass_minutes(20)
    again = HouseData(night.desk.house).incident(night.desk.drafter, told.number)
    assert len([each for each in again.steps if each.kind == "rang"]) == rang


def test_its_release_is_drafted_in_one_press(night: Night, tmp_path: Path) -> None:
    told, _ = wrongly_stopped(night, by_hand=True)
    put_right(night, told)
    (stop,) = night.orders(OrderKind.STOP)
    app = placed(night.desk.house, {"officer": night.desk.drafter}, tmp_path)
    headers, cookies = {"origin": ORIGIN, "accept-language": "zh"}, {"fanzha": "token-of-officer"}
    with Client(app, base_url=ORIGIN, headers=headers, cookies=cookies) as client:
        page = client.get(f"/incidents/{told.number}").text
        (form,) = re.findall(rf'<form[^>]*action="/orders/{stop.number}/do/let_go">.*?</form>', page)
        pressed = client.post(f"/orders/{stop.number}/do/let_go", data=dict(FIELD.findall(form)))
        assert (pressed.status_code, pressed.headers["location"]) == (303, f"/orders/{stop.number}")
        assert "/do/let_go" not in client.get(f"/incidents/{told.number}").text, "its end is drafted already"
    (stop,) = night.orders(OrderKind.STOP)
    drafted = stop.instructions[-1]
    assert (drafted.act, drafted.paper, stop.effect) == (Act.LIFT, Paper.DRAFT, Effect.HELD)
    night.at(night.desk.second, lambda desk: sign(desk, stop.id, drafted.id))
    night.pass_minutes(2)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.effect is Effect.LIFTED


def test_a_draft_for_a_wrong_number_is_taken_back_and_reports_are_found_by_what_stands(night: Night) -> None:
    night.pass_minutes(2)
    told, other = night.report(), night.report()
    account = told.payments[0].payee
    night.pass_minutes(1)
    night.at(night.desk.drafter, lambda desk: draft_move(desk, told.number, OrderKind.STOP, account))
    data = HouseData(night.desk.house)
    assert data.gangs(night.desk.drafter) == [[told.number, other.number]]
    right = NewPaid(institution="bank-1", payee=BYSTANDER, payee_name=WHO, amount_fen=ALL_OF_IT, at=night.paid_at)
    data.add_told_payment(night.desk.drafter, told.number, asked(right, told.payments[0].key))
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.effect is Effect.CANCELLED
    assert data.gangs(night.desk.drafter) == []
    naming = IncidentQuery(payee=account)
    found = night.at(night.desk.drafter, lambda desk: incidents(desk.connection, naming))
    assert [each.number for each in found] == [other.number]
    summary = night.at(night.desk.drafter, lambda desk: summary_of(desk, scene(desk, told.number), hidden=True))
    assert (summary.lost_fen, len(summary.payments)) == (ALL_OF_IT, 1)
