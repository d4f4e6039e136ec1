"""Marks on pictures are added and never edited, seen by who sees the case, and gone with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import move_case, open_case
from fanzha.adapters.store.erasures import ask_erasure, erase_case
from fanzha.adapters.store.picture_marks import add_mark, picture_marks
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.units import Actor
from fanzha.tracing.picture import marks
from fanzha.tracing.picture.marks import NewMark, read_mark
from tests.adapters.store.evidence import CLASSES, plant
from tests.conftest import COUNTY, person

PICTURE, OTHER_PICTURE = "0123456789abcdef", "fedcba9876543210"
SECOND = person(COUNTY, 22)


def note(after: int) -> NewMark:
    """A note behind an entry."""
    return read_mark({"kind": "note", "after": after, "node": "others@2", "text": "测试·甲的车手"})


@pytest.fixture
def case(engine: Engine, county_actor: Actor, now: datetime) -> Case:
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        return open_case(connection, "测试案件", "incident", county_actor, now)


def test_marks_of_a_picture_are_kept_in_their_order(
    engine: Engine, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        pin = read_mark({"kind": "pin", "after": 1, "places": [{"node": "nobody@0", "x": 1.25, "y": -3}]})
        add_mark(connection, case.id, PICTURE, note(0), county_actor, now)
        added = add_mark(connection, case.id, PICTURE, pin, county_actor, now)
        add_mark(connection, case.id, OTHER_PICTURE, note(0), county_actor, now)
        with pytest.raises(Conflict, match="marked_since"):
            add_mark(connection, case.id, PICTURE, note(1), county_actor, now)
        assert picture_marks(connection, case.id, PICTURE) == added
        assert added.pins == {"nobody@0": (1.25, -3.0)} and added.latest == 2
        told = [each.act for each in entries_of(connection, "case", str(case.id), 10)]
        assert [each.detail for each in told if each.action == "case.picture_marked"][::-1] == [
            {"value": "note", "entry": 1},
            {"value": "pin", "entry": 2},
            {"value": "note", "entry": 1},
        ]


def test_the_marks_of_all_pictures_of_a_case_are_counted_together(
    engine: Engine, case: Case, county_actor: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "CASE_MARKS", 2)
    with unit_of_work(engine, county_actor, now) as connection:
        other = open_case(connection, "另一测试案件", "incident", county_actor, now)
        add_mark(connection, case.id, PICTURE, note(0), county_actor, now)
        add_mark(connection, case.id, OTHER_PICTURE, note(0), county_actor, now)
        with pytest.raises(Invalid, match="case_too_many_marks"):
            add_mark(connection, case.id, "0" * 16, note(0), county_actor, now)
        add_mark(connection, other.id, PICTURE, note(0), county_actor, now)


def test_nobody_edits_a_mark(engine: Engine, case: Case, county_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        add_mark(connection, case.id, PICTURE, note(0), county_actor, now)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        unit_of_work(engine, county_actor, now) as connection,
    ):
        connection.execute(text("UPDATE picture_mark SET made = '{}'"))


def test_marks_are_not_seen_elsewhere(
    engine: Engine, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        add_mark(connection, case.id, PICTURE, note(0), county_actor, now)
    with unit_of_work(engine, other_actor, now) as connection:
        assert picture_marks(connection, case.id, PICTURE).history == ()
        with pytest.raises(NotFound):
            add_mark(connection, case.id, PICTURE, note(0), other_actor, now)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM picture_mark")) == 0


def test_marks_are_erased_with_their_case(engine: Engine, case: Case, county_actor: Actor, now: datetime) -> None:
    later = now + timedelta(days=365 * 4)
    with unit_of_work(engine, county_actor, now) as connection:
        other = open_case(connection, "另一测试案件", "incident", county_actor, now)
        for each in (case, other):
            add_mark(connection, each.id, PICTURE, note(0), county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "x", county_actor, now)
    with unit_of_work(engine, county_actor, later) as connection:
        ask_erasure(connection, case.id, CLASSES, "time is over", county_actor, later)
    with unit_of_work(engine, SECOND, later) as connection:
        erase_case(connection, case.id, CLASSES, SECOND, later)
        assert picture_marks(connection, case.id, PICTURE).history == ()
        assert picture_marks(connection, other.id, PICTURE).history != ()
