"""Every kind of short work is done by exactly one sort of worker, and what a report waits for by the first."""

from __future__ import annotations

import pytest

from fanzha.apps.cli.serve import workers
from fanzha.apps.processes import NICENESS, NICENESS_OF_SHORT
from fanzha.apps.worker import FIRST, LAYERS, SHORT, SPARE
from fanzha.apps.worker.jobs import BATCHES, FIRST_BATCHES, LAYER_BATCHES, URGENT
from fanzha.apps.worker.run import niceness_of
from fanzha.settings import Settings
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK
from fanzha.wiring.institution_mail import MESSAGE_WORK


def test_what_a_report_waits_for_is_done_apart_from_what_may_wait() -> None:
    assert not set(FIRST_BATCHES) & set(BATCHES)
    assert REPORT_WORK in FIRST_BATCHES
    assert CHASE_WORK in BATCHES


def test_a_look_that_may_wait_is_not_urgent_and_everything_on_the_way_to_the_next_layer_is() -> None:
    assert set(URGENT) == {REPORT_WORK, MESSAGE_WORK, NEXT_WORK}
    assert {MESSAGE_WORK, NEXT_WORK, CHASE_WORK} <= set(BATCHES)


@pytest.mark.parametrize(
    ("many", "sorts"),
    [
        (1, [[SHORT]]),
        (2, [[SHORT, LAYERS], [SHORT, SPARE]]),
        (3, [[SHORT, LAYERS], [SHORT, LAYERS], [SHORT, SPARE]]),
        (4, [[SHORT, LAYERS], [SHORT, LAYERS], [SHORT, SPARE], [SHORT, SPARE]]),
    ],
)
def test_however_many_workers_there_are_one_is_for_what_nobody_may_wait_for(many: int, sorts: list[list[str]]) -> None:
    arguments = [list(each.arguments) for each in workers(Settings(short_workers=many, workers=2))]
    assert arguments.count([FIRST]) == 1
    assert [each for each in arguments if SHORT in each] == sorts
    ways = [niceness_of(each) for each in arguments if SHORT in each]
    assert ways == [0 if LAYERS in each else NICENESS_OF_SHORT for each in sorts]
    assert niceness_of([FIRST]) == 0 < NICENESS_OF_SHORT < niceness_of([]) == NICENESS


def test_somebody_does_every_kind_of_short_work_whatever_the_others_keep_free_for() -> None:
    assert LAYER_BATCHES.items() <= BATCHES.items()
    assert set(URGENT) == {REPORT_WORK, *LAYER_BATCHES}
