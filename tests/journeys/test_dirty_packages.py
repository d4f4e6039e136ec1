"""Packages as institutions send them, through the command line: what is known about them must come out, once."""

from collections.abc import Iterator

import pytest

from tests.databases import TestServer
from tests.packages import driving, package
from tests.packages.scorer import Score

AIM = 0.999
PACKAGES = [
    *((seed, package.Dirt()) for seed in range(100, 108)),
    *((seed, package.NASTY) for seed in range(200, 204)),
]


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[list[Score]]:
    with driving.installation(postgres):
        yield [
            driving.judge_package(
                package.make_package(seed, dirt=dirt), tmp_path_factory.mktemp("package"), f"J-{seed}"
            )
            for seed, dirt in PACKAGES
        ]


def test_a_dozen_packages_are_understood(scores: list[Score]) -> None:
    verdict = "\n".join(score.text(limit=8) for score in scores if score.faults)
    answered = sum(score.answered - score.neutral for score in scores)
    right = sum(score.right for score in scores)
    assert right / sum(score.expected for score in scores) >= AIM, verdict
    assert right / answered >= AIM, verdict
    assert not any(score.doubles for score in scores), verdict


def test_every_row_is_accounted_for(scores: list[Score]) -> None:
    wrong = [fault for score in scores for fault in score.faults if "row" in fault.kind or "file" in fault.kind]
    assert not wrong, wrong
