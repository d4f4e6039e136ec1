"""After the hour: the case is filed, what is held is frozen before its stop lapses, the victim hears of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.clock_rows import Running, running_clocks
from fanzha.adapters.store.incidents import incident_numbered
from fanzha.adapters.store.orders import entries_of, orders_of
from fanzha.cases.case import CaseState
from fanzha.cases.incident import IncidentState
from fanzha.kernel.errors import Forbidden, Illegal, Invalid
from fanzha.kernel.ids import OrderId
from fanzha.kernel.money import fen
from fanzha.orders.clocks import ClockKind
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Paper
from fanzha.wiring.after_hour import file_and_freeze, follow_up, follow_up_due, keep_evidence
from fanzha.wiring.chase_look import Look, look_at
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.desk import Desk
from fanzha.wiring.incident_summaries import summary_of, take_summary
from fanzha.wiring.incidents import close_incident
from fanzha.wiring.joining import join_incidents
from fanzha.wiring.orders import sign
from tests.journeys.test_chase import LOST, MULE, Night, night

__all__ = ["night"]


def test_one_act_files_the_case_and_drafts_a_freeze_for_every_held_account(night: Night) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.holding_fen == LOST
    with pytest.raises(Forbidden):
        night.at(night.desk.second, lambda desk: file_and_freeze(desk, told.number, "测试"))
    kept = night.at(night.desk.drafter, lambda desk: case_of(desk.connection, told.case_id)).retention
    (freeze,) = night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, told.number, "测试:立案"))
    filed = night.at(night.desk.drafter, lambda desk: case_of(desk.connection, told.case_id))
    assert (filed.state, kept, filed.retention) == (CaseState.FILED, "incident", "criminal")
    (drafted,) = freeze.instructions
    assert (drafted.paper, drafted.terms.limit_fen, drafted.terms.months) == (Paper.DRAFT, LOST, 6)
    assert freeze.target.subject == stop.target.subject
    with pytest.raises(Illegal, match="nothing_to_freeze"):
        night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, told.number, "测试:再次"))
    for signer in (night.desk.second, night.desk.chief):
        night.at(signer, lambda desk: sign(desk, freeze.id, drafted.id))
    night.pass_minutes(5)
    (frozen,) = night.at(night.desk.drafter, lambda desk: orders_of(desk.connection, [freeze.id]))
    assert (frozen.effect, frozen.holding_fen) == (Effect.FROZEN, LOST)


@pytest.mark.parametrize("filed", [False, True])
def test_nobody_is_called_to_file_what_is_filed(night: Night, filed: bool) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)
    (stop,) = night.orders(OrderKind.STOP)
    if filed:
        night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, told.number, "测试:立案"))
    night.pass_minutes(24 * 60)
    rang = night.at(night.desk.drafter, lambda desk: [each.code for each in entries_of(desk.connection, stop.id)])
    assert ("reminder.file_case" in rang) is not filed


def to_file(desk: Desk) -> set[OrderId]:
    """The orders whose case somebody is told to file."""
    wanted = Running(kinds=(CLOCK_WORK,), clocks=(ClockKind.FILE_CASE,))
    return {each.order_id for each in running_clocks(desk.connection, wanted)[1]}


def test_nobody_is_called_to_file_what_is_filed_in_the_case_that_it_was_joined_to(night: Night) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)
    (stop,) = night.orders(OrderKind.STOP)
    home = night.report()
    night.at(night.desk.drafter, lambda desk: join_incidents(desk, home.number, [told.number], "测试:并案"))
    assert night.at(night.desk.drafter, to_file) == {stop.id}
    night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, home.number, "测试:立案"))
    assert night.at(night.desk.drafter, to_file) == set()
    night.pass_minutes(24 * 60)
    rang = night.at(night.desk.drafter, lambda desk: [each.code for each in entries_of(desk.connection, stop.id)])
    assert "reminder.file_case" not in rang


def test_what_cannot_be_frozen_is_told_and_hinders_nobody(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)

    def fails(*_: object) -> None:
        raise Invalid("orders.no_holder")

    monkeypatch.setattr("fanzha.wiring.after_hour.open_order", fails)
    assert night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, told.number, "测试:立案")) == []
    assert list(night.incident().balked.values()) == ["orders.no_holder"]


def test_where_nothing_is_traced_nothing_is_frozen_unasked(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Money that lies on a stopped account without a fen of the victim's may be the holder's own."""
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)

    def untraced(desk: Desk, number: str) -> Look:
        look = look_at(desk, number)
        facts = {one: replace(each, lead=replace(each.lead, fen=fen(0))) for one, each in look.facts.items()}
        return replace(look, facts=facts)

    monkeypatch.setattr("fanzha.wiring.after_hour.look_at", untraced)
    assert night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, told.number, "测试:立案")) == []
    assert list(night.incident().balked.values()) == ["incidents.nothing_traced"]
    assert not night.orders(OrderKind.FREEZE)


def test_evidence_and_the_victim_are_followed_up_when_the_chase_is_over(night: Night) -> None:
    night.pass_minutes(2)
    told = night.report()
    due = follow_up_due(told)
    night.at(night.desk.drafter, lambda desk: close_incident(desk, told.number, "测试:已办结"))
    night.at(night.desk.drafter, lambda desk: keep_evidence(desk, told.number, "slips", "测试:卷宗第3页"))
    night.at(night.desk.drafter, lambda desk: follow_up(desk, told.number, "测试:已告知止付情况"))
    with pytest.raises(Invalid):
        night.at(night.desk.drafter, lambda desk: keep_evidence(desk, told.number, "rumour", "测试"))
    now = night.at(night.desk.drafter, lambda desk: incident_numbered(desk.connection, told.number))
    assert (now.state, now.evidence, now.follow_ups) == (IncidentState.CLOSED, frozenset({"slips"}), 1)
    later = follow_up_due(now)
    assert due is not None and later is not None and later > due


def test_the_summary_repeats_and_hides_what_nobody_may_read(night: Night) -> None:
    night.authority({OrderKind.STOP})
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(5)
    first = take_summary(night.desk.house, night.desk.drafter, told.number, "")
    night.pass_minutes(1)
    assert take_summary(night.desk.house, night.desk.drafter, told.number, "").sha256 == first.sha256
    for hidden in (True, False):
        page = night.at(night.desk.drafter, lambda desk: summary_of(desk, scene(desk, told.number), hidden=hidden))  # noqa: B023
        assert (page.accounts[0].account == MULE) is not hidden
        assert page.held_fen == page.lost_fen == LOST
        assert "identity" in page.evidence
    page = night.at(
        night.desk.drafter, lambda desk: summary_of(desk, scene(desk, told.number), hidden=True, language="en")
    )
    assert page.unit.isascii() and page.payments[0].institution.isascii()
