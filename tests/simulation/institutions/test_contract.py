"""Every kind of simulated institution passes the published contract kit over its own socket."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fanzha.adapters.connectors.kit import Trial, run_kit
from fanzha.adapters.connectors.kit_requests import BLOCKED, Subject
from fanzha.kernel.clock import WallClock
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.arrivals import Arrival
from tests.simulation.institutions.live import live
from tests.simulation.making import BEGAN, FIRST, opening, setup

SUBJECT = Subject()


@pytest.mark.parametrize("kind", InstitutionKind)
def test_it_keeps_the_contract(tmp_path: Path, kind: InstitutionKind) -> None:
    institution = live(tmp_path, told=setup(FIRST, kind))
    institution.start()
    try:
        accounts = [opening(SUBJECT.number, 1_000_000_00, name=SUBJECT.holder)]
        if kind is InstitutionKind.CARRIER:
            accounts = [opening(BLOCKED[kind][1], name=SUBJECT.holder)]
        assert institution.arrange(Arrival(at=BEGAN, opened=tuple(accounts))) == 204
        line = institution.line()
        trial = Trial(
            connector=replace(line, institution=replace(institution.profile, collects=True)),
            subject=SUBJECT,
            now=WallClock().now,
        )
        found = list(run_kit(trial))
    finally:
        institution.close()
    assert not [(each.check, each.said) for each in found if each.holds is False]
    could = {f"trade.{each}" for each in institution.plan.setup.trades}
    tried = {each.check: each.said for each in found if each.check.startswith("trade.") and each.holds}
    assert set(tried) == could
    assert set(tried.values()) <= {"0000", "0900"}, tried
