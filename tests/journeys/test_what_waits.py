"""What a person must do now: the board counts exactly what the record lists, and says each thing once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from fanzha.adapters.store.cases import LOCK_WAIT
from fanzha.adapters.store.incidents import Stakes, all_stakes, keep_stakes
from fanzha.adapters.store.institutions import enter_profile, institution_called
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.views.incidents import IncidentAct, IncidentView
from fanzha.apps.web.views.new_order import AskedOrder
from fanzha.apps.web.views.tables import Query
from fanzha.cases.incident import Incident
from fanzha.kernel.errors import Conflict, Illegal, NotFound
from fanzha.orders.effects import OrderKind
from fanzha.wiring.chase import draft_move, draft_stops
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, add_payment, check_identity, halt
from fanzha.wiring.joining import join_incidents
from fanzha.wiring.orders import sign
from tests.apps.web.client import Client
from tests.apps.web.order_house import ORIGIN, placed
from tests.conftest import CITY, person
from tests.journeys.test_chase import MULE, OTHER, Night, night

__all__ = ["night"]
TIMEOUT_S = 60
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def told(night: Night, number: str) -> tuple[int, IncidentView]:
    """What the board counts and what the record shows of an incident, as the officer sees them."""
    data = HouseData(night.desk.house)
    rows = data.incidents(night.desk.drafter, Query(page=1, size=50, sort="recoverable_fen", descending=True)).rows
    return next(each.waiting for each in rows if each.number == number), data.incident(night.desk.drafter, number)


def listed(view: IncidentView) -> int:
    """How many things the record lists."""
    return view.stops_waiting + len({one.number for each in view.todo for one in each.orders})


def test_a_stop_that_waits_for_a_draft_and_then_for_a_signature_is_one_thing_on_both(night: Night) -> None:
    night.pass_minutes(2)
    new = night.report()
    night.pass_minutes(1)
    counted, view = told(night, new.number)
    assert (counted, view.line.waiting, listed(view), view.stops_waiting) == (1, 1, 1, 1)
    payee = new.payments[0].payee
    stop = night.at(night.desk.drafter, lambda desk: draft_move(desk, new.number, OrderKind.STOP, payee))
    night.run.settle()
    counted, view = told(night, new.number)
    assert (counted, view.line.waiting, listed(view), view.stops_waiting) == (1, 1, 1, 0)
    assert [each.what for each in view.todo] == ["sign"]
    night.at(night.desk.second, lambda desk: sign(desk, stop.id, stop.instructions[0].id))
    counted, view = told(night, new.number)
    assert (counted, view.line.waiting, listed(view)) == (0, 0, 0)


def test_what_people_halted_waits_for_nobody(night: Night) -> None:
    night.pass_minutes(2)
    new = night.report()
    night.at(night.desk.drafter, lambda desk: halt(desk, new.number, "测试:先核实"))
    night.pass_minutes(1)
    counted, view = told(night, new.number)
    assert (counted, listed(view)) == (0, 0)


def test_incidents_chased_together_wait_for_the_same(night: Night) -> None:
    night.pass_minutes(2)
    first, second = night.report(), night.report()
    night.at(night.desk.drafter, lambda desk: join_incidents(desk, first.number, [second.number], "测试:同一团伙"))
    night.pass_minutes(1)
    for each in (first, second):
        counted, view = told(night, each.number)
        assert counted == view.line.waiting == listed(view) == 1


def test_the_board_says_whose_share_a_joined_incident_s_row_tells(night: Night) -> None:
    night.pass_minutes(2)
    first, second = night.report(), night.report()
    night.at(night.desk.drafter, lambda desk: join_incidents(desk, first.number, [second.number], "测试:同一团伙"))
    night.pass_minutes(1)
    data, query = HouseData(night.desk.house), Query(page=1, size=50, sort="recoverable_fen", descending=True)
    for row in data.incidents(night.desk.drafter, query).rows:
        opened = data.incident(night.desk.drafter, row.number).line
        assert row.together == 2
        assert (opened.lost_fen, opened.holding_fen, opened.gone_fen) == (row.lost_fen, row.holding_fen, row.gone_fen)


def test_all_stops_of_a_joined_case_are_drafted_in_one_press(night: Night) -> None:
    night.pass_minutes(2)
    first, second = night.report(), night.report()
    more = NewPaid(institution="bank-2", payee=OTHER, payee_name="测试·丙", amount_fen=50_000, at=night.paid_at)
    night.at(night.desk.drafter, lambda desk: add_payment(desk, second.number, more))
    night.at(night.desk.drafter, lambda desk: join_incidents(desk, first.number, [second.number], "测试:同一团伙"))
    night.pass_minutes(1)
    counted, _ = told(night, first.number)
    assert counted == 2
    data = HouseData(night.desk.house)
    data.act_on_incident(night.desk.drafter, second.number, IncidentAct(act="draft_stops"))
    _, view = told(night, first.number)
    assert (view.stops_waiting, [each.what for each in view.todo]) == (0, ["sign", "sign"])
    with pytest.raises(Conflict):
        data.act_on_incident(night.desk.drafter, first.number, IncidentAct(act="draft_stops"))


@pytest.mark.parametrize("all_at_once", [True, False])
def test_two_officers_who_press_at_once_draft_one_stop(night: Night, all_at_once: bool) -> None:
    night.pass_minutes(2)
    new = night.report()
    night.pass_minutes(1)
    house, payee = night.desk.house, new.payments[0].payee

    def press(desk: Desk) -> object:
        if all_at_once:
            return draft_stops(desk, new.number)
        return draft_move(desk, new.number, OrderKind.STOP, payee)

    with ThreadPoolExecutor(1) as other:
        with house.act(night.desk.drafter) as connection:
            press(Desk(house=house, connection=connection, actor=night.desk.drafter))
            pressed = other.submit(night.at, night.desk.drafter, press)
            until = monotonic() + TIMEOUT_S
            while not waits_for_a_lock(house):
                assert monotonic() < until, "the other officer waits for nobody"
                assert not pressed.done()
            sleep(2 * LOCK_WAIT.total_seconds())
            assert not pressed.done(), "a person waits however long it takes"
        with pytest.raises(Conflict, match="move_gone"):
            pressed.result(TIMEOUT_S)
    assert len(night.orders(OrderKind.STOP)) == 1


def waits_for_a_lock(house: House) -> bool:
    """Whether anybody does, in this database."""
    with house.engine.connect() as connection:
        return bool(connection.scalar(_WAITING))


def test_one_account_s_mismatch_is_one_line_that_says_of_which_orders(night: Night) -> None:
    night.pass_minutes(2)
    new = night.report("测试·错")
    night.authority({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
    night.pass_minutes(10)
    counted, view = told(night, new.number)
    lines = [each for each in view.todo if each.what in {"01", "0301"}]
    assert len(lines) == 1, [(each.what, each.code, [one.number for one in each.orders]) for each in view.todo]
    assert len({one.number for one in lines[0].orders}) == len(lines[0].orders) > 1
    assert counted == view.line.waiting == listed(view)
    data, numbers = HouseData(night.desk.house), [one.number for one in lines[0].orders]
    with pytest.raises(NotFound):
        stray = IncidentAct(act="looked", reason="测试:已核对", orders=[*numbers, "S2026-999999"])
        data.act_on_incident(night.desk.drafter, new.number, stray)
    assert told(night, new.number)[0] == counted
    act = IncidentAct(act="looked", reason="测试:已核对户名", orders=numbers)
    data.act_on_incident(night.desk.drafter, new.number, act)
    counted, view = told(night, new.number)
    assert not {each.number for one in view.todo for each in one.orders} & set(numbers), "one act was about all of them"
    assert counted == view.line.waiting == listed(view)


def test_a_stop_that_lacks_the_holder_s_name_asks_for_it_where_it_was_pressed(night: Night, tmp_path: Path) -> None:
    night.pass_minutes(2)
    new = night.report("")
    night.pass_minutes(1)
    app = placed(night.desk.house, {"officer": night.desk.drafter}, tmp_path)
    headers = {"origin": ORIGIN, "x-csrf": "csrf-of-token-of-officer"}
    (account,) = told(night, new.number)[1].accounts
    pressed, draft = f"/incidents/{new.number}/do/draft", {"kind": "stop", "account": account.key}
    with Client(app, base_url=ORIGIN, headers=headers, cookies={"fanzha": "token-of-officer"}) as client:
        assert client.get(f"/incidents/{new.number}").status_code == 200
        asked = client.post(pressed, data=draft)
        assert (asked.status_code, 'name="holder"' in asked.text, night.orders(OrderKind.STOP)) == (422, True, [])
        drafted = client.post(pressed, data={**draft, "holder": "测试·甲"})
        (stop,) = night.orders(OrderKind.STOP)
        assert (drafted.status_code, drafted.headers["location"]) == (303, f"/orders/{stop.number}")
        again = client.post(pressed, data=draft)
        assert again.status_code == 409 and f'data-incident="{new.number}"' in again.text, "what is gone is told there"


def test_without_a_checked_identity_only_a_bank_that_takes_papers_later_is_asked(night: Night) -> None:
    city, bank = person(CITY, 90), "bank-1"
    with night.desk.house.act(city) as connection:
        strict = replace(institution_called(connection, bank).institution, papers_later=False)
        enter_profile(connection, strict, city, "test", night.desk.house.now(), unit=CITY)
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(2)
    new = night.report(checked=False)
    night.pass_minutes(1)
    assert night.orders(OrderKind.STOP) == []
    counted, view = told(night, new.number)
    (stop,) = [each for account in view.accounts for each in account.moves if each.kind == "stop"]
    assert (stop.waits, counted, listed(view)) == ("papers_first", 1, 1)
    assert [each.desk for each in stop.desks] == ["测试值班"], "whom to ring up"
    payee = new.payments[0].payee
    with pytest.raises(Illegal) as by_hand:
        night.at(night.desk.drafter, lambda desk: draft_move(desk, new.number, OrderKind.STOP, payee))
    assert by_hand.value.code == "orders.papers_first", "a person's stop is not sent before the papers either"
    night.at(night.desk.drafter, lambda desk: check_identity(desk, new.number))
    night.run.settle()
    assert len(night.orders(OrderKind.STOP)) == 1


def test_a_mismatch_is_put_right_from_its_own_line_and_the_money_is_held(night: Night, tmp_path: Path) -> None:
    night.pass_minutes(2)
    new = night.report("测试·错")
    night.authority({OrderKind.STOP})
    night.pass_minutes(10)
    _, view = told(night, new.number)
    (line,) = [each for each in view.todo if each.what == "0301"]
    assert (line.then, view.line.holding_fen) == ("anew", 0)
    data, drafter, before = HouseData(night.desk.house), night.desk.drafter, line.order
    draft = data.order_draft(drafter, before.case, "", "", before.number)
    assert draft.before == before and draft.institution == before.institution.code
    assert MULE not in str(draft), "what is not typed again nobody's browser sees"
    app = placed(night.desk.house, {"officer": drafter}, tmp_path)
    with Client(app, base_url=ORIGIN, headers={}, cookies={"fanzha": "token-of-officer"}) as client:
        page = client.get(f"/incidents/{new.number}").text
        (linked,) = set(re.findall(r'href="(/orders/new[^"]*)"', page))
        form = client.get(unescape(linked))
        assert form.status_code == 200 and f'placeholder="{draft.before.target.shown}"' in form.text
    asked = AskedOrder(
        case=before.case, kind="stop", institution=draft.institution, reason="测试:更正户名", before=before.number
    )
    number = data.open_new_order(drafter, replace(asked, holder="测试·甲"))
    (stop,) = [each for each in night.orders(OrderKind.STOP) if each.number == number]
    first = next(each for each in night.orders(OrderKind.STOP) if each.number == before.number)
    assert stop.target.subject == first.target.subject and stop.target.holder != first.target.holder
    assert stop.payment == first.payment, "account and payment hold where nothing else is said"
    night.at(night.desk.second, lambda desk: sign(desk, stop.id, stop.instructions[0].id))
    night.pass_minutes(2)
    assert told(night, new.number)[1].line.holding_fen > 0
    with pytest.raises(NotFound):
        data.open_new_order(drafter, replace(asked, before="S2026-999999"))


def test_an_incident_s_own_page_tells_what_is_held_before_any_round_wrote_it_down(night: Night) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    new = night.report()
    night.pass_minutes(5)
    _, view = told(night, new.number)
    assert view.line.holding_fen > 0
    nothing = replace(stakes_of(night, new), held_fen=0)
    night.at(night.desk.drafter, lambda desk: keep_stakes(desk.connection, {new.id: nothing}))
    assert told(night, new.number)[1].line.holding_fen == view.line.holding_fen


def stakes_of(night: Night, told: Incident) -> Stakes:
    return night.at(night.desk.drafter, lambda desk: all_stakes(desk.connection, [told.id]))[told.id]
