"""An exercise reaches simulated institutions only, and paper is carried by people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanzha.adapters.connectors.http import HttpConnector
from fanzha.kernel.errors import Illegal
from fanzha.registers.institutions import ConnectorKind
from fanzha.wiring.connectors import connector_to
from fanzha.wiring.house import House
from tests.registers.institutions import BANK


def test_an_exercise_never_reaches_a_real_institution(house: House) -> None:
    connector = connector_to(house, BANK)
    assert isinstance(connector, HttpConnector)
    assert connector.key().key_id.startswith("centre-")
    with pytest.raises(Illegal, match=r"institutions\.real"):
        connector_to(house, replace(BANK, exercise=False))
    with pytest.raises(Illegal, match=r"institutions\.exercise"):
        connector_to(replace(house, instance=replace(house.instance, birth="live")), BANK)


def test_paper_is_carried_by_people(house: House) -> None:
    with pytest.raises(Illegal, match="by_hand"):
        connector_to(house, replace(BANK, connector=ConnectorKind.PAPER, endpoint=None))
