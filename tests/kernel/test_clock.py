"""Instants that can be kept can also be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fanzha.kernel.clock import LAST, SHANGHAI, rfc3339, utc
from fanzha.kernel.errors import Invalid
from fanzha.protocol.shape import moment_text

EAST, WEST = timezone(timedelta(hours=23)), timezone(timedelta(hours=-23))


@pytest.mark.parametrize(
    "at",
    [
        LAST + timedelta(microseconds=1),
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=WEST),
        datetime.min.replace(tzinfo=EAST),
        datetime.min.replace(tzinfo=SHANGHAI),
    ],
)
def test_an_instant_without_a_day_here_is_refused(at: datetime) -> None:
    for told in (utc, rfc3339, moment_text):
        with pytest.raises(Invalid, match=r"time\.beyond_calendar"):
            told(at)


@pytest.mark.parametrize("at", [LAST, datetime.max.replace(tzinfo=SHANGHAI), datetime.min.replace(tzinfo=UTC)])
def test_the_first_and_the_last_instant_are_shown(at: datetime) -> None:
    assert datetime.fromisoformat(moment_text(at)) == at
