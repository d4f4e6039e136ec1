"""What tests of simulated institutions share: ids that are the same whichever tests ran before."""

from __future__ import annotations

from itertools import count

import pytest

from tests.simulation import making


@pytest.fixture(autouse=True)
def own_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance is drawn by application id: a test whose ids hang on those before it would fail once in a hundred runs."""
    monkeypatch.setattr(making, "IDS", count(1_000))
