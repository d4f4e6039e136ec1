"""What lapses is called for before it does, also where the law names no reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fanzha.orders.clocks import ClockKind, Weight, clocks_of
from fanzha.orders.effects import Effect, OrderKind
from tests.orders.making import LAW, NOW, applied, opened


def test_a_watch_is_called_for_a_day_before_it_ends() -> None:
    watching = replace(
        applied(opened(OrderKind.MONITOR)), effect=Effect.ON, starts_at=NOW, ends_at=NOW + timedelta(days=30)
    )
    assert [(each.kind, each.weight, each.rings_at - NOW) for each in clocks_of(watching, LAW)] == [
        (ClockKind.ALARM, Weight.REMINDER, timedelta(days=29)),
        (ClockKind.LAPSE, Weight.END, timedelta(days=30)),
    ]


def test_the_release_of_unrelated_money_is_called_for_a_day_before_its_alarm() -> None:
    held = replace(
        applied(opened()), effect=Effect.HELD, starts_at=NOW, ends_at=NOW + timedelta(hours=48), unrelated_at=NOW
    )
    release = [each for each in clocks_of(held, LAW) if each.kind is ClockKind.RELEASE]
    assert [each.weight for each in release] == [Weight.REMINDER, Weight.ALARM]
    assert release[1].rings_at - release[0].rings_at == timedelta(days=1)
