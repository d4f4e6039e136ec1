"""The desk in memory does what the house does: the same accounts stopped at the same instants, the same fen held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.apps.chasing.held_share import CITY, scene_of
from fanzha.apps.chasing.stepped_house import compared
from fanzha.settings import Settings
from fanzha.simulation.institutions.setup import Profile
from fanzha.wiring.house import open_house

SHORTLY = timedelta(minutes=9)
"""Seven minutes of chase: two layers are asked and stopped."""


@pytest.mark.parametrize(("banks", "number"), [(Profile.AUTOMATIC.value, 48), (CITY, 54)])
def test_the_house_and_the_desk_in_memory_stop_and_hold_the_same(unfounded: Settings, banks: str, number: int) -> None:
    with open_house(unfounded, "exercise") as house:
        told = compared(house, replace(scene_of(banks, 1), watched=SHORTLY), number, timedelta(minutes=15))
    assert told.alike
    assert told.house, "an incident where nothing was stopped compares nothing"
    assert sum(each.held_fen for each in told.house.values()) > 0
