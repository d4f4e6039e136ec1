"""Each story keeps what it promises, and told again it is the same to the fen and the second."""

from __future__ import annotations

import pytest

from fanzha.apps.stories.book import BOOK, played, story
from fanzha.apps.stories.stage import staged
from fanzha.settings import Settings


@pytest.mark.parametrize("name", list(BOOK))
def test_a_story_keeps_its_promises(name: str, unfounded: Settings) -> None:
    with staged(story(name).cast, unfounded) as stage:
        told = played(name, stage)
        assert told.holds, [each for each in told.facts if not each.holds]
        assert {"done_twice", "fen_missing"} <= {each.name for each in told.facts}
        assert any(each.aim for each in told.facts)
