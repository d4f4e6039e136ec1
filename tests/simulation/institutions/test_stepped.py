"""The stepped city: whoever goes from one moment to the next arrives, also where channels are down."""

from __future__ import annotations

from datetime import timedelta

from fanzha.protocol.answer import Receipt
from fanzha.protocol.trades import Trade
from fanzha.simulation.institutions.setup import Profile
from tests.simulation.making import BEGAN, FIRST, UNTROUBLED, asked, city, setup


def test_what_was_told_while_a_channel_is_down_comes_once_it_is_up() -> None:
    world, clock = city(UNTROUBLED.changed(outage__share=1.0), setups=[setup(profile=Profile.AUTOMATIC)])
    sent, heard, kept_back = set[str](), set[str](), 0
    for minute in range(120):
        clock.at = max(clock.at, BEGAN + timedelta(minutes=minute))
        request = asked(Trade.QUERY_HOLDER, clock.at)
        if isinstance(world.send(FIRST, request), Receipt):
            sent.add(request.application_id)
        while (due := world.next_due()) is not None and due <= BEGAN + timedelta(minutes=minute + 1):
            behind = world.institutions[FIRST].outbox.next_due
            kept_back += behind is not None and due > behind
            assert due > clock.at, "the clock would stand for ever"
            clock.at = due
            heard |= {each.application_id for each in world.due()}
    clock.at += timedelta(hours=3)
    assert kept_back and sent and heard | {each.application_id for each in world.due()} >= sent
