"""Rejected rows read in one pass are the rows that pages of them are."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.ledger import writing
from fanzha.adapters.ledger.reading import read_rejections
from fanzha.adapters.ledger.rejections import all_rejections
from fanzha.records.statements.cleaning import CleanBatch
from tests.adapters.ledger.test_import_rows import packages, write


@settings(deadline=None, max_examples=40)
@given(imports=packages(), small_groups=st.booleans())
def test_one_pass_finds_what_the_pages_hold(imports: list[list[CleanBatch]], small_groups: bool) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        if small_groups:
            patch.setattr(writing, "ROWS_PER_GROUP", 4)
        for written in write(Path(folder), imports):
            total, paged = read_rejections(written, offset=0, limit=1_000_000)
            found = all_rejections(written)
            assert len(found) == total
            assert [found.at(place) for place in range(len(found))] == paged
