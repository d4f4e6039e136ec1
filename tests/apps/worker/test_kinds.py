"""Every kind of short work is done by exactly one sort of worker, and what a report waits for by the first."""

from __future__ import annotations

import threading

import pytest

from fanzha.apps.cli.serve import workers
from fanzha.apps.worker import FIRST, SHORT, SPARE
from fanzha.apps.worker.jobs import BATCHES, FIRST_BATCHES, URGENT
from fanzha.apps.worker.run import work_short
from fanzha.settings import Settings
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK
from fanzha.wiring.institution_mail import MESSAGE_WORK


def test_what_a_report_waits_for_is_done_apart_from_what_may_wait() -> None:
    assert not set(FIRST_BATCHES) & set(BATCHES)
    assert REPORT_WORK in FIRST_BATCHES
    assert CHASE_WORK in BATCHES


def test_a_look_that_may_wait_is_not_urgent_and_everything_on_the_way_to_the_next_layer_is() -> None:
    assert set(URGENT) == {REPORT_WORK, MESSAGE_WORK, NEXT_WORK}
    assert {MESSAGE_WORK, NEXT_WORK, CHASE_WORK} <= set(BATCHES)


def test_however_many_workers_there_are_one_is_for_what_nobody_may_wait_for() -> None:
    arguments = [list(each.arguments) for each in workers(Settings(short_workers=2, workers=2))]
    assert arguments.count([FIRST]) == 1
    assert arguments.count([SHORT]) == arguments.count([SHORT, SPARE]) == 1


@pytest.mark.parametrize("helps_out", [False, True])
def test_who_helps_out_seals_and_clears_nothing(house: House, monkeypatch: pytest.MonkeyPatch, helps_out: bool) -> None:
    """A house with two workers for short work sealed its audit twice a second."""
    ending, begun = threading.Event(), list[House]()

    def rounds(_ending: threading.Event, of: House) -> list[threading.Thread]:
        begun.append(of)
        return []

    ending.set()
    monkeypatch.setattr("fanzha.apps.worker.run.rounds_until", rounds)
    work_short(ending, house, helps_out=helps_out)
    assert begun == ([] if helps_out else [house])
