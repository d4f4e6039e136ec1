"""How long a trace looks is told as people write it, up to ten years."""

import pytest

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.question import HOUR_S, LONGEST_HORIZON_S, Question, horizon_seconds

DAY_S = 24 * HOUR_S


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0),
        ("72h", 72 * HOUR_S),
        ("90m", 5_400),
        ("30d", 30 * DAY_S),
        ("10y", 3_650 * DAY_S),
        (" 2Y ", 730 * DAY_S),
    ],
)
def test_horizons_are_read(told: str, seconds: int) -> None:
    assert horizon_seconds(told) == seconds
    assert Question(starts=(0,), horizon_s=seconds).horizon_s == seconds


def test_a_longer_one_is_refused_with_the_limit() -> None:
    with pytest.raises(Invalid) as refused:
        Question(starts=(0,), horizon_s=horizon_seconds("11y"))
    assert refused.value.fields["most"] == LONGEST_HORIZON_S // HOUR_S


@pytest.mark.parametrize("told", ["", "-1h", "ten years", "1w", "y"])
def test_what_cannot_be_read_is_said(told: str) -> None:
    with pytest.raises(Invalid, match="unread_horizon"):
        horizon_seconds(told)
