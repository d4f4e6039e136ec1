"""Who can sign between them: the same answer that signing itself would give."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from fanzha.kernel.ids import UserId
from fanzha.orders.order import Capacity
from fanzha.orders.signatories import Signatory, can_sign, unsigned
from fanzha.wiring.law import law_at

CHIEF, SECOND, DEPUTY = (UserId(UUID(int=number)) for number in (1, 2, 3))
BOTH = (Capacity.SECOND_OFFICER.value, Capacity.COUNTY_CHIEF.value)


def signs(who: UserId, capacity: Capacity, stands_for: UserId | None = None) -> Signatory:
    return Signatory(user_id=who, capacity=capacity, stands_for=stands_for)


OFFICER = signs(SECOND, Capacity.SECOND_OFFICER)


@pytest.mark.parametrize(
    ("there", "can"),
    [
        ([OFFICER, signs(CHIEF, Capacity.COUNTY_CHIEF)], True),
        ([OFFICER], False),
        ([OFFICER, signs(SECOND, Capacity.COUNTY_CHIEF)], False),
        ([OFFICER, signs(SECOND, Capacity.COUNTY_CHIEF, CHIEF)], False),
        ([OFFICER, signs(DEPUTY, Capacity.COUNTY_CHIEF, CHIEF)], True),
        ([OFFICER, signs(DEPUTY, Capacity.COUNTY_CHIEF, SECOND)], False),
        ([signs(DEPUTY, Capacity.SECOND_OFFICER), signs(DEPUTY, Capacity.COUNTY_CHIEF, CHIEF), OFFICER], True),
    ],
)
def test_each_signature_needs_somebody_else(there: list[Signatory], can: bool) -> None:
    for order in permutations(there):
        assert can_sign(BOTH, order) is can


def test_with_nobody_everything_of_the_house_stands_still_and_nothing_else_is_told() -> None:
    law = law_at(datetime(2026, 3, 2, tzinfo=UTC))
    told = unsigned(law, [])
    assert {each.kind for each in told} == {"query", "monitor", "stop", "freeze", "block"}
    assert "listed_equity" not in {each.term for each in told}, "a province signs that outside the house"
    left = unsigned(law, [OFFICER])
    assert {each.kind for each in left} == {"query", "monitor", "freeze"}
