"""Sharing a case: another unit reads it for a purpose until a day or a withdrawal, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import add_note, case_of, open_case
from fanzha.adapters.store.imports import begin_import, list_imports
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.sharing import LONGEST, NewShare, end_share, share_case, shares_of
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.units import Actor, UnitPath
from tests.adapters.store.evidence import imported, plant
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION

MONTH = timedelta(days=30)


@pytest.fixture
def case(engine: Engine, county_actor: Actor, now: datetime) -> Case:
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        return open_case(connection, "x", "incident", county_actor, now)


def wish(now: datetime, to: UnitPath = OTHER_COUNTY, until: timedelta = MONTH, purpose: str = "case_work") -> NewShare:
    return NewShare(to_unit=to, purpose=purpose, until=now + until, reason="the money went there")


def test_the_other_unit_reads_until_the_day_and_changes_nothing(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        share_case(connection, case.id, wish(now), county_actor, now)
        (given,) = shares_of(connection, case.id, now)
        assert (given.to_unit, given.purpose, given.until) == (OTHER_COUNTY, "case_work", now + MONTH)
        told = entries_of(connection, "case", str(case.id), 1)[0].act
        assert (told.action, told.detail) == ("case.shared", {"value": OTHER_COUNTY})
    with unit_of_work(engine, other_actor, now) as connection:
        assert case_of(connection, case.id) == case
        assert [each.id for each in list_imports(connection, case.id)] == [done.id]
        with pytest.raises(Forbidden, match="only_shared"):
            add_note(connection, case.id, "x", other_actor, now)
        with pytest.raises(Forbidden, match="only_shared"):
            begin_import(connection, keys, case.id, other_actor, now)
        with pytest.raises(NotFound):
            share_case(connection, case.id, wish(now, STATION), other_actor, now)
    late = now + MONTH
    with unit_of_work(engine, other_actor, late) as connection, pytest.raises(NotFound):
        case_of(connection, case.id)
    with unit_of_work(engine, county_actor, late) as connection:
        assert shares_of(connection, case.id, late) == []


def test_withdrawn_is_withdrawn_and_can_be_given_again(
    engine: Engine, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        share_case(connection, case.id, wish(now), county_actor, now)
        with pytest.raises(Conflict, match="shared_already"):
            share_case(connection, case.id, wish(now), county_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        end_share(connection, case.id, OTHER_COUNTY, "no need any more", county_actor, now)
        assert shares_of(connection, case.id, now) == []
        with pytest.raises(NotFound, match="not_shared"):
            end_share(connection, case.id, OTHER_COUNTY, "again", county_actor, now)
        assert entries_of(connection, "case", str(case.id), 1)[0].act.action == "case.unshared"
    with unit_of_work(engine, other_actor, now) as connection, pytest.raises(NotFound):
        case_of(connection, case.id)
    with unit_of_work(engine, county_actor, now) as connection:
        share_case(connection, case.id, wish(now), county_actor, now)


def test_a_share_that_makes_no_sense_is_refused(engine: Engine, case: Case, county_actor: Actor, now: datetime) -> None:
    wishes: list[tuple[NewShare, type[FanzhaError], str]] = [
        (wish(now, UnitPath("linan.nowhere")), NotFound, "no_such_unit"),
        (wish(now, COUNTY), Illegal, "share_needless"),
        (wish(now, CITY), Illegal, "share_needless"),
        (wish(now, until=timedelta(0)), Invalid, "share_until"),
        (wish(now, until=LONGEST + timedelta(seconds=1)), Invalid, "share_until"),
        (wish(now, purpose="curiosity"), Invalid, "bad_purpose"),
        (replace(wish(now), reason=" "), Invalid, "empty_text"),
    ]
    for new, kind, code in wishes:
        with unit_of_work(engine, county_actor, now) as connection, pytest.raises(kind, match=code):
            share_case(connection, case.id, new, county_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        assert shares_of(connection, case.id, now) == []
