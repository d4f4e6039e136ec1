"""A file's time is limited: what takes longer is stopped by name, and the others come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.adapters.store.imports import list_imports
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.quality import case_quality
from fanzha.wiring.reading import Reached
from fanzha.wiring.statements import import_files
from tests.wiring.statement import HEADER, written

SLOW = "slow.csv"


@pytest.fixture
def hurried(house: House) -> House:
    return replace(house, settings=house.settings.model_copy(update={"file_seconds": 10, "import_seconds": 100}))


def ticking(clock: SetClock, seconds: int, name: str) -> object:
    """A clock that goes on by so much with each batch of this file."""

    def tick(at: Reached) -> None:
        if at.path == name and at.stage == "reading":
            clock.move(timedelta(seconds=seconds))

    return tick


def test_a_slow_file_is_named_and_those_beside_it_are_whole(
    hurried: House, case: Case, county_actor: Actor, clock: SetClock, tmp_path: Path
) -> None:
    files = [written(tmp_path, SLOW, "1.00"), written(tmp_path, "quick.csv", "2.00")]
    done = import_files(hurried, county_actor, case.ref, files, progress=ticking(clock, 11, SLOW))  # type: ignore[arg-type]
    told = [each.error() for each in done.faults] + [s for s in done.sheets if s.fault]
    (fault,) = done.faults
    assert (fault.code, fault.place, fault.fields["seconds"]) == ("files.too_slow", SLOW, 10), told
    assert case_quality(hurried, county_actor, case.ref).totals()["accepted"] == 1


def test_what_took_too_long_may_come_again(
    hurried: House, case: Case, county_actor: Actor, clock: SetClock, tmp_path: Path
) -> None:
    files = [written(tmp_path, SLOW, "1.00")]
    import_files(hurried, county_actor, case.ref, files, progress=ticking(clock, 11, SLOW))  # type: ignore[arg-type]
    again = import_files(hurried, county_actor, case.ref, files)
    assert again.repeats == [] and case_quality(hurried, county_actor, case.ref).totals()["accepted"] == 1


def test_all_files_together_have_a_limit_too(
    hurried: House, case: Case, county_actor: Actor, clock: SetClock, tmp_path: Path
) -> None:
    files = [written(tmp_path, f"{n}.csv", f"{n + 1}.00") for n in range(4)]

    def tick(at: Reached) -> None:
        clock.move(timedelta(seconds=9 if at.stage == "reading" else 7))

    with pytest.raises(Invalid) as stopped:
        hasty = replace(hurried, settings=hurried.settings.model_copy(update={"import_seconds": 5}))
        import_files(hasty, county_actor, case.ref, files, progress=tick)
    assert stopped.value.code == "files.too_slow" and stopped.value.fields["seconds"] == 5
    with hurried.act(county_actor) as connection:
        assert list_imports(connection, case.id) == []


def test_progress_is_told_in_bytes_of_the_whole(house: House, case: Case, county_actor: Actor, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    row = "9999990000000000017,测试·甲,2026-03-01 09:12:05,{n}.00,,进,9999990000000000025,测试·乙,转账,成功\n"
    long.write_text(HEADER + "".join(row.format(n=n) for n in range(1, 70_000)), "gb18030")
    files = [written(tmp_path, "first.csv"), long]
    told: list[Reached] = []
    import_files(house, county_actor, case.ref, files, progress=told.append)
    whole = sum(each.stat().st_size for each in files)
    reading = [each for each in told if each.stage == "reading"]
    assert {each.whole_bytes for each in reading} == {whole}
    done = [each.done_bytes for each in reading]
    assert done == sorted(done) and 0.4 * whole < done[-2] < 0.95 * whole <= done[-1] <= whole
    assert (told[-1].stage, told[-1].done_bytes) == ("reconciling", whole)
    assert [each.file for each in told if each.stage == "opening"] == [1, 2]
