"""Two imports of one file at once: its rows come in once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.errors import Conflict
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.quality import case_quality
from fanzha.wiring.reading import Reached
from fanzha.wiring.statements import import_files
from tests.wiring.statement import written


def test_a_file_that_a_rival_brought_in_meanwhile_is_not_counted_twice(
    house: House, case: Case, county_actor: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path)
    rivals: list[str] = []

    def rival(at: Reached) -> None:
        if at.stage == "reading" and not rivals:
            rivals.append(at.path)
            import_files(house, county_actor, case.ref, [file])

    with pytest.raises(Conflict, match="imported_meanwhile"):
        import_files(house, county_actor, case.ref, [file], progress=rival)
    assert case_quality(house, county_actor, case.ref).totals()["data"] == 1
