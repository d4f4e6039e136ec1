"""Whether an institution can be used: the last thing heard counts, a key that ended outweighs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fanzha.registers.institutions import ConnectorKind
from fanzha.registers.reach import UNUSABLE, Contacts, Reach, standing
from tests.registers.institutions import BANK

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("contacts", "reach", "since"),
    [
        (Contacts(), Reach.UNTRIED, None),
        (Contacts(heard_at=NOW, heard_since=NOW - HOUR), Reach.USABLE, NOW - HOUR),
        (Contacts(failed_since=NOW, failure=UNUSABLE), Reach.UNUSABLE, NOW),
        (Contacts(heard_at=NOW - HOUR, failed_since=NOW, failure="connectors.request_failed"), Reach.SILENT, NOW),
        (Contacts(heard_at=NOW - HOUR, failed_since=NOW, failure="tries_used_up"), Reach.SILENT, NOW),
    ],
)
def test_what_was_last_heard_counts(contacts: Contacts, reach: Reach, since: datetime | None) -> None:
    told = standing(BANK, contacts, NOW)
    assert (told.reach, told.since, told.failure) == (reach, since, contacts.failure)


def test_a_key_that_ended_makes_what_it_says_worthless() -> None:
    (key,) = BANK.keys
    ended = replace(BANK, keys=(replace(key, until=NOW - HOUR),))
    told = standing(ended, Contacts(heard_at=NOW, heard_since=NOW), NOW)
    assert (told.reach, told.since) == (Reach.NO_KEY, NOW - HOUR)
    assert standing(ended, Contacts(heard_at=NOW, heard_since=NOW), NOW - 2 * HOUR).reach is Reach.USABLE


def test_paper_has_no_line_to_fail() -> None:
    on_paper = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None)
    assert standing(on_paper, Contacts(failed_since=NOW, failure="by_paper"), NOW).reach is Reach.BY_HAND
